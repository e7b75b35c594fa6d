package dev.soleinit.dist;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.soleinit.json.Json;
import dev.soleinit.json.JsonException;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The licences, the bill of materials and dpkg's entries name all that the folder has of others. */
class AttributionIT {
    private static final Path HOME = Path.of(System.getProperty("soleinit.home"));
    /** type/namespace/name@version?qualifiers, with what is not a letter of a purl encoded. */
    private static final Pattern PURL = Pattern.compile("pkg:(deb/[a-z]+|maven/[a-z0-9.]+|generic)"
            + "/[A-Za-z0-9.%_-]+(@[A-Za-z0-9.%~_-]+)?(\\?[A-Za-z0-9.%~_&=-]+)?");

    @TempDir
    Path dir;

    /** What Attribution says, and how it ends. */
    private record Run(int code, String errors) {}

    private Run attribute(Path home, Path output, String path) throws IOException {
        Path errors = dir.resolve("errors");
        String program = Path.of(System.getProperty("java.home"), "bin/java").toString();
        ProcessBuilder java = new ProcessBuilder(program, "-cp",
                HOME.resolve("lib/soleinit.jar").toString(),
                "src/main/dist/attribution/Attribution.java", ".", home.toString(),
                HOME.resolveSibling("origins").toString(), output.toString())
                .redirectError(errors.toFile());
        java.environment().put("PATH", path);
        try {
            return new Run(java.start().waitFor(), Files.readString(errors));
        } catch (InterruptedException stop) {
            throw new IllegalStateException(stop);
        }
    }

    private static boolean hasDpkg() {
        return Stream.of(System.getenv("PATH").split(File.pathSeparator))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, "dpkg-query")));
    }

    private static Set<String> names(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return new TreeSet<>(files.filter(Files::isRegularFile)
                    .map(file -> folder.relativize(file).toString()).toList());
        }
    }

    private static List<Map<?, ?>> components(Path home) throws IOException, JsonException {
        Map<?, ?> bill = (Map<?, ?>) Json.parse(Files.readString(home.resolve("sbom.cdx.json")));
        assertEquals("CycloneDX", bill.get("bomFormat"));
        assertEquals("1.6", bill.get("specVersion"));
        assertEquals(1L, bill.get("version"));
        List<Map<?, ?>> components = new ArrayList<>();
        for (Object component : (List<?>) bill.get("components")) {
            components.add((Map<?, ?>) component);
        }
        return components;
    }

    private static Set<String> locations(List<Map<?, ?>> components) {
        Set<String> locations = new HashSet<>();
        for (Map<?, ?> component : components) {
            for (Object one : (List<?>) ((Map<?, ?>) component.get("evidence")).get("occurrences")) {
                locations.add(((Map<?, ?>) one).get("location").toString());
            }
        }
        return locations;
    }

    @Test
    void eachComponentHasANameAVersionAndAUrlOfItsOwn() throws IOException, JsonException {
        Set<Object> seen = new HashSet<>();
        for (Map<?, ?> component : components(HOME)) {
            String purl = component.get("purl").toString();
            assertTrue(PURL.matcher(purl).matches(), purl);
            assertTrue(seen.add(component.get("bom-ref")), "twice: " + purl);
            assertEquals("library", component.get("type"));
            String version = component.get("version").toString().replace("+", "%2B").replace(":", "%3A");
            String name = component.get("name").toString().replace("+", "%2B");
            assertTrue(version.equals("unknown") ? purl.endsWith("/" + name)
                    : purl.contains("/" + name + "@" + version), component.toString());
            assertTrue(component.containsKey("licenses"), "whose licence: " + component);
        }
    }

    @Test
    void theBillNamesEveryFileOfOthers() throws IOException, JsonException {
        Set<String> brought = new TreeSet<>(Set.of("bin/daemon", "runtime", "runtime/bin/soleinit",
                "lib/native"));
        for (String file : names(HOME.resolve("lib"))) {
            if (file.startsWith("c/") || (file.endsWith(".jar") && !file.equals("soleinit.jar"))) {
                brought.add("lib/" + file);
            }
        }
        Set<String> named = locations(components(HOME));
        assertTrue(brought.size() > 10, brought.toString());
        assertEquals(brought, new TreeSet<>(named));
    }

    @Test
    void theRuntimeIsNamedWithItsVersion() throws IOException, JsonException {
        String release = Files.readString(HOME.resolve("runtime/release"));
        assertTrue(components(HOME).stream().anyMatch(component -> component.get("name").equals("openjdk")
                && release.contains(component.get("version").toString().replaceFirst("\\+.*", ""))), release);
    }

    @Test
    void eachPackageHasItsLicenceItsSourceAndItsEntry() throws IOException, JsonException {
        String index = Files.readString(HOME.resolve("licenses/README"));
        int packages = 0;
        for (Map<?, ?> component : components(HOME)) {
            String version = component.get("version").toString();
            assertTrue(index.contains("\n" + component.get("name") + " " + version + "\n"), index);
            if (component.get("purl").toString().startsWith("pkg:deb/")) {
                packages++;
                String entry = Files.readString(HOME.resolve("dpkg/status.d/soleinit-"
                        + component.get("name")));
                assertTrue(entry.startsWith("Package: " + component.get("name") + "\n"), entry);
                assertTrue(entry.contains("\nVersion: " + version + "\n"), entry);
                assertTrue(entry.matches("(?s).*\nArchitecture: \\w+\nSource: [^ ]+ \\([^ ]+\\)\n.*"), entry);
                String source = entry.replaceAll("(?s).*\nSource: ([^ ]+) .*", "$1");
                assertTrue(index.contains("source: source package " + source + " "), index);
                // the JDK's are in runtime/legal
                assertTrue(source.startsWith("openjdk")
                        || Files.size(HOME.resolve("licenses").resolve(source)) > 500, source);
            }
        }
        assertEquals(hasDpkg(), packages >= 2, packages + " packages");
        assertEquals(packages, names(HOME.resolve("dpkg/status.d")).size());
        assertEquals(hasDpkg(), Files.exists(HOME.resolve("licenses/common/LGPL-2.1")), "in full");
        Set<String> texts = names(HOME.resolve("licenses"));
        assertTrue(texts.stream().anyMatch(file -> file.matches("jackson-core-.*-LICENSE"))
                && texts.contains("libffi"), texts.toString());
        assertTrue(Files.size(HOME.resolve("runtime/legal/java.base/LICENSE")) > 10_000, "the JDK's");
    }

    @Test
    void theSamePartsGiveTheSameBytes() throws IOException {
        Path again = dir.resolve("again");
        assertEquals(0, attribute(HOME, again, System.getenv("PATH")).code());
        for (String file : names(again)) {
            assertEquals(-1, Files.mismatch(again.resolve(file), HOME.resolve(file)), file);
        }
        assertTrue(names(again).size() > 10, names(again).toString());
    }

    @Test
    void itIsSmall() throws IOException {
        long bytes = Files.size(HOME.resolve("sbom.cdx.json"));
        for (String folder : List.of("licenses", "dpkg")) {
            for (String file : names(HOME.resolve(folder))) {
                bytes += Files.size(HOME.resolve(folder).resolve(file));
            }
        }
        assertTrue(bytes < 300_000, bytes + " bytes");
    }

    @Test
    void withoutDpkgItSaysSoInOneLineAndNamesWhatItCan() throws IOException, JsonException {
        Path output = dir.resolve("plain");
        Run run = attribute(HOME, output, dir.toString());
        assertEquals(0, run.code(), run.errors());
        assertTrue(run.errors().startsWith("attribution: this machine has no dpkg"), run.errors());
        assertEquals(1, run.errors().lines().count(), run.errors());
        assertEquals(locations(components(HOME)), locations(components(output)));
        assertTrue(Files.readString(output.resolve("licenses/README")).contains("\nglibc unknown\n"));
        assertEquals(Set.of(), names(output.resolve("dpkg/status.d")));
    }

    /** A new library of Maven's must not slip in without its licence. */
    @Test
    void aJarThatNobodyNamedIsAnError() throws IOException {
        Path home = Files.createDirectories(dir.resolve("home/lib")).getParent();
        for (String folder : List.of("bin", "runtime")) {
            Files.createDirectories(home.resolve(folder));
        }
        List<String> needed = new ArrayList<>(List.of("bin/daemon", "runtime/release"));
        needed.addAll(names(HOME.resolve("lib")).stream().filter(file -> file.endsWith(".jar"))
                .map("lib/"::concat).toList());
        for (String file : needed) {
            Files.copy(HOME.resolve(file), home.resolve(file));
        }
        assertEquals(0, attribute(home, dir.resolve("out"), System.getenv("PATH")).code(), "the control");
        Files.write(home.resolve("lib/other-1.0.jar"), "PK".getBytes(StandardCharsets.US_ASCII));
        Run run = attribute(home, dir.resolve("out"), System.getenv("PATH"));
        assertNotEquals(0, run.code());
        assertTrue(run.errors().startsWith("attribution: lib/other-1.0.jar has no licence here"),
                run.errors());
    }
}
