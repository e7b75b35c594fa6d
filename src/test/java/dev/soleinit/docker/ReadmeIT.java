package dev.soleinit.docker;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.soleinit.docs.Page;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.testcontainers.containers.Container.ExecResult;

/** The image answers README.md's {@code docker exec node …} as the page shows. */
class ReadmeIT extends ImageSupport {
    private static final String EXEC = "$ docker exec node ";

    @Test
    void theImageAnswersAsTheReadmeShows() throws IOException {
        List<Page.Block> shown = Page.of(Path.of("README.md")).blocks().stream()
                .filter(block -> block.language().equals("console")).toList();
        assertTrue(!shown.isEmpty(), "README.md shows commands");
        try (NodeContainer node = run()) {
            node.waitForState("ready");
            for (Page.Block block : shown) {
                for (String part : String.join("\n", block.text())
                        .split("(?m)^" + Pattern.quote(EXEC))) {
                    check(node, part);
                }
            }
        }
    }

    private static void check(NodeContainer node, String part) {
        if (part.isEmpty()) {
            return;
        }
        String[] halves = part.split("\n", 2);
        ExecResult result = node.exec("sh", "-c", halves[0]);
        String wanted = Stream.of(halves[1].strip().split("…", -1)).map(Pattern::quote)
                .collect(Collectors.joining("(?s:.*?)"));
        String printed = (result.getStdout() + result.getStderr()).strip();
        assertTrue(printed.matches(wanted), "docker exec node " + halves[0] + " prints\n" + printed);
    }
}
