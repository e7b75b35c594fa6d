package dev.soleinit.docs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * One Markdown page: its blocks, headings and links.
 *
 * @param path  as in the checkout
 * @param lines its text
 */
public record Page(Path path, List<String> lines) {
    private static final Pattern FENCE = Pattern.compile("```([a-z]*)");
    private static final Pattern MARK = Pattern.compile("<!-- (file|run by|not run): (.+) -->");
    private static final Pattern NAME = Pattern.compile("`([^`\n]+)`");
    private static final Pattern LINK = Pattern.compile("(?<!`)!?\\[[^\\]]*\\]\\(([^)\\s]+)\\)");

    /**
     * A fenced block.
     *
     * @param language what stands behind its fence
     * @param line     where its fence is, from 1
     * @param mark     {@code file}, {@code run by} or {@code not run}, from the line before it; or empty
     * @param value    what the mark says
     * @param answers  whether it directly follows another block, so that it shows what that prints
     */
    public record Block(String language, int line, String mark, String value, List<String> text,
            boolean answers) {}

    /** Every page of the checkout that is for people. */
    public static List<Page> all() throws IOException {
        List<Page> pages = new ArrayList<>();
        try (Stream<Path> root = Files.list(Path.of("")); Stream<Path> docs = Files.walk(Path.of("docs"));
                Stream<Path> github = Files.walk(Path.of(".github"))) {
            for (Path path : Stream.of(root, docs, github).flatMap(one -> one)
                    .filter(one -> one.toString().endsWith(".md")).sorted().toList()) {
                pages.add(of(path));
            }
        }
        return pages;
    }

    /** The pages beside parts of the checkout: what they link to is there, too. */
    public static List<Page> besideParts() throws IOException {
        List<Page> pages = new ArrayList<>();
        for (String part : List.of("bench", "chaos", "clients", "examples")) {
            try (Stream<Path> all = Files.walk(Path.of(part))) {
                for (Path path : all.filter(Page::isOurs).sorted().toList()) {
                    pages.add(of(path));
                }
            }
        }
        return pages;
    }

    private static boolean isOurs(Path path) {
        return path.toString().endsWith(".md") && !path.toString().contains("/target/");
    }

    public static Page of(Path path) throws IOException {
        return new Page(path, Files.readAllLines(path));
    }

    /** Its fenced blocks, in order. */
    public List<Block> blocks() {
        List<Block> blocks = new ArrayList<>();
        int end = -1;
        for (int i = 0; i < lines.size(); i++) {
            Matcher fence = FENCE.matcher(lines.get(i));
            if (!fence.matches()) {
                continue;
            }
            int close = i + 1;
            while (!lines.get(close).equals("```")) {
                close++;
            }
            Matcher mark = MARK.matcher(i == 0 ? "" : lines.get(i - 1));
            boolean marked = mark.matches();
            boolean answers = end >= 0 && lines.subList(end, i).stream().allMatch(String::isBlank);
            blocks.add(new Block(fence.group(1), i + 1, marked ? mark.group(1) : "",
                    marked ? mark.group(2) : "", List.copyOf(lines.subList(i + 1, close)), answers));
            end = close + 1;
            i = close;
        }
        return blocks;
    }

    /** Its lines without those of blocks. */
    public List<String> prose() {
        List<String> prose = new ArrayList<>();
        boolean inside = false;
        for (String line : lines) {
            boolean fence = line.startsWith("```");
            if (!inside && !fence) {
                prose.add(line);
            }
            inside ^= fence;
        }
        return prose;
    }

    /** Where its links lead, as they are written. */
    public List<String> links() {
        List<String> links = new ArrayList<>();
        for (String line : prose()) {
            Matcher link = LINK.matcher(line);
            while (link.find()) {
                links.add(link.group(1));
            }
        }
        return links;
    }

    /** What stands in the letters of a program within its sentences. */
    public List<String> names() {
        List<String> names = new ArrayList<>();
        Matcher name = NAME.matcher(String.join("\n", prose()));
        while (name.find()) {
            names.add(name.group(1));
        }
        return names;
    }

    /** What can be linked to: its headings, as GitHub names them. */
    public Set<String> anchors() {
        Set<String> anchors = new HashSet<>();
        prose().stream().filter(line -> line.matches("#{1,6} .*")).map(Page::anchor)
                .forEach(anchors::add);
        return anchors;
    }

    private static String anchor(String heading) {
        return heading.replaceFirst("#+ ", "").toLowerCase(Locale.ROOT)
                .replaceAll("[^\\p{L}\\p{N} _-]", "").replace(' ', '-');
    }

    /** What is wrong with a link of this page; empty if it resolves, or leads to another site. */
    public Optional<String> broken(String link) throws IOException {
        if (link.matches("[a-z]+:.*")) {
            return Optional.empty();
        }
        String file = link.replaceFirst("#.*", "");
        Path folder = path.getParent() == null ? Path.of("") : path.getParent();
        Path target = file.isEmpty() ? path : folder.resolve(file).normalize();
        if (!Files.exists(target)) {
            return Optional.of(path + ": " + link + " leads to no file");
        }
        String anchor = link.contains("#") ? link.replaceFirst("[^#]*#", "") : "";
        boolean known = anchor.isEmpty() || target.toString().endsWith(".md")
                && of(target).anchors().contains(anchor);
        return known ? Optional.empty() : Optional.of(path + ": " + link + " names no heading");
    }
}
