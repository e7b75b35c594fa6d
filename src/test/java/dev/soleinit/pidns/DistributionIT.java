package dev.soleinit.pidns;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.soleinit.RequiredTier;
import dev.soleinit.pidns.PidNamespace.Finished;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What makes the start short is really in use, and nothing depends on it. */
@ExtendWith(RequiredTier.PidNamespace.class)
class DistributionIT {
    /** The JVM refuses to run without the cache, instead of going on slowly. */
    private static final String OR_NOTHING = "-XX:AOTMode=on";

    @TempDir
    Path dir;

    /** A copy whose JVM has more options: the launcher lets none in from outside. */
    private Path withOptions(String... more) throws IOException {
        Path copy = copy();
        Path options = copy.resolve("lib/jvm.options");
        Files.writeString(options, Files.readString(options) + "-Xlog:class+load:file="
                + dir.resolve("classes") + "\n" + String.join("\n", more) + "\n");
        return copy;
    }

    /** Our own classes, and those that had to be read, checked and linked one by one. */
    private void assertFromTheCache(long most) throws IOException {
        List<String> ours = Files.readAllLines(dir.resolve("classes")).stream()
                .filter(line -> line.contains(" dev.soleinit.")).toList();
        List<String> slow = ours.stream().filter(line -> !line.contains("shared objects file")).toList();
        assertTrue(ours.size() > 20, "expected more classes of ours than " + ours);
        assertTrue(slow.size() <= most, "not from the cache: " + slow);
    }

    @Test
    void theSupervisorComesFromItsAotCache() throws IOException {
        try (PidNamespace node = PidNamespace.launch(withOptions(OR_NOTHING), dir, PidNamespace.AS_PID_1,
                Map.of(), "--", "sleep", "1000")) {
            node.waitForState("ready");
            node.signal("TERM");
            node.exitCode();
            assertFromTheCache(3);
        }
    }

    @Test
    void noClassIsWrittenAtRunTimeForASwitch() throws IOException {
        Path compiled = Path.of("target/classes");
        assertTrue(linksSwitches(compiled.resolve("dev/soleinit/statemachine/SupervisorStateMachine.class")),
                "the control: javac leaves it to the JVM");
        Path jar = PidNamespace.HOME.resolve("lib/soleinit.jar");
        try (FileSystem inside = FileSystems.newFileSystem(jar);
                Stream<Path> all = Files.walk(inside.getPath("/dev"))) {
            assertEquals(List.of(), all.filter(file -> file.toString().endsWith(".class"))
                    .filter(DistributionIT::linksSwitches).toList());
        }
    }

    private static boolean linksSwitches(Path type) {
        try {
            return new String(Files.readAllBytes(type), StandardCharsets.ISO_8859_1)
                    .contains("SwitchBootstraps");
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    @Test
    void theCommandLineComesFromItToo() throws IOException {
        try (PidNamespace node = PidNamespace.start(dir, "--", "sleep", "1000")) {
            node.waitForState("ready");
            // a command that the launcher leaves to the JVM
            Finished restart = PidNamespace.command(Map.of("DAEMON_RUN_DIR", dir.resolve("run").toString()),
                    withOptions(OR_NOTHING).resolve("bin/daemon").toString(), "restart", "--json");
            assertEquals(0, restart.code(), restart.output());
            assertFromTheCache(3);
        }
    }

    private Path copy() throws IOException {
        return PidNamespace.copyOfHome(dir);
    }

    @Test
    void withACacheThatCannotBeUsedItStartsNevertheless() throws IOException {
        Path copy = copy();
        Files.writeString(copy.resolve("lib/soleinit.aot"), "broken");
        String daemon = copy.resolve("bin/daemon").toString();
        assertEquals(0, PidNamespace.command(Map.of(), daemon, "version").code());
        Files.writeString(copy.resolve("lib/jvm.options"), OR_NOTHING);
        assertNotEquals(0, PidNamespace.command(Map.of(), daemon, "version").code(),
                "the control: a broken cache is no cache");
    }

    @Test
    void nothingIsUnpackedAtRunTime() throws IOException {
        Path tmp = Files.createDirectory(dir.resolve("tmp"));
        try (PidNamespace node = PidNamespace.launch(withOptions("-Djava.io.tmpdir=" + tmp), dir,
                PidNamespace.AS_PID_1, Map.of(), "--", "sleep", "1000")) {
            node.waitForState("ready");
            try (Stream<Path> files = Files.list(tmp)) {
                assertEquals(List.of(), files.toList());
            }
        }
    }

    @Test
    void theLogIsLinesThatBeginWithTheTimeAndNothingElse() throws IOException {
        assertLog(PidNamespace.start(dir, "--log-level", "info", "--", "sleep", "1000"));
    }

    /** What is loaded ahead must not make a logger before its settings are known. */
    @Test
    void soItIsWhenTheSettingsTakeLongToRead() throws IOException {
        Path settings = dir.resolve("settings");
        PidNamespace.command(Map.of(), "mkfifo", settings.toString());
        PidNamespace node = PidNamespace.start(dir, "--config", settings.toString(), "--", "sleep", "1000");
        PidNamespace.pause(700);
        Files.writeString(settings, "{\"log-level\": \"info\"}");
        assertLog(node);
    }

    private static void assertLog(PidNamespace started) throws IOException {
        try (PidNamespace node = started) {
            node.waitForState("ready");
            node.signal("TERM");
            node.exitCode();
            List<String> lines = node.log().lines().toList();
            assertTrue(lines.size() > 3, node.log());
            lines.forEach(line -> assertTrue(line.matches(
                    "[0-9-]{10}T[0-9:]{8}\\.[0-9]{3}Z (INFO|WARN) soleinit - .+"), line));
        }
    }

    @Test
    void itCarriesItsOwnLicence() throws IOException {
        for (String file : List.of("LICENSE", "NOTICE")) {
            assertEquals(-1, Files.mismatch(Path.of(file), PidNamespace.HOME.resolve(file)), file);
        }
        assertTrue(Files.readString(PidNamespace.HOME.resolve("sbom.cdx.json")).contains(
                "\"name\":\"soleinit\""), "the bill names it");
    }

    @Test
    void itHasAManualPageForEachCommand() throws IOException {
        Path pages = PidNamespace.HOME.resolve("share/man/man1");
        Finished help = PidNamespace.command(Map.of(), PidNamespace.HOME.resolve("bin/daemon").toString(),
                "--help");
        List<String> commands = help.output().split("Commands:\n")[1].lines()
                .filter(line -> line.matches("  [a-z].*")).map(line -> line.strip().split("[ ,]")[0])
                .toList();
        assertTrue(commands.contains("restart") && commands.size() > 12, help.output());
        for (String command : commands) {
            Path page = pages.resolve("daemon-" + command + ".1.gz");
            try (InputStream text = new GZIPInputStream(Files.newInputStream(page))) {
                assertTrue(new String(text.readAllBytes()).startsWith(".TH DAEMON\\-"), page.toString());
            }
        }
        assertTrue(Files.exists(pages.resolve("daemon.1.gz")));
    }

    /** The names of its classes stand in the file as they are, each between zeros, without package and ending. */
    @Test
    void itsRuntimeHasNothingThatOnlyOtherProgramsUse() throws IOException {
        Path runtime = PidNamespace.HOME.resolve("runtime");
        assertFalse(Files.exists(runtime.resolve("bin/keytool")));
        String modules = Files.readString(runtime.resolve("lib/modules"), StandardCharsets.ISO_8859_1);
        for (String name : List.of("Big5", "EUC_JP", "MS932", "SJIS", "GB18030", "keytool_de", "launcher_ja",
                "security_zh_CN", "auth_fr")) {
            assertFalse(modules.contains("\0" + name + "\0"), name);
        }
        assertTrue(modules.contains("\0UTF_8\0"), "the control");
    }

    @Test
    void itIsSmallerThanSixtySixMegabytes() throws IOException {
        Finished size = PidNamespace.command(Map.of(), "du", "-sb", PidNamespace.HOME.toString());
        long bytes = Long.parseLong(size.output().split("\t")[0]);
        assertTrue(bytes < 66_000_000, size.output());
    }
}
