import dev.soleinit.json.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.jar.JarFile;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Writes down what the distribution brings of others: their licences, a software bill of materials
 * (CycloneDX), and entries of dpkg's status for scanners of images. All of it comes from the machine that
 * builds; the same parts always give the same bytes.
 *
 * <pre>java -cp HOME/lib/soleinit.jar Attribution.java PROJECT HOME ORIGINS OUTPUT</pre>
 *
 * ORIGINS is written by {@code bundle}: a line for each file of the system, its path here, a tab, and its
 * path in the folder. OUTPUT is HOME but for tests.
 */
class Attribution {
    /** The group and the licence (SPDX) of each jar, which its own metadata do not name in one way. */
    private static final Map<String, String[]> JARS = Map.of(
            "jackson-core", new String[] {"com.fasterxml.jackson.core", "Apache-2.0"},
            "jffi", new String[] {"com.github.jnr", "Apache-2.0 OR LGPL-3.0-only"},
            "picocli", new String[] {"info.picocli", "Apache-2.0"},
            "slf4j-api", new String[] {"org.slf4j", "MIT"},
            "slf4j-simple", new String[] {"org.slf4j", "MIT"});
    /** By the source package, whose name may end in a version. Without one, `copyright` has to do. */
    private static final Map<String, String> SYSTEM = Map.of(
            "glibc", "LGPL-2.1-or-later", "gcc", "GPL-3.0-or-later WITH GCC-exception-3.1",
            "zlib", "Zlib", "musl", "MIT", "openjdk", "GPL-2.0-only WITH Classpath-exception-2.0");
    /** What a library without a package is of. */
    private static final Map<String, String> FAMILIES = Map.of("libgcc_s", "gcc",
            "libstdc++", "gcc", "libz", "zlib");
    private static final Pattern LICENCE = Pattern.compile("META-INF/[^/]*(LICENSE|NOTICE)[^/]*");
    private static final String UNKNOWN = "unknown";
    private static final Pattern JAR = Pattern.compile("(.+?)-(\\d[^/]*)\\.jar");
    private static final Pattern COMMON =
            Pattern.compile("/usr/share/common-licenses/([A-Za-z0-9.-]*[A-Za-z0-9])");

    /** One part; {@code files} are paths in the folder, {@code debian} is null if no package has it. */
    private record Part(String name, String version, String purl, String license, String source,
            Dpkg.Package debian, TreeSet<String> files) {}

    private final Path project;
    private final Path home;
    private final Path output;
    private final String distribution = Dpkg.release("ID");
    private final TreeMap<String, Part> parts = new TreeMap<>();

    private Attribution(String[] arguments) {
        project = Path.of(arguments[0]);
        home = Path.of(arguments[1]);
        output = Path.of(arguments[3]);
    }

    public static void main(String[] arguments) throws IOException {
        try {
            new Attribution(arguments).write(Path.of(arguments[2]));
        } catch (IllegalStateException wrong) {
            System.err.println("attribution: " + wrong.getMessage());
            System.exit(1);
        }
    }

    private void write(Path origins) throws IOException {
        if (!Dpkg.IS_HERE) {
            System.err.println("attribution: this machine has no dpkg: licenses/README names the "
                    + "libraries of its system without versions, and their licences are missing; "
                    + "build images on Debian");
        }
        for (String line : Files.readAllLines(origins)) {
            addSystemFile(line.split("\t")[0], line.split("\t")[1]);
        }
        addLauncher();
        addJdk();
        addJars();
        Files.createDirectories(output);
        for (String old : List.of("licenses", "dpkg")) {
            delete(output.resolve(old));
        }
        writeLicenses();
        writeStatus();
        Files.writeString(output.resolve("sbom.cdx.json"), Json.write(bill()) + "\n");
    }

    // ---- the parts

    private void add(Part part, String file) {
        parts.computeIfAbsent(part.purl(), purl -> part).files().add(file);
    }

    private void addSystemFile(String origin, String file) throws IOException {
        Dpkg.Package owner = Dpkg.owner(origin);
        if (owner != null) {
            add(part(owner), file);
            return;
        }
        String library = origin.substring(origin.lastIndexOf('/') + 1).replaceFirst("\\.so.*", "");
        addUnpackaged(FAMILIES.getOrDefault(library, "glibc"), file);
    }

    private void addUnpackaged(String name, String file) {
        add(new Part(name, UNKNOWN, "pkg:generic/" + name, SYSTEM.get(name),
                "as on the machine that built it", null, new TreeSet<>()), file);
    }

    private Part part(Dpkg.Package owner) {
        String purl = "pkg:deb/" + distribution + "/" + encode(owner.name()) + "@"
                + encode(owner.version()) + "?arch=" + owner.architecture() + "&distro=" + distribution
                + "-" + Dpkg.release("VERSION_ID") + "&upstream="
                + encode(owner.source()) + "%40" + encode(owner.sourceVersion());
        String family = owner.source().replaceFirst("-?[0-9.]+$", "");
        return new Part(owner.name(), owner.version(), purl, SYSTEM.get(family), sourceOf(owner),
                owner, new TreeSet<>());
    }

    private String sourceOf(Dpkg.Package owner) {
        String archive = distribution.equals("ubuntu") ? "https://launchpad.net/ubuntu/+source/"
                : "https://snapshot.debian.org/package/";
        return "source package " + owner.source() + " " + owner.sourceVersion() + ", " + archive
                + owner.source() + "/" + owner.sourceVersion() + "/";
    }

    /** The launcher is linked statically: only a static glibc knows the name of its tunables. */
    private void addLauncher() throws IOException {
        String launcher = Files.readString(home.resolve("bin/daemon"), StandardCharsets.ISO_8859_1);
        String library = launcher.contains("GLIBC_TUNABLES") ? "glibc" : "musl";
        String kind = library.equals("musl") ? "musl" : "gnu";
        Dpkg.Package owner = Dpkg.IS_HERE ? Dpkg.query("/usr/lib/*-linux-" + kind + "/libc.a") : null;
        if (owner != null) {
            add(part(owner), "bin/daemon");
        } else {
            addUnpackaged(library, "bin/daemon");
        }
    }

    private void addJdk() throws IOException {
        Runtime.Version version = Runtime.version();
        String number = version.toString().replaceFirst("-.*", "");
        String release = Files.readString(home.resolve("runtime/release"));
        if (!release.contains("\"" + System.getProperty("java.version") + "\"")) {
            throw new IllegalStateException("runtime/ is not of the JDK " + number + " that runs this");
        }
        add(new Part("openjdk", number, "pkg:generic/openjdk@" + encode(number), SYSTEM.get("openjdk"),
                "https://github.com/openjdk/jdk" + version.feature() + "u, tag jdk-" + number
                        + "; built by " + System.getProperty("java.vendor"), null,
                new TreeSet<>()), "runtime");
        Dpkg.Package owner = Dpkg.owner(System.getProperty("java.home") + "/lib/server/libjvm.so");
        if (owner != null) {
            add(part(owner), "runtime");
        }
    }

    private void addJars() throws IOException {
        for (Path jar : list(home.resolve("lib"), ".jar")) {
            String file = jar.getFileName().toString();
            if (file.equals("soleinit.jar")) {
                continue;
            }
            Matcher name = JAR.matcher(file);
            String[] known = name.matches() ? JARS.get(name.group(1)) : null;
            if (known == null) {
                throw new IllegalStateException("lib/" + file
                        + " has no licence here: name it in JARS of "
                        + "src/main/dist/attribution/Attribution.java");
            }
            String artifact = known[0] + "/" + name.group(1);
            Part part = new Part(name.group(1), name.group(2), "pkg:maven/" + artifact + "@"
                    + name.group(2), known[1], "https://central.sonatype.com/artifact/" + artifact + "/"
                    + name.group(2), null, new TreeSet<>());
            add(part, "lib/" + file);
            if (name.group(1).equals("jffi")) {
                add(part, "lib/native");
                add(new Part("libffi", UNKNOWN, "pkg:generic/libffi", "MIT", "as jffi "
                        + name.group(2) + " links it, https://github.com/jnr/jffi", null,
                        new TreeSet<>()), "lib/native");
            }
        }
    }

    // ---- dpkg's entries

    private void writeStatus() throws IOException {
        Path folder = Files.createDirectories(output.resolve("dpkg/status.d"));
        for (Part part : parts.values()) {
            if (part.debian() instanceof Dpkg.Package debian) {
                // with a name of its own: an image may have entries of the same packages
                Files.writeString(folder.resolve("soleinit-" + debian.name()), """
                        Package: %s
                        Status: install ok installed
                        Maintainer: %s
                        Architecture: %s
                        Source: %s (%s)
                        Version: %s
                        Description: parts of it, in soleinit's folder: %s
                        """.formatted(debian.name(), debian.maintainer(), debian.architecture(),
                        debian.source(), debian.sourceVersion(), debian.version(),
                        String.join(", ", part.files())));
            }
        }
    }

    // ---- licences

    private void writeLicenses() throws IOException {
        Path folder = Files.createDirectories(output.resolve("licenses"));
        Path texts = project.resolve("src/main/dist/attribution");
        StringBuilder index = new StringBuilder(Files.readString(texts.resolve("README")));
        for (Part part : parts.values()) {
            index.append("""

                    %s %s
                        licence: %s
                        files: %s
                        source: %s
                    """.formatted(part.name(), part.version(),
                    part.license() == null ? "see its copyright file" : part.license(),
                    String.join(", ", part.files()), part.source()));
            if (part.debian() != null && !part.files().contains("runtime")) {
                copyright(part.debian(), folder);
            }
        }
        Files.writeString(folder.resolve("README"), index);
        Files.copy(texts.resolve("libffi"), folder.resolve("libffi"));
        for (Path jar : list(home.resolve("lib"), ".jar")) {
            extract(jar, folder);
        }
    }

    /** Once a source package, with the full texts that it refers to. */
    private static void copyright(Dpkg.Package debian, Path folder) throws IOException {
        Path target = folder.resolve(debian.source());
        if (Files.exists(target)) {
            return;
        }
        Path origin = Path.of("/usr/share/doc", debian.name(), "copyright");
        if (!Files.isReadable(origin)) {
            throw new IllegalStateException(origin + " is missing: what is under its licence may not "
                    + "be passed on without it; install the package " + debian.name()
                    + " with its copyright file");
        }
        byte[] text = Files.readAllBytes(origin);
        Files.write(target, text);
        Matcher common = COMMON.matcher(new String(text, StandardCharsets.ISO_8859_1));
        while (common.find()) {
            // the licence of manuals, of which none is here
            if (!common.group(1).startsWith("GFDL")) {
                copyInFull(Path.of(common.group()), folder.resolve("common"));
            }
        }
    }

    /** GPL, say, is a link to the newest. */
    private static void copyInFull(Path text, Path folder) throws IOException {
        Path copy = Files.createDirectories(folder).resolve(text.getFileName());
        if (!Files.isReadable(text) || Files.exists(copy)) {
            return;
        }
        if (Files.isSymbolicLink(text)) {
            Path target = Files.readSymbolicLink(text);
            copyInFull(text.resolveSibling(target), folder);
            Files.createSymbolicLink(copy, target);
        } else {
            Files.copy(text, copy);
        }
    }

    /** The licences that a jar has inside; that of Jackson is the one of all that have none. */
    private static void extract(Path jar, Path folder) throws IOException {
        String name = jar.getFileName().toString().replace(".jar", "");
        try (JarFile file = new JarFile(jar.toFile())) {
            for (var entry : file.stream().filter(one -> LICENCE.matcher(one.getName()).matches())
                    .toList()) {
                String text = entry.getName().substring("META-INF/".length());
                Files.write(folder.resolve(name + "-" + text), file.getInputStream(entry).readAllBytes());
            }
        }
    }

    // ---- the bill of materials

    private Map<String, Object> bill() throws IOException {
        List<Object> components = new ArrayList<>();
        for (Part part : parts.values()) {
            Map<String, Object> component = component("library", part.name(), part.version(),
                    part.purl());
            if (part.license() != null) {
                component.put("licenses", List.of(Map.of("expression", part.license())));
            }
            component.put("evidence", Map.of("occurrences",
                    part.files().stream().map(file -> Map.of("location", file)).toList()));
            components.add(component);
        }
        String own;
        try (JarFile jar = new JarFile(home.resolve("lib/soleinit.jar").toFile())) {
            own = jar.getManifest().getMainAttributes().getValue("Implementation-Version");
        }
        Map<String, Object> bill = new LinkedHashMap<>();
        bill.put("$schema", "http://cyclonedx.org/schema/bom-1.6.schema.json");
        bill.put("bomFormat", "CycloneDX");
        bill.put("specVersion", "1.6");
        bill.put("version", 1);
        Map<String, Object> soleinit = component("application", "soleinit", own,
                "pkg:maven/dev.soleinit/soleinit@" + own);
        soleinit.put("licenses", List.of(Map.of("expression", "Apache-2.0")));
        bill.put("metadata", Map.of("component", soleinit));
        bill.put("components", components);
        return bill;
    }

    private static Map<String, Object> component(String type, String name, String version,
            String purl) {
        Map<String, Object> component = new LinkedHashMap<>();
        component.put("type", type);
        component.put("bom-ref", purl);
        component.put("name", name);
        component.put("version", version);
        component.put("purl", purl);
        return component;
    }

    // ---- helpers

    private static String encode(String text) {
        return text.replace("+", "%2B").replace(":", "%3A");
    }

    private static List<Path> list(Path folder, String end) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(end)).sorted().toList();
        }
    }

    private static void delete(Path folder) throws IOException {
        if (Files.exists(folder)) {
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }
}
