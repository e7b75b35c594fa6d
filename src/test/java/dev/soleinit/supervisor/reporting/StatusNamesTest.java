package dev.soleinit.supervisor.reporting;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.soleinit.docs.Page;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * The names of {@code status --json} are public: those that the code writes are those of docs/cli.md.
 * Which of them are always there is shown by the example on that page.
 */
class StatusNamesTest {
    private static final Path SUPERVISOR = Path.of("src/main/java/dev/soleinit/supervisor");
    private static final Pattern WRITTEN = Pattern.compile("(?:put|Map\\.of)\\(\"(\\w+)\"");
    private static final Pattern TEXT = Pattern.compile("\"([a-z]+)\"");
    private static final Pattern STATE = Pattern.compile("\"([a-z-]+)\"");
    private static final Pattern SHOWN = Pattern.compile("`([a-zA-Z]+)`");
    private static final String HEADING = "## The object of `status --json`";

    private static Set<String> found(Pattern pattern, String text) {
        Set<String> names = new TreeSet<>();
        pattern.matcher(text).results().forEach(match -> {
            for (int i = 1; i <= match.groupCount(); i++) {
                if (match.group(i) != null) {
                    names.add(match.group(i));
                }
            }
        });
        return names;
    }

    private static String source(String file) throws IOException {
        return Files.readString(SUPERVISOR.resolve(file));
    }

    /** A method, from its first line to the brace that closes it. */
    private static String method(String file, String head) throws IOException {
        String source = source(file);
        int begin = source.indexOf(head);
        return source.substring(begin, source.indexOf("\n    }\n", begin));
    }

    private static Set<String> written() throws IOException {
        return found(WRITTEN, source("reporting/StatusReport.java")
                + method("reporting/StateNames.java", "> end(ExitRecord")
                + method("daemon/ConfigFileMonitor.java", "void describe(")
                + method("daemon/LastGoodFile.java", "void describe(")
                + method("requests/PreflightService.java", "> fields(Preflight")
                + method("requests/RequestPayloads.java", "> waiting("));
    }

    private static Set<String> shown() throws IOException {
        List<String> lines = Page.of(Path.of("docs/cli.md")).lines();
        List<String> rest = lines.subList(lines.indexOf(HEADING) + 1, lines.size());
        int end = 0;
        while (!rest.get(end).startsWith("## ")) {
            end++;
        }
        Set<String> shown = found(SHOWN, String.join("\n", rest.subList(0, end)));
        rest.subList(0, end).stream().filter(line -> line.startsWith("schema version "))
                .forEach(line -> shown.addAll(Arrays.asList(line.split(" "))));
        return shown;
    }

    /** Each word for a state, in the code, in the metrics that have a sample for each, and on the page. */
    @Test
    void codeMetricsAndPageKnowTheSameStates() throws IOException {
        Set<String> states = found(STATE, method("reporting/StateNames.java", "String state(Phase"));
        String metrics = Files.readString(Path.of("src/main/java/dev/soleinit/http/metrics/StatusMetrics.java"));
        int begin = metrics.indexOf("STATES = List.of(");
        assertEquals(states, found(STATE, metrics.substring(begin, metrics.indexOf(");", begin))));
        String row = Page.of(Path.of("docs/cli.md")).lines().stream()
                .filter(line -> line.startsWith("| `state` |")).findFirst().orElseThrow();
        assertEquals(states, found(Pattern.compile("`([a-z-]+)`"), row.substring("| `state` |".length())));
    }

    @Test
    void thePageHasTheNamesOfTheCodeAndNoOthers() throws IOException {
        Set<String> shown = shown();
        shown.removeAll(words());
        shown.add("ready");
        assertEquals(written(), shown);
    }

    /** What stands for a state or a goal, not for a field; {@code ready} is both. */
    private static Set<String> words() throws IOException {
        return found(TEXT, method("reporting/StateNames.java", "String state(Phase")
                + method("reporting/StateNames.java", "String role(")
                + method("reporting/StateNames.java", "String goal("));
    }
}
