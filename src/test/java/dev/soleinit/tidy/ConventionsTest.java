package dev.soleinit.tidy;

import static java.util.Map.entry;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The rules of the house, as an ordinary test. A violation names what to do instead. */
class ConventionsTest {
    private static final Path MAIN = Path.of("src/main/java/dev/soleinit");
    private static final Path LIFECYCLE = Path.of("lifecycle/src/main/java/dev/soleinit");
    /** Everything that is compiled: the supervisor, the library, what both share, example, starter. */
    private static final List<Path> ROOTS = List.of(MAIN, LIFECYCLE,
            Path.of("lifecycle/src/shared/java/dev/soleinit"),
            Path.of("examples/jetty/src/main/java/dev/soleinit"),
            Path.of("spring-boot-starter/src/main/java/dev/soleinit"));
    private static final Pattern IMPORT = Pattern.compile("^import (?:static )?([\\w.]+);");
    /** Who may know whom; {@code process} and {@code json} may be known by all. */
    private static final Map<String, Set<String>> MAY_USE = Map.ofEntries(
            entry("process", Set.of()), entry("json", Set.of("process")), entry("checksum", Set.of()), entry("watch", Set.of("checksum")),
            entry("statemachine", Set.of("process")), entry("os", Set.of("process")),
            entry("storage", Set.of("process", "json", "checksum")), entry("control", Set.of("process", "json")),
            entry("config", Set.of("process", "json", "statemachine")),
            entry("http", Set.of("process", "json", "storage")),
            entry("supervisor", Set.of("process", "json", "config", "statemachine", "os", "storage", "control",
                    "watch", "http", "checksum")),
            entry("cli", Set.of("process", "json", "config", "os", "storage", "control",
                    "supervisor")),
            entry("lifecycle", Set.of("watch", "checksum")), entry("example", Set.of("lifecycle")),
            entry("spring", Set.of("lifecycle")));
    private static final Map<String, Set<String>> LIBRARIES = Map.of(
            "jnr.", Set.of("os"), "com.kenai.", Set.of("os"),
            "com.fasterxml.", Set.of("json", "example"), "picocli.", Set.of("cli"),
            "org.eclipse.jetty.", Set.of("example", "spring"), "org.springframework.", Set.of("spring"),
            "org.apache.", Set.of("spring"), "jakarta.", Set.of("spring"),
            "java.security.MessageDigest", Set.of("checksum"),
            "org.slf4j.", Set.of("supervisor", "control", "cli", "storage",
                    "lifecycle", "example", "spring"));
    private static final Map<String, String> BANNED = Map.of(
            "ProcessBuilder", "spawn with Kernel: Java's own waits for children that are ours to reap",
            "Runtime.getRuntime().exec", "spawn with Kernel",
            ".onExit(", "reap with Kernel", "sun.misc.Signal", "collect signals with Kernel",
            "currentTimeMillis", "use a monotonic clock: nanoTime");
    /** Rooms within a room, and who else may look into them. */
    private static final Map<String, Set<String>> INNER = Map.ofEntries(
            entry("os.ffi", Set.of("os")), entry("os.spawn", Set.of("os")),
            entry("os.net", Set.of("os")), entry("os.host", Set.of("os", "supervisor")),
            entry("control.server", Set.of("control", "supervisor")),
            entry("control.client", Set.of("control", "cli")),
            entry("control.text", Set.of("control", "cli")),
            entry("supervisor.inbox", Set.of("supervisor")),
            entry("supervisor.loop", Set.of("supervisor")),
            entry("supervisor.children", Set.of("supervisor")),
            entry("supervisor.probes", Set.of("supervisor")),
            entry("supervisor.requests", Set.of("supervisor")),
            entry("supervisor.daemon", Set.of("supervisor")),
            entry("supervisor.reporting", Set.of("supervisor", "cli")),
            entry("supervisor.outside", Set.of("supervisor")),
            entry("http.metrics", Set.of("http", "supervisor")),
            entry("http.page", Set.of("http", "supervisor")),
            entry("storage.history", Set.of("storage", "http", "cli")),
            entry("cli.history", Set.of("cli")),
            entry("supervisor.startup", Set.of("supervisor", "cli")),
            entry("config.loading", Set.of("config", "cli")),
            entry("config.settings", Set.of("config", "supervisor")),
            entry("cli.commands", Set.of("cli")),
            entry("cli.options", Set.of("cli")), entry("cli.settings", Set.of("cli")),
            entry("cli.start", Set.of("cli")));
    /** What closes a circle within a package and may: who names whom, and why. */
    private static final Map<String, String> CIRCLES = Map.of(
            "Transition RestartCoordinator", "a daemon that becomes ready begins what waits; the rules "
                    + "of that are functions of the turn, kept in files of their own",
            "Transition ReloadCoordinator", "the same",
            "DaemonProcess Phase", "NEVER alone, which is the public word for no deadline",
            "Lifecycle ServiceInstance", "the public door, and the one thing that is behind it",
            "WorkGate Work", "the gate hands out the work that reports back to it");
    /** A text that names a type, other than sources. */
    private static final List<String> POMS = List.of("pom.xml", "supervisor.xml", "lifecycle/pom.xml",
            "examples/jetty/pom.xml", "spring-boot-starter/pom.xml");
    private static final int TYPES = 12;
    /** What a daemon links: its public types, and what they need without showing it. */
    private static final Path LIBRARY = LIFECYCLE.resolve("lifecycle");
    /** 100 is the aim; a word may stick out. */
    private static final int COLUMNS = 106;
    private static final int LINES = 400;
    private static final int METHOD_LINES = 40;

    private static List<Path> sources() throws IOException {
        try (Stream<Path> all = ROOTS.stream().flatMap(ConventionsTest::walk)) {
            return all.filter(path -> path.toString().endsWith(".java")).sorted().toList();
        }
    }

    private static String room(Path file) {
        Path within = ROOTS.stream().filter(file::startsWith).findFirst().orElseThrow()
                .relativize(file);
        return within.getNameCount() == 1 ? "" : within.getName(0).toString();
    }

    @Test
    void dependenciesPointDownAndEachLibraryHasItsRoom() throws IOException {
        List<String> wrong = new ArrayList<>();
        for (Path file : sources()) {
            for (String line : Files.readAllLines(file)) {
                Matcher match = IMPORT.matcher(line);
                if (match.find() && !room(file).isEmpty()) {
                    check(file, match.group(1), wrong);
                }
            }
        }
        assertEquals(List.of(), wrong);
    }

    private static void check(Path file, String imported, List<String> wrong) {
        if (imported.startsWith("dev.soleinit.")) {
            String other = imported.split("\\.")[2];
            if (!other.equals(room(file)) && !MAY_USE.get(room(file)).contains(other)) {
                wrong.add(file + " must not know " + other + ": move what it needs down");
            }
            String inner = other + "." + imported.split("\\.")[3];
            if (!INNER.getOrDefault(inner, Set.of(room(file))).contains(room(file))) {
                wrong.add(file + " must not know " + inner + ": only " + INNER.get(inner) + " may");
            }
        }
        LIBRARIES.forEach((library, rooms) -> {
            if (imported.startsWith(library) && !rooms.contains(room(file))) {
                wrong.add(file + " must not know " + library + ": only " + rooms + " may");
            }
        });
    }

    @Test
    void nobodyUsesWhatIsBanned() throws IOException {
        List<String> wrong = new ArrayList<>();
        for (Path file : sources()) {
            String text = Files.readString(file);
            BANNED.forEach((word, instead) -> {
                if (text.contains(word)) {
                    wrong.add(file + " uses " + word + ": " + instead);
                }
            });
            boolean pure = room(file).equals("statemachine");
            for (String word : List.of("System.", "java.io.", "java.nio.", "Thread", "Instant")) {
                if (pure && text.contains(word)) {
                    wrong.add(file + " uses " + word + ": the machine is a pure function");
                }
            }
        }
        assertEquals(List.of(), wrong);
    }

    @Test
    void filesLinesAndMethodsStayShort() throws IOException {
        List<String> wrong = new ArrayList<>();
        for (Path file : sources()) {
            List<String> lines = Files.readAllLines(file);
            if (lines.size() > LINES) {
                wrong.add(file + " has " + lines.size() + " lines: give a part of it a file");
            }
            int begin = -1;
            for (int i = 0; i < lines.size(); i++) {
                String line = lines.get(i);
                if (line.length() > COLUMNS) {
                    wrong.add(file + ":" + (i + 1) + " has " + line.length() + " columns: wrap it");
                }
                begin = line.matches("    [a-zA-Z@<].*[({,]$") && begin < 0 ? i : begin;
                if (line.equals("    }") && begin >= 0) {
                    if (i - begin > METHOD_LINES && !lines.get(begin).contains(" record ")) {
                        wrong.add(file + ":" + (begin + 1) + " is longer than " + METHOD_LINES
                                + " lines: split it");
                    }
                    begin = -1;
                }
                begin = line.isEmpty() ? -1 : begin;
            }
        }
        assertEquals(List.of(), wrong);
    }

    @Test
    void everyPublicTypeSaysWhatItIsAndEveryPackageWhatItIsFor() throws IOException {
        List<String> wrong = new ArrayList<>();
        for (Path file : sources()) {
            String text = Files.readString(file);
            boolean isPackage = file.endsWith("package-info.java");
            if (!isPackage && !text.matches("(?s).*\\*/\\s+(@[^\\n]+(\\n    [^\\n]+|\\n\\s+\"[^\\n]+)*\\n)*"
                    + "(public |sealed |final |abstract )*"
                    + "(class|record|@?interface|enum) .*")) {
                wrong.add(file + " has no javadoc: say in one sentence what it is");
            }
            if (!room(file).isEmpty() && !Files.exists(file.resolveSibling("package-info.java"))) {
                wrong.add(file.getParent() + " has no package-info.java");
            }
        }
        assertEquals(List.of(), wrong);
    }

    @Test
    void aRoomHasAtMostTwelveTypes() throws IOException {
        Map<Path, Long> sizes = new TreeMap<>();
        for (Path file : sources()) {
            if (!file.endsWith("package-info.java") && !file.getParent().equals(LIBRARY)) {
                sizes.merge(file.getParent(), 1L, Long::sum);
            }
        }
        sizes.values().removeIf(size -> size <= TYPES);
        assertEquals(Map.of(), sizes, "give a part of it a room of its own");
    }

    private static Map<Path, Map<String, String>> sourcesOfEachPackage() throws IOException {
        Map<Path, Map<String, String>> packages = new TreeMap<>();
        for (Path file : sources()) {
            if (!file.endsWith("package-info.java")) {
                packages.computeIfAbsent(file.getParent(), unused -> new TreeMap<>())
                        .put(type(file), Files.readString(file));
            }
        }
        return packages;
    }

    private static String type(Path file) {
        return file.getFileName().toString().replace(".java", "");
    }

    @Test
    void noCirclesBetweenFilesOfAPackage() throws IOException {
        Set<List<String>> circles = new HashSet<>();
        Set<String> gone = new HashSet<>(CIRCLES.keySet());
        for (Map<String, String> one : sourcesOfEachPackage().values()) {
            TypeGraph graph = TypeGraph.of(one);
            gone.removeIf(graph::has);
            circles.addAll(graph.without(CIRCLES.keySet()).circles());
        }
        assertEquals(Set.of(), circles, "these know each other: move what both need to a third");
        assertEquals(Set.of(), gone, "these are mended: take them out of CIRCLES");
    }

    @Test
    void noTypeIsDead() throws IOException {
        Map<String, Set<String>> named = new TreeMap<>();
        for (Map<String, String> one : sourcesOfEachPackage().values()) {
            one.forEach((type, source) -> named.merge(type, TypeGraph.names(source),
                    (a, b) -> Stream.of(a, b).flatMap(Set::stream).collect(Collectors.toSet())));
        }
        Set<String> elsewhere = new HashSet<>();
        try (Stream<Path> texts = Stream.of("src/main", "examples/jetty/src/main",
                "spring-boot-starter/src/main").map(Path::of)
                .flatMap(ConventionsTest::walk).filter(file -> !file.toString().endsWith(".java"))) {
            for (Path text : Stream.concat(texts, POMS.stream().map(Path::of)).toList()) {
                elsewhere.addAll(List.of(Files.readString(text, StandardCharsets.ISO_8859_1)
                        .split("\\W+")));
            }
        }
        assertEquals(List.of(), unnamed(named, elsewhere), "nobody names these: remove them");
    }

    /** Each type that is named by no source but its own, and not elsewhere. */
    private static List<String> unnamed(Map<String, Set<String>> named, Set<String> elsewhere) {
        return named.keySet().stream().filter(type -> !elsewhere.contains(type) && named.entrySet()
                .stream().noneMatch(other -> !other.getKey().equals(type)
                        && other.getValue().contains(type))).toList();
    }

    /** The words are put together here, so that this file does not name them. */
    @Test
    void nothingNamesAMachine() throws IOException {
        List<String> words = List.of("/us" + "r/lib/jvm", "/ro" + "ot/", "/wo" + "rk/");
        List<String> wrong = new ArrayList<>();
        try (Stream<Path> all = Stream.of("src", "lifecycle/src", "lifecycle/pom.xml",
                "examples/jetty/src", "examples/jetty/pom.xml", "spring-boot-starter/src",
                "spring-boot-starter/pom.xml", "examples/spring/src", "examples/spring/pom.xml",
                "supervisor.xml", "docker", "smoke-tests", "chaos", ".ci", ".github",
                "docs", "README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "NOTICE",
                "pom.xml").map(Path::of).flatMap(ConventionsTest::walk)) {
            for (Path file : all.toList()) {
                String text = Files.readString(file, StandardCharsets.ISO_8859_1);
                words.stream().filter(text::contains)
                        .forEach(word -> wrong.add(file + " names " + word));
            }
        }
        assertEquals(List.of(), wrong);
    }

    private static Stream<Path> walk(Path start) {
        try {
            return Files.walk(start).filter(Files::isRegularFile)
                    .filter(path -> !path.toString().contains("__pycache__"));
        } catch (IOException gone) {
            throw new IllegalStateException(gone);
        }
    }

    @Test
    void aCircleIsFoundAndADeadTypeToo() {
        Map<String, String> sources = Map.of("A", "class A { B b; }", "B", "class B { void f(C c) {} }",
                "C", "/** An {@link A}. */ class C { String s = \"A \\\" A\"; char c = '\"'; } // A",
                "Sealed", "sealed class Sealed permits Kind {}", "Kind", "class Kind extends Sealed {}");
        assertEquals(Set.of(), TypeGraph.of(sources).circles());
        Map<String, String> round = new HashMap<>(sources);
        round.put("C", "class C { /* no A */ Object a = new A(); }");
        assertEquals(Set.of(List.of("A", "B", "C")), TypeGraph.of(round).circles());
        assertEquals(Set.of(), TypeGraph.of(round).without(Set.of("B C")).circles());
        assertEquals(List.of("C"), unnamed(Map.of("A", Set.of("A", "B"), "B", Set.of("B", "A"),
                "C", Set.of("C"), "D", Set.of()), Set.of("D")));
    }

    @Test
    void theRulesCatchWhatTheyForbid() {
        List<String> wrong = new ArrayList<>();
        check(MAIN.resolve("statemachine/X.java"), "dev.soleinit.os.Kernel", wrong);
        check(MAIN.resolve("cli/X.java"), "jnr.ffi.Pointer", wrong);
        check(MAIN.resolve("supervisor/X.java"), "dev.soleinit.statemachine.model.Goal", wrong);
        check(MAIN.resolve("cli/X.java"), "dev.soleinit.os.ffi.LibC", wrong);
        check(LIFECYCLE.resolve("lifecycle/X.java"), "dev.soleinit.storage.files.RandomName", wrong);
        assertEquals(4, wrong.size(), wrong.toString());
    }
}
