package dev.soleinit.http.page;

import dev.soleinit.storage.history.Generation;
import dev.soleinit.process.text.TimeSpan;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;

/** The generations as a picture to glance at, and as the table that has all of it in words. */
final class TimelineSection {
    private static final int WIDTH = 1_000;
    private static final int HEIGHT = 40;
    private static final int NARROWEST = 2;

    private final Html html;
    private final List<Generation> newestFirst;
    private final Instant now;

    TimelineSection(Html html, List<Generation> newestFirst, Instant now) {
        this.html = html;
        this.newestFirst = newestFirst;
        this.now = now;
    }

    void write() {
        html.raw("<section id=\"timeline\" data-part aria-labelledby=\"t\">"
                + "<h2 id=\"t\">Generations</h2>");
        if (newestFirst.isEmpty()) {
            html.element("p", "There is no journal of them.").raw("</section>");
            return;
        }
        picture();
        html.raw("<table><thead>").row("th", "generation", "since", "ready after", "lived", "downtime",
                "how it ended", "asked for by").raw("</thead><tbody>");
        newestFirst.forEach(this::row);
        html.raw("</tbody></table></section>");
    }

    private void row(Generation one) {
        html.row("td", "" + one.number(), one.seenAt().truncatedTo(ChronoUnit.SECONDS).toString(),
                one.readyAt().map(at -> span(Duration.between(one.seenAt(), at))).orElse("never"),
                span(one.lifetime(now)), one.downtime().map(TimelineSection::span).orElse(""),
                one.endedAt().isEmpty() ? "runs" : one.how() + ", " + one.cause(), one.requested());
    }

    private static String span(Duration span) {
        return TimeSpan.words(span);
    }

    /** To scale; a life too short to be seen is drawn as wide as can be seen. */
    private void picture() {
        Instant begin = newestFirst.getLast().seenAt();
        double scale = WIDTH / (double) Math.max(1, Duration.between(begin, now).toMillis());
        html.raw("<svg viewBox=\"0 0 " + WIDTH + " " + HEIGHT + "\" preserveAspectRatio=\"none\" "
                + "aria-hidden=\"true\">");
        for (Generation one : newestFirst.reversed()) {
            long from = x(begin, one.seenAt(), scale);
            long ready = x(begin, one.readyAt().or(one::endedAt).orElse(now), scale);
            long end = Math.max(x(begin, one.endedAt().orElse(now), scale), from + NARROWEST);
            bar("starting", from, Math.min(ready, end), "");
            bar(one.asked() || one.endedAt().isEmpty() ? "run" : "failed",
                    Math.min(ready, end - NARROWEST), end, "generation " + one.number());
        }
        html.raw("</svg>");
    }

    private long x(Instant begin, Instant at, double scale) {
        return Math.round(Duration.between(begin, at).toMillis() * scale);
    }

    private void bar(String kind, long from, long to, String title) {
        if (to > from) {
            html.raw("<rect class=\"" + kind + "\" x=\"" + from + "\" y=\"0\" width=\"" + (to - from)
                    + "\" height=\"" + HEIGHT + "\">");
            if (!title.isEmpty()) {
                html.element("title", title);
            }
            html.raw("</rect>");
        }
    }
}
