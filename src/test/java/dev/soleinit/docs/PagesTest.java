package dev.soleinit.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The pages can be read from one to the next, and none of their examples goes without a test. */
class PagesTest {
    private static final int README_LINES = 150;
    private static final Set<String> LANGUAGES = Set.of("sh", "console", "text", "json", "java", "c",
            "python", "dockerfile", "xml");

    @Test
    void everyLinkLeadsSomewhere() throws IOException {
        List<String> broken = new ArrayList<>();
        List<Page> pages = Stream.of(Page.all(), Page.besideParts()).flatMap(List::stream).toList();
        for (Page page : pages) {
            for (String link : page.links()) {
                page.broken(link).ifPresent(broken::add);
            }
        }
        assertEquals(List.of(), broken);
    }

    @Test
    void everyPageIsLinkedFromTheReadmeOrFromOneThatIs() throws IOException {
        List<Path> known = new ArrayList<>(List.of(Path.of("README.md")));
        for (int i = 0; i < known.size(); i++) {
            Page page = Page.of(known.get(i));
            Path folder = known.get(i).getParent() == null ? Path.of("") : known.get(i).getParent();
            for (String link : page.links()) {
                Path target = folder.resolve(link.replaceFirst("#.*", "")).normalize();
                if (target.toString().endsWith(".md") && !link.contains(":") && !known.contains(target)) {
                    known.add(target);
                }
            }
        }
        assertEquals(List.of(), Page.all().stream().map(Page::path).filter(path ->
                !path.startsWith(".github") && !known.contains(path)).toList(), "nobody finds these");
    }

    @Test
    void theReadmeIsShort() throws IOException {
        int lines = Page.of(Path.of("README.md")).lines().size();
        assertTrue(lines <= README_LINES, lines + " lines: move some to docs/");
    }

    @Test
    void everyExampleIsRunOrSaysWhyNot() throws IOException {
        List<String> wrong = new ArrayList<>();
        for (Page page : Page.all()) {
            wrong.addAll(examples(page));
        }
        assertEquals(List.of(), wrong);
    }

    /** What of a page's examples breaks the convention of CONTRIBUTING.md. */
    private static List<String> examples(Page page) throws IOException {
        List<String> wrong = new ArrayList<>();
        for (String line : page.prose()) {
            if (line.matches(" {4}\\S.*") && !line.matches(" {4,}[-*|\\d].*")) {
                wrong.add(page.path() + ": a block without a fence: " + line.strip());
            }
        }
        for (Page.Block block : page.blocks()) {
            String where = page.path() + ":" + block.line() + ": ";
            if (!LANGUAGES.contains(block.language())) {
                wrong.add(where + "name its language, one of " + LANGUAGES);
            }
            if (block.mark().equals("run by")) {
                notThere(block).forEach(line -> wrong.add(where + block.value() + " has no: " + line));
            }
            if (block.language().equals("console") && !page.path().endsWith("README.md")) {
                wrong.add(where + "only README.md's are run in the image: make it sh");
            }
            boolean shown = !page.path().startsWith("docs") && !page.path().endsWith("README.md");
            if (shown && block.language().equals("sh") && block.mark().isEmpty()) {
                wrong.add(where + "only README.md and docs/ are run: say <!-- not run: why -->");
            }
        }
        return wrong;
    }

    /** The commands of a block that the file, which is said to run it, does not have. */
    private static List<String> notThere(Page.Block block) throws IOException {
        Path file = Path.of(block.value());
        String text = Files.exists(file) ? Files.readString(file) : "";
        return block.text().stream().map(line -> line.replaceFirst("\\s+# .*", "").strip())
                .filter(line -> !line.isEmpty() && !text.contains(line)).toList();
    }

    /** Who renames a class or moves a file finds the pages that name it. */
    @Test
    void theNamesOfTheCodeExist() throws IOException {
        List<String> wrong = new ArrayList<>();
        for (Page page : Page.all()) {
            boolean ofTheCode = page.path().startsWith("docs/decisions")
                    || List.of("docs/architecture.md", "CONTRIBUTING.md").contains(page.path().toString());
            for (String name : page.names()) {
                if (name.matches("(src|docker|bench|smoke-tests|\\.github|\\.ci)/[^ ]*")
                        ? !Files.exists(Path.of(name)) : ofTheCode && isMissingClass(name)) {
                    wrong.add(page.path() + ": " + name);
                }
            }
        }
        assertEquals(List.of(), wrong);
    }

    private static boolean isMissingClass(String name) throws IOException {
        if (!name.matches("[A-Z][A-Za-z]*[a-z][A-Za-z]*(\\.[A-Z][A-Za-z]*)?")) {
            return false;
        }
        String file = name.replaceFirst("\\..*", "") + ".java";
        try (Stream<Path> sources = Files.walk(Path.of("src"))) {
            return sources.noneMatch(source -> source.endsWith(file));
        }
    }

    @Test
    void theRulesCatchWhatTheyForbid() throws IOException {
        Page page = new Page(Path.of("CONTRIBUTING.md"), List.of("# A page", "", "    ls", "",
                "<!-- run by: smoke-tests/run -->", "```sh", "rm -rf everything", "```", "", "```sh",
                "true", "```", "```", "```", "[a](#a-page) [b](#b) [c](docs/nothing.md)"));
        assertEquals(4, examples(page).size(), examples(page).toString());
        assertEquals(List.of(false, true, true), List.of(page.broken("README.md").isPresent(),
                page.broken("README.md#nowhere").isPresent(), page.broken("docs/nothing.md").isPresent()));
        assertEquals(List.of("#a-page", "#b", "docs/nothing.md"), page.links());
        assertEquals(Set.of("a-page"), page.anchors());
        assertEquals(List.of(false, true, false), List.of(isMissingClass("PagesTest"),
                isMissingClass("NoSuchClass.Inner"), isMissingClass("UP")));
    }
}
