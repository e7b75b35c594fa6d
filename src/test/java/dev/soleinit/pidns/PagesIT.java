package dev.soleinit.pidns;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.soleinit.RequiredTier;
import dev.soleinit.docs.Page;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The examples of README.md and docs/ do what the pages say. All commands of a page are one session in a
 * folder of its own; what a block shows after another is what that prints, where {@code …} stands for
 * anything; a block with the mark {@code file} is that file.
 */
@ExtendWith(RequiredTier.PidNamespace.class)
class PagesIT {
    private static final Path SESSION = Path.of("src/test/resources/pages/session").toAbsolutePath();

    @TempDir
    Path dir;

    static Stream<Path> pages() throws IOException {
        return Page.all().stream().filter(page -> page.blocks().stream().anyMatch(PagesIT::isRun))
                .map(Page::path);
    }

    private static boolean isRun(Page.Block block) {
        return block.language().equals("sh") && block.mark().isEmpty();
    }

    @ParameterizedTest
    @MethodSource("pages")
    void theExamplesOfAPageDoWhatItSays(Path path) throws IOException {
        assertEquals("", run(Page.of(path)));
    }

    /** Runs all examples of a page; returns the first that does not do what it says, or nothing. */
    private String run(Page page) throws IOException {
        Path blocks = Files.createDirectories(dir.resolve("blocks"));
        Path here = Files.createDirectories(dir.resolve("here"));
        library(here);
        List<Page.Block> run = new ArrayList<>();
        for (Page.Block block : page.blocks()) {
            if (block.mark().equals("file")) {
                Files.write(here.resolve(block.value()), block.text());
            } else if (isRun(block)) {
                run.add(block);
                Files.write(blocks.resolve(run.size() + ".sh"), block.text());
            }
        }
        PidNamespace.Finished session = PidNamespace.command(java.util.Map.of(), "unshare", "--pid", "--fork",
                "--mount-proc", "--kill-child", "--mount", "--net", SESSION.toString(),
                PidNamespace.HOME.toString(), System.getProperty("java.home"), dir.toString());
        for (int i = 0; i < run.size(); i++) {
            Path printed = blocks.resolve(i + 1 + ".out");
            boolean last = !Files.exists(blocks.resolve(i + 2 + ".out"));
            String where = page.path() + ":" + run.get(i).line() + ": ";
            if (last && session.code() != 0) {
                return where + "it ended with " + session.code() + "\n" + session.output()
                        + (Files.exists(printed) ? Files.readString(printed) : "");
            }
            String wanted = answer(page, run.get(i));
            String output = Files.readString(printed);
            if (!wanted.isEmpty() && !matches(wanted, output)) {
                return where + "it prints\n" + output;
            }
        }
        return "";
    }

    /** The folder {@code lib} that docs/lifecycle-library.md has from Maven. */
    private static void library(Path here) throws IOException {
        Path lib = Files.createDirectories(here.resolve("lib"));
        try (Stream<Path> jars = Files.list(PidNamespace.NODE.resolve("lib"))) {
            for (Path jar : jars.filter(one -> one.getFileName().toString()
                    .matches("(soleinit-lifecycle|slf4j-api)-.*")).toList()) {
                Files.copy(jar, lib.resolve(jar.getFileName()), StandardCopyOption.REPLACE_EXISTING);
            }
        }
    }

    /** What the page says that a block prints; empty if it says nothing. */
    private static String answer(Page page, Page.Block block) {
        List<Page.Block> all = page.blocks();
        int next = all.indexOf(block) + 1;
        return next < all.size() && all.get(next).answers() && all.get(next).mark().isEmpty()
                && List.of("text", "json").contains(all.get(next).language())
                ? String.join("\n", all.get(next).text()) + "\n" : "";
    }

    private static boolean matches(String wanted, String output) {
        return output.matches(Stream.of(wanted.split("…", -1)).map(Pattern::quote)
                .collect(Collectors.joining("(?s:.*?)")));
    }

    @Test
    void anExampleThatDoesSomethingElseFails() throws IOException {
        List<String> page = new ArrayList<>(List.of("```sh", "echo $((1 + 1)) is two", "```", "", "```text",
                "… is two", "```", "<!-- file: word -->", "```text", "hello", "```", "", "```sh", "cat word",
                "```", "", "```text", "hello", "```"));
        assertEquals("", run(new Page(Path.of("a.md"), page)));
        page.set(5, "… is three");
        assertTrue(run(new Page(Path.of("a.md"), page)).startsWith("a.md:1: it prints\n2 is two"));
        page.set(13, "cat nothing");
        page.set(5, "2 is …");
        assertTrue(run(new Page(Path.of("a.md"), page)).startsWith("a.md:13: it ended with 1\n"));
        assertFalse(Files.exists(Path.of("/run/daemon/nothing")), "what is mounted is the session's");
    }
}
