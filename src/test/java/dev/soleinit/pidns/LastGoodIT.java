package dev.soleinit.pidns;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.soleinit.RequiredTier;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A good configuration is kept, and put back if another one does not get ready. */
@ExtendWith(RequiredTier.PidNamespace.class)
class LastGoodIT {
    @TempDir
    Path dir;
    private Path file;

    @BeforeEach
    void aConfiguration() throws IOException {
        Files.setPosixFilePermissions(dir, PosixFilePermissions.fromString("rwxr-xr-x"));
        file = Files.createDirectories(dir.resolve("conf")).resolve("d.conf");
        Files.writeString(file, "one");
    }

    /** Watches the whole directory, so that the copies would count if they were not left out. */
    private PidNamespace start(String... options) throws IOException {
        Path up = dir.resolve("up");
        String daemon = PidNamespace.script(dir, "trap 'rm -f " + up + "; exit 0' TERM",
                "conf=$(cat " + file + ") || exit 1", "echo \"reads $conf\"",
                "[ \"${conf#bad}\" = \"$conf\" ] || exit 1", "touch " + up,
                "while :; do sleep 0.05; done");
        List<String> words = new ArrayList<>(List.of("--watch", file.getParent().toString(), "--watch-quiet",
                "100ms", "--restart-cooldown", "0", "--last-good", file.toString(), "--last-good-after",
                "2", "--healthy-after", "300ms", "--backoff-initial", "200ms", "--ready",
                "exec test -e " + up));
        words.addAll(List.of(options));
        words.addAll(List.of("--", daemon));
        return PidNamespace.start(dir, words.toArray(String[]::new));
    }

    private Path beside(String suffix) {
        return file.resolveSibling("d.conf" + suffix);
    }

    private void isKept(PidNamespace node) {
        node.waitFor("it is kept", () -> Files.exists(beside(".last-good")));
    }

    private static void isPutBack(PidNamespace node) {
        node.waitForStatus("put back", now -> now.get("lastGood") instanceof Map<?, ?> kept
                && Long.valueOf(1).equals(kept.get("restored")));
        node.waitForState("ready");
    }

    private static String metrics(Path http) {
        try {
            return PidNamespace.command(Map.of(), "curl", "-s", "-m", "10", "--unix-socket", http.toString(),
                    "http://x/metrics").output();
        } catch (IOException none) {
            return none.toString();
        }
    }

    @Test
    void aBadConfigurationIsReplacedByTheLastGoodOneAndSaidEverywhere() throws IOException {
        Path http = dir.resolve("http.sock");
        try (PidNamespace node = start("--check", "! grep -q worse " + file, "--http", "unix:" + http)) {
            isKept(node);
            assertTrue(metrics(http).contains("soleinit_configurations_restored_total 0\n"), metrics(http));
            Files.writeString(file, "bad");
            isPutBack(node);
            node.waitFor("it is counted", () -> metrics(http).contains(
                    "soleinit_configurations_restored_total 1\n"));
            assertEquals("one", Files.readString(file));
            assertEquals("bad", Files.readString(beside(".rejected")));
            // the first, two with the bad one, and the one that was put back
            assertEquals(4L, node.status().get("generation"), node.log());
            assertTrue(node.log().contains("its last good content is put back"), node.log());
            assertTrue(node.status().get("configRejected").toString().contains("did not get ready"));
            node.waitForJournal("configuration-kept", "configuration-restored");
            Files.writeString(file, "bad");
            PidNamespace.pause(900);
            assertEquals(4L, node.status().get("generation"), "what was rejected is not tried again");
            Files.writeString(file, "two");
            node.waitForLog("reads two");
            node.waitForStatus("a good edit ends the rejection", now -> now.get("configRejected") == null);
            node.waitFor("and is kept", () -> {
                try {
                    return Files.readString(beside(".last-good")).equals("two");
                } catch (IOException gone) {
                    return false;
                }
            });
        }
    }

    @Test
    void aFileThatVanishedComesBack() throws IOException {
        try (PidNamespace node = start()) {
            isKept(node);
            Files.delete(file);
            isPutBack(node);
            assertEquals("one", Files.readString(file));
        }
    }

    @Test
    void whatTheDiskRefusesIsSaidAndTriedAgain() throws IOException {
        try (PidNamespace node = start("--backoff-max", "300ms")) {
            isKept(node);
            Path inTheWay = Files.createDirectories(beside(".rejected").resolve("full"));
            Files.writeString(file, "bad");
            node.waitForLog("Cannot put back a good content of");
            assertEquals("bad", Files.readString(file), "nothing is lost");
            Files.delete(inTheWay);
            Files.delete(inTheWay.getParent());
            isPutBack(node);
            assertEquals("bad", Files.readString(beside(".rejected")));
        }
    }

    @Test
    void aKeptOneThatFailsAsWellIsNotPutBackAgainAndAgain() throws IOException {
        try (PidNamespace node = start("--backoff-max", "300ms")) {
            isKept(node);
            Files.writeString(beside(".last-good"), "bad, too");
            Files.writeString(file, "bad");
            node.waitForLog("it is not the reason, and stays");
            assertEquals("bad, too", Files.readString(file));
            assertEquals("bad", Files.readString(beside(".rejected")));
            assertEquals(1L, ((Map<?, ?>) node.status().get("lastGood")).get("restored"));
        }
    }

    @Test
    void withoutAGoodOneTheBackoffGoesOnAsAlways() throws IOException {
        Files.writeString(file, "bad");
        try (PidNamespace node = start()) {
            node.waitForLog("none of its contents has been good for long enough");
            assertEquals("bad", Files.readString(file));
        }
    }

    @Test
    void inADirectoryThatOthersMayChangeNothingIsKeptAndThatIsSaidOnce() throws IOException {
        Files.setPosixFilePermissions(file.getParent(), PosixFilePermissions.fromString("rwxrwxrwx"));
        try (PidNamespace node = start()) {
            node.waitForLog("may be changed by others than root");
            Files.writeString(file, "two");
            node.waitForLog("reads two");
            PidNamespace.pause(600);
            assertFalse(Files.exists(beside(".last-good")));
            assertEquals(1, node.log().split("Cannot keep a good content", -1).length - 1, node.log());
        }
    }
}
