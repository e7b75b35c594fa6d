package dev.soleinit.http.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.soleinit.docs.Page;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Each metric of the code is on its page, and in some test of a real supervisor; and the page has no others. */
class EveryMetricTest {
    private static final Pattern NAME = Pattern.compile("\\b((?:soleinit|process)_[a-z_]*[a-z])\\b");
    private static final Pattern MADE =
            Pattern.compile("(?:gauge|counter|byKind|Family|Histogram|Counter)\\(\\s*\"((?:soleinit|process)_[a-z_]+)\"");

    private static Set<String> found(Pattern pattern, String text) {
        Set<String> names = new TreeSet<>();
        pattern.matcher(text).results().forEach(match -> names.add(match.group(1)
                .replaceFirst("_(total|count|sum|bucket)$", "")));
        return names;
    }

    private static Set<String> found(Pattern pattern, Path... roots) throws IOException {
        Set<String> names = new TreeSet<>();
        for (Path root : roots) {
            try (Stream<Path> files = Files.walk(root)) {
                for (Path file : files.filter(one -> one.toString().matches(".*\\.(java|sh)")).toList()) {
                    names.addAll(found(pattern, Files.readString(file)));
                }
            }
        }
        return names;
    }

    private static Set<String> made() throws IOException {
        return found(MADE, Path.of("src/main/java"));
    }

    @Test
    void thePageHasTheMetricsOfTheCodeAndNoOthers() throws IOException {
        assertEquals(made(), found(NAME, String.join("\n", Page.of(Path.of("docs/http.md")).lines())));
    }

    @Test
    void eachIsSeenToFollowWhatItCounts() throws IOException {
        Set<String> missing = made();
        missing.removeAll(found(NAME, Path.of("src/test/java/dev/soleinit/pidns"), Path.of("smoke-tests")));
        assertEquals(Set.of(), missing);
    }
}
