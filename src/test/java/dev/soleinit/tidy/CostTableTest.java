package dev.soleinit.tidy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The README's table of costs is what was measured, and whole. */
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
            assertEquals(9, row.size(), row.toString());
        }
        rows.stream().skip(2).forEach(row -> row.stream().skip(1).forEach(cell ->
                assertTrue(cell.matches(NUMBER), "'" + cell + "' in " + row)));
        assertTrue(rows.get(2).stream().noneMatch("–"::equals), "soleinit was measured in all");
    }

    @Test
    void theReadmeShowsTheResultsFile() throws IOException {
        String readme = Files.readString(Path.of("README.md"));
        String shown = readme.substring(readme.indexOf("<!-- bench/run writes this table -->\n") + 37,
                readme.indexOf("<!-- end of the table -->"));
        assertEquals(Files.readString(Path.of("bench/results/table.md")), shown,
                "run bench/run, or bench/table.py");
        check(shown);
    }

    @Test
    void aTableWithAHoleIsNoTable() throws IOException {
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
