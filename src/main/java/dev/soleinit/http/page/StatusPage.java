package dev.soleinit.http.page;

import dev.soleinit.storage.history.Generation;
import dev.soleinit.storage.history.GenerationHistory;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;

/**
 * The whole page as HTML, without anything from elsewhere: readable as it comes, and kept up to date by a
 * short script, which fetches it again when something has happened. Used on the server's thread.
 */
public final class StatusPage {
    private static final int REMEMBERED = 256;
    private static final int SHOWN = 20;

    private final PageContent content;
    private final Deque<String> heard = new ArrayDeque<>();
    private GenerationHistory history;

    public StatusPage(PageContent content) {
        this.content = content;
    }

    /** A line of the journal; what came before is read from its file when the first visitor comes. */
    public void heard(String line) {
        if (history != null) {
            history.add(line);
            return;
        }
        heard.add(line);
        if (heard.size() > REMEMBERED) {
            heard.remove();
        }
    }

    private List<Generation> generations() {
        if (history == null) {
            history = content.stateDir().map(GenerationHistory::load).orElseGet(GenerationHistory::new);
            heard.forEach(history::add);
            heard.clear();
        }
        List<Generation> all = history.newestFirst();
        return all.subList(0, Math.min(SHOWN, all.size()));
    }

    /** For this status; {@code nonce} is what its style and script are known by. */
    public String html(Map<String, Object> status, String nonce) {
        Html html = new Html();
        String state = String.valueOf(status.get("state"));
        html.raw("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
                + "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">")
                .raw("<noscript><meta http-equiv=\"refresh\" content=\"5\"></noscript>")
                .element("title", state + ", generation " + status.get("generation") + " – soleinit")
                .raw("<style nonce=\"" + nonce + "\">" + PageAssets.STYLE + "</style></head><body>")
                .raw("<header><h1>soleinit</h1><p id=\"state\" role=\"status\" data-part>")
                .raw("<strong class=\"" + (Boolean.TRUE.equals(status.get("ready")) ? "ok" : "bad")
                        + "\">").text(state).raw("</strong> ")
                .text("generation " + status.get("generation")).raw("</p>")
                .raw("<p id=\"live\" hidden></p></header><main>");
        StatusSections sections = new StatusSections(html, status);
        sections.overview();
        sections.work();
        new TimelineSection(html, generations(), Instant.now()).write();
        sections.ends();
        settings(html);
        return html.raw("</main><script nonce=\"" + nonce + "\">" + PageAssets.SCRIPT
                + "</script></body></html>\n").toString();
    }

    private void settings(Html html) {
        html.raw("<section aria-labelledby=\"s\"><h2 id=\"s\">Settings</h2><details><summary>");
        long given = content.settings().stream().filter(row -> !row.origin().equals("default")).count();
        html.text(given + " given, " + (content.settings().size() - given) + " by default")
                .raw("</summary><div class=\"wide\" tabindex=\"0\" role=\"region\" "
                        + "aria-labelledby=\"s\">")
                .raw("<table><thead>").row("th", "setting", "value", "origin").raw("</thead><tbody>");
        for (PageContent.Row row : content.settings()) {
            html.row("td", row.name(), row.value(), row.origin());
        }
        html.raw("</tbody></table></div></details></section>");
    }
}
