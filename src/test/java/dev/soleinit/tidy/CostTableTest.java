package dev.soleinit.tidy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The tables of docs/benchmarks.md are what was measured, and whole. */
class CostTableTest {
    private static final String NUMBER = "(> )?[0-9]+(\\.[0-9]+)?( s)?|–";

    private static List<List<String>> rows(String table) {
        return table.lines().map(line -> Arrays.stream(line.substring(1, line.length() - 1)
                .split("\\|")).map(String::strip).toList()).toList();
    }

    private static void check(String table) {
        List<List<String>> rows = rows(table);
        assertEquals(List.of("soleinit", "tini", "s6", "runit", "supervisord"),
                rows.stream().skip(2).map(List::getFirst).toList());
        for (List<String> row : rows) {
            assertEquals(12, row.size(), row.toString());
        }
        rows.stream().skip(2).forEach(row -> row.stream().skip(1).forEach(cell ->
                assertTrue(cell.matches(NUMBER), "'" + cell + "' in " + row)));
        assertTrue(rows.get(2).stream().noneMatch("–"::equals), "soleinit was measured in all");
    }

    private static String shown(String writer) throws IOException {
        String begin = "<!-- bench/" + writer + " writes this table -->\n";
        String page = Files.readString(Path.of("docs/benchmarks.md"));
        int from = page.indexOf(begin) + begin.length();
        return page.substring(from, page.indexOf("<!-- end of the table -->", from));
    }

    @Test
    void thePageShowsTheResultsFile() throws IOException {
        assertEquals(Files.readString(Path.of("bench/results/table.md")), shown("run"),
                "run bench/run, or bench/table.py and bench/put");
        check(shown("run"));
    }

    @Test
    void thePageShowsTheSizes() throws IOException {
        assertEquals(Files.readString(Path.of("bench/results/sizes.md")), shown("sizes"),
                "run bench/sizes, or bench/put");
        List<List<String>> rows = rows(shown("sizes"));
        assertEquals(List.of("soleinit", "tini", "s6", "runit", "supervisor"),
                rows.stream().skip(2).map(List::getFirst).toList());
        rows.stream().skip(2).forEach(row -> assertTrue(row.get(2).matches("[0-9]+\\.[0-9]{2}"),
                row.toString()));
    }

    /** README says the same in a sentence, rounded. */
    @Test
    void theReadmeSaysWhatTheTablesSay() throws IOException {
        List<List<String>> costs = rows(Files.readString(Path.of("bench/results/table.md")));
        List<List<String>> sizes = rows(Files.readString(Path.of("bench/results/sizes.md")));
        String readme = Files.readString(Path.of("README.md")).replace("\n", " ");
        for (String said : List.of("a JVM: " + rounded(costs.get(2).get(2)) + " MB of memory",
                "where tini takes " + costs.get(3).get(2) + " MB",
                "runtime, " + rounded(costs.get(6).get(2)) + " MB and",
                "It adds " + rounded(sizes.get(2).get(2)) + " MB to an image")) {
            assertTrue(readme.contains(said), said);
        }
        double start = Double.parseDouble(costs.get(2).get(1));
        assertTrue(start > 50 && start < 150, "a tenth of a second at the start: " + start);
    }

    private static long rounded(String number) {
        return Math.round(Double.parseDouble(number));
    }

    @Test
    void incompleteTableIsRejected() throws IOException {
        String table = Files.readString(Path.of("bench/results/table.md"));
        for (String broken : List.of(table.replaceFirst("\\| tini .*\n", ""),
                table.replaceFirst("\\| soleinit \\| [0-9.]+", "| soleinit | –"),
                table.replaceFirst("\\| tini \\| [0-9.]+ ", "| tini | fast "))) {
            boolean refused = false;
            try {
                check(broken);
            } catch (AssertionError expected) {
                refused = true;
            }
            assertTrue(refused, broken);
        }
    }
}
