package dev.soleinit.http;

import dev.soleinit.http.Published.Readiness;
import dev.soleinit.http.Published.Snapshot;
import dev.soleinit.http.metrics.MetricFamily.Sample;
import dev.soleinit.http.metrics.MetricFamily;
import dev.soleinit.http.metrics.MetricsText;
import dev.soleinit.http.metrics.ProcessUsage;
import dev.soleinit.http.metrics.StatusMetrics;
import dev.soleinit.http.page.PageContent;
import dev.soleinit.http.page.StatusPage;
import dev.soleinit.json.Json;
import dev.soleinit.storage.files.RandomName;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Which path gives what. An answer for which the loop has to turn first is null, and asked for again
 * when it may have; a loop that does not turn in time is an answer, too. Used on the server's thread.
 */
final class Endpoints {
    /** A turn is proof of a loop that turns for so long. */
    private static final long TURN_NANOS = 100_000_000L;
    /** That the daemon is ready is taken from what was published, while the loop is known to turn. */
    private static final long READY_NANOS = 1_000_000_000L;
    /** So old may be what is shown: clients in any number cost the loop four a second. */
    private static final long SNAPSHOT_NANOS = 250_000_000L;
    private static final String FALLEN_BACK =
            "fallback: the supervisor's own code has failed; it goes on as a plain init";
    private static final String NO_TURN = "the supervisor's loop does not turn";

    private final Published published;
    private final StatusPage page;
    private final ProcessUsage usage = new ProcessUsage();
    private final StatusMetrics statusMetrics = new StatusMetrics();
    private final Map<Integer, Long> requests = new LinkedHashMap<>();
    private long evicted;
    /** Of which the metrics have become text already, in one of the two forms. */
    private Snapshot textOf;
    private boolean textIsOpen;
    private String text = "";

    Endpoints(Published published, PageContent content) {
        this.published = published;
        this.page = new StatusPage(content);
    }

    /** Null if it takes a turn of the loop. */
    Response answer(RequestHead request, long now) {
        long since = switch (request.path()) {
            case "/livez" -> now - TURN_NANOS;
            case "/readyz" -> now - READY_NANOS;
            default -> now - SNAPSHOT_NANOS;
        };
        return answerSince(request, since, false);
    }

    /**
     * With what is known since then.
     *
     * @param overdue there is no more waiting
     */
    Response answerSince(RequestHead request, long since, boolean overdue) {
        Response response = switch (request.path()) {
            case "/livez" -> live(since, overdue);
            case "/readyz" -> ready(since, overdue);
            case "/startupz" -> published.readiness().everReady() ? Response.text(200, "started")
                    : Response.text(503, "not started: " + published.readiness().state());
            case "/status", "/metrics", "/" -> shown(request, since, overdue);
            default -> Response.text(404, "there is /livez, /readyz, /startupz, /status, /metrics, "
                    + "/events and /");
        };
        return response == null ? null : counted(response);
    }

    Response counted(Response response) {
        Long before = requests.get(response.code());
        requests.put(response.code(), before == null ? 1 : before + 1);
        return response;
    }

    void countEvicted() {
        evicted++;
    }

    private Response live(long since, boolean overdue) {
        if (published.hasFallenBack()) {
            return Response.text(503, FALLEN_BACK);
        }
        if (published.turnedSince(since)) {
            return Response.text(200, "alive");
        }
        return overdue ? Response.text(503, NO_TURN) : null;
    }

    private Response ready(long since, boolean overdue) {
        Readiness now = published.readiness();
        if (published.hasFallenBack()) {
            return Response.text(503, FALLEN_BACK);
        }
        if (!now.ready()) {
            return Response.text(503, "not ready: " + now.state()).with(generation(now));
        }
        if (published.turnedSince(since)) {
            return Response.text(200, "ready").with(generation(now));
        }
        return overdue ? Response.text(503, NO_TURN) : null;
    }

    private static String generation(Readiness now) {
        return "X-Generation: " + now.generation();
    }

    /** The newest, while a newer one is asked for if it is old; null if there has never been one. */
    Snapshot snapshot(long now) {
        return published.snapshotSince(now - SNAPSHOT_NANOS);
    }

    private Response shown(RequestHead request, long since, boolean overdue) {
        Snapshot newest = published.hasFallenBack() ? null : published.snapshotSince(since);
        boolean stale = newest == null || newest.at() - since < 0;
        if (published.hasFallenBack() || newest == null && overdue) {
            return Response.text(503, published.hasFallenBack() ? FALLEN_BACK : NO_TURN);
        }
        if (stale && !overdue) {
            return null;
        }
        Response response = switch (request.path()) {
            case "/status" -> new Response(200, "application/json",
                    (Json.write(newest.status()) + "\n").getBytes(StandardCharsets.UTF_8), "");
            case "/metrics" -> metrics(newest, request.accept());
            default -> page(newest);
        };
        long age = (System.nanoTime() - newest.at()) / 1_000_000_000;
        return stale ? response.with("Age: " + age) : response;
    }

    /** Nothing from elsewhere is run or shown, whatever a daemon puts into its words. */
    private Response page(Snapshot snapshot) {
        String nonce = RandomName.hex();
        return new Response(200, "text/html; charset=utf-8",
                page.html(snapshot.status(), nonce).getBytes(StandardCharsets.UTF_8), "")
                .with("Content-Security-Policy: default-src 'none'; style-src 'nonce-" + nonce
                        + "'; script-src 'nonce-" + nonce + "'; connect-src 'self'; base-uri 'none'; "
                        + "form-action 'none'; frame-ancestors 'none'")
                .with("Referrer-Policy: no-referrer");
    }

    /** A line of the journal has come. */
    void heard(String line) {
        page.heard(line);
    }

    private Response metrics(Snapshot snapshot, String accept) {
        boolean open = accept.contains("application/openmetrics-text");
        if (snapshot != textOf || open != textIsOpen) {
            List<MetricFamily> all = new ArrayList<>(statusMetrics.families(snapshot.status()));
            all.addAll(snapshot.metrics());
            all.addAll(usage.families());
            textOf = snapshot;
            textIsOpen = open;
            text = MetricsText.of(all, open);
        }
        return new Response(200, MetricsText.mediaType(open),
                (text + MetricsText.of(own(snapshot), open) + MetricsText.end(open))
                        .getBytes(StandardCharsets.UTF_8), "Vary: Accept\r\n");
    }

    /** Those that change with each request. */
    private List<MetricFamily> own(Snapshot snapshot) {
        List<Sample> codes = new ArrayList<>();
        for (Map.Entry<Integer, Long> one : requests.entrySet()) {
            codes.add(new Sample("_total", MetricFamily.label("code", "" + one.getKey()),
                    one.getValue()));
        }
        return List.of(new MetricFamily("soleinit_http_requests", MetricFamily.Type.COUNTER,
                        "Requests answered on this address, by status code.", codes),
                MetricFamily.counter("soleinit_http_connections_evicted",
                        "Connections that were closed to make room for others.", evicted),
                MetricFamily.gauge("soleinit_snapshot_age_seconds",
                        "How long ago the supervisor's loop has published these numbers.",
                        Math.max(0, System.nanoTime() - snapshot.at()) / 1e9));
    }
}
