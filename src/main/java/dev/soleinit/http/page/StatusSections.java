package dev.soleinit.http.page;

import dev.soleinit.process.text.TimeSpan;
import java.util.List;
import java.util.Map;

/** The parts of the page that show the status. */
final class StatusSections {
    private final Html html;
    private final Map<String, Object> status;

    StatusSections(Html html, Map<String, Object> status) {
        this.html = html;
        this.status = status;
    }

    void overview() {
        html.raw("<section id=\"overview\" data-part aria-labelledby=\"o\"><h2 id=\"o\">Daemon</h2><dl>")
                .entry("command", String.join(" ", strings(status.get("command"))))
                .entry("pid", status.get("pid"))
                .entry("uptime", TimeSpan.ofMillis(status.get("uptimeMs")))
                .entry("says", status.get("statusText"))
                .entry("held", map(status.get("hold")).get("reason"));
        if (status.get("nextAttemptInMs") != null) {
            html.entry("failed", status.get("failures") + " in a row: " + status.get("backoffReason"))
                    .entry("next try", "in " + TimeSpan.ofMillis(status.get("nextAttemptInMs")));
        }
        html.entry("orphans reaped", status.get("orphansReaped"))
                .entry("supervisor", "pid " + map(status.get("supervisor")).get("pid") + ", instance "
                        + status.get("instance") + ", soleinit " + status.get("version"))
                .raw("</dl>");
        List<String> warnings = strings(status.get("warnings"));
        if (!warnings.isEmpty()) {
            html.raw("<h3>Warnings</h3><ul>");
            warnings.forEach(warning -> html.element("li", warning));
            html.raw("</ul>");
        }
        html.raw("</section>");
    }

    void work() {
        Map<?, ?> work = map(status.get("work"));
        html.raw("<section id=\"work\" data-part aria-labelledby=\"w\"><h2 id=\"w\">Work in flight</h2>")
                .element("p", String.valueOf(work.get("summary")));
        List<?> blockers = list(work.get("blockers"));
        if (!blockers.isEmpty()) {
            html.raw("<table><caption>What a safe restart waits for</caption><thead>")
                    .row("th", "kind", "id", "what").raw("</thead><tbody>");
            for (Object one : blockers) {
                Map<?, ?> blocker = map(one);
                html.row("td", text(blocker.get("kind")), text(blocker.get("id")),
                        text(blocker.get("message")));
            }
            html.raw("</tbody></table>");
        }
        restarts();
        html.raw("</section>");
    }

    private void restarts() {
        List<?> waiting = list(status.get("restarts"));
        if (waiting.isEmpty()) {
            return;
        }
        html.raw("<h3>Restarts that wait</h3><ul>");
        for (Object one : waiting) {
            Map<?, ?> wish = map(one);
            html.element("li", wish.get("mode") + " restart " + wish.get("id") + ", asked for by "
                    + wish.get("caller") + (wish.get("givesUpInMs") == null ? ""
                            : ", gives up in " + TimeSpan.ofMillis(wish.get("givesUpInMs"))));
        }
        html.raw("</ul>");
    }

    void ends() {
        html.raw("<section id=\"ends\" data-part aria-labelledby=\"e\"><h2 id=\"e\">Last ends</h2>");
        List<?> ends = list(status.get("exits"));
        if (ends.isEmpty()) {
            html.element("p", "The daemon has not ended in this life of the supervisor.");
        } else {
            html.raw("<table><thead>").row("th", "generation", "after", "how", "cause")
                    .raw("</thead><tbody>");
            for (Object one : ends) {
                Map<?, ?> end = map(one);
                Object role = end.get("role");
                html.row("td", text(end.get("generation")) + (role == null ? "" : " (" + role + ")"),
                        TimeSpan.ofMillis(end.get("uptimeMs")),
                        text(end.get("words")), text(end.get("cause")));
            }
            html.raw("</tbody></table>");
        }
        html.raw("</section>");
    }

    private static Map<?, ?> map(Object value) {
        return value instanceof Map<?, ?> map ? map : Map.of();
    }

    private static List<?> list(Object value) {
        return value instanceof List<?> list ? list : List.of();
    }

    private static List<String> strings(Object value) {
        return list(value).stream().map(String::valueOf).toList();
    }

    private static String text(Object value) {
        return value == null ? "" : value.toString();
    }
}
