package dev.soleinit.pidns;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.soleinit.RequiredTier;
import dev.soleinit.control.client.RpcException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Watched files as a door: what a change leads to, and what it does not. */
@ExtendWith(RequiredTier.PidNamespace.class)
class WatchIT {
    @TempDir
    Path dir;

    private Path file;

    private PidNamespace start(String daemon, String... options) throws IOException {
        file = dir.resolve("conf/d.conf");
        Files.createDirectories(file.getParent());
        if (!Files.exists(file)) {
            Files.writeString(file, "one");
        }
        List<String> words = new ArrayList<>(List.of("--watch", file.toString(), "--watch-quiet",
                "100ms", "--restart-cooldown", "0"));
        words.addAll(List.of(options));
        words.addAll(List.of("--", daemon));
        return PidNamespace.start(dir, words.toArray(String[]::new));
    }

    /** Prints its configuration, and ends with 78 if that is bad. */
    private String reader() throws IOException {
        return PidNamespace.script(dir, "trap 'exit 0' TERM", "conf=$(cat " + dir + "/conf/d.conf)",
                "echo \"reads $conf\"", "[ \"${conf#bad}\" = \"$conf\" ] || exit 78",
                "while :; do sleep 0.05; done");
    }

    private static long generation(PidNamespace node) {
        return node.status().get("generation") instanceof Long number ? number : -1;
    }

    private static void staysAt(long generation, PidNamespace node) {
        PidNamespace.pause(900);
        assertEquals(generation, generation(node), node.log());
    }

    @Test
    void aChangeRestartsOnceAndTheSameContentDoesNot() throws IOException {
        try (PidNamespace node = start(reader())) {
            node.waitForLog("reads one");
            Files.writeString(file, "two");
            node.waitForLog("reads two");
            staysAt(2, node);
            Files.writeString(file, "two");
            Path other = Files.writeString(dir.resolve("conf/.new"), "two");
            Files.move(other, file, StandardCopyOption.REPLACE_EXISTING);
            staysAt(2, node);
            Files.delete(file);
            Files.writeString(file, "three");
            node.waitForLog("reads three");
            node.waitForJournal("\"door\":\"file\"", "changed: d.conf");
        }
    }

    @Test
    void aSwappedLinkCountsAsAChange() throws IOException {
        for (String version : List.of("v1", "v2")) {
            Files.createDirectories(dir.resolve("conf/" + version));
            Files.writeString(dir.resolve("conf/" + version + "/d.conf"), version);
        }
        Files.createSymbolicLink(dir.resolve("conf/..data"), Path.of("v1"));
        Files.createSymbolicLink(dir.resolve("conf/d.conf"), Path.of("..data/d.conf"));
        try (PidNamespace node = start(reader())) {
            node.waitForLog("reads v1");
            Files.createSymbolicLink(dir.resolve("conf/..tmp"), Path.of("v2"));
            Files.move(dir.resolve("conf/..tmp"), dir.resolve("conf/..data"),
                    StandardCopyOption.ATOMIC_MOVE);
            node.waitForLog("reads v2");
            staysAt(2, node);
        }
    }

    @Test
    void aRejectedChangeLeavesTheDaemonAloneAndShows() throws IOException {
        try (PidNamespace node = start(reader(), "--check", "! grep bad " + dir + "/conf/d.conf")) {
            node.waitForLog("reads one");
            Files.writeString(file, "bad first");
            Map<String, Object> status = node.waitForStatus("it is rejected",
                    now -> now.get("configRejected") != null);
            assertTrue(status.get("configRejected").toString().contains("exited 1: bad first"),
                    status.toString());
            Files.writeString(file, "bad second");
            node.waitForStatus("so is the next", now -> String.valueOf(now.get("configRejected"))
                    .contains("bad second"));
            assertEquals(1, generation(node));
            Files.writeString(file, "good");
            node.waitForLog("reads good");
            node.waitForStatus("the rejection is over", now -> now.get("configRejected") == null);
            Files.writeString(file, "bad third");
            node.waitForStatus("rejected again", now -> now.get("configRejected") != null);
            Files.writeString(file, "good");
            node.waitForStatus("taken back", now -> now.get("configRejected") == null);
            assertEquals(2, generation(node));
        }
    }

    @Test
    void withoutACheckABadFileFailsLoudlyAndAGoodOneRecoversAtOnce() throws IOException {
        try (PidNamespace node = start(reader())) {
            node.waitForLog("reads one");
            Files.writeString(file, "bad first");
            node.waitForState("backing-off");
            Files.writeString(file, "bad second");
            node.waitForLog("reads bad second");
            node.waitForState("backing-off");
            long left = (Long) node.status().get("nextAttemptInMs");
            assertTrue(left > 40_000, "exit 78 waits for the longest delay, not " + left + " ms");
            Files.writeString(file, "good");
            node.waitForLog("reads good").waitForState("ready");
        }
    }

    @Test
    void aChangeDuringTheDrainIsAppliedOnceAndNotLost() throws Exception {
        String daemon = Path.of("src/test/resources/protocol/daemon.py").toAbsolutePath().toString();
        String wrapper = PidNamespace.script(dir, "echo \"reads $(cat " + dir + "/conf/d.conf)\"",
                "exec python3 " + daemon + " 1.5");
        try (PidNamespace node = start(wrapper, "--ready", "attach")) {
            node.waitForState("ready");
            node.call("signal", Map.of("signal", "USR1"));
            node.waitFor("a session", () -> node.status().toString().contains("totalActive=1"));
            node.call("restart.request", Map.of("block", false));
            node.waitForState("draining");
            Files.writeString(file, "two");
            node.waitForLog("reads two").waitForState("ready");
            staysAt(2, node);
        }
    }

    @Test
    void aDaemonThatRewritesItsOwnFileSettles() throws IOException {
        String daemon = PidNamespace.script(dir, "trap 'exit 0' TERM",
                "echo normalised > " + dir + "/conf/d.conf", "echo up $DAEMON_GENERATION",
                "while :; do sleep 0.05; done");
        try (PidNamespace node = start(daemon)) {
            node.waitForLog("up 2");
            staysAt(2, node);
        }
    }

    @Test
    void aReloadByFileKeepsTheProcess() throws IOException {
        String daemon = PidNamespace.script(dir, "trap 'exit 0' TERM",
                "trap 'echo \"reads $(cat " + dir + "/conf/d.conf)\"' HUP", "echo armed",
                "while :; do sleep 0.05; done");
        try (PidNamespace node = start(daemon, "--on-change", "reload")) {
            node.waitForLog("armed");
            Object pid = node.status().get("pid");
            Files.writeString(file, "two");
            node.waitForLog("reads two");
            node.waitFor("generation 2, unconfirmed", () -> generation(node) == 2);
            assertEquals(pid, node.status().get("pid"));
            assertEquals(false, node.status().get("reloadConfirmed"));
        }
    }

    @Test
    void aSafeRestartByFileDoesNotVanishWhereNothingIsKnownOfTheWork() throws IOException {
        try (PidNamespace node = start(reader(), "--on-change", "safe-restart")) {
            node.waitForLog("reads one");
            assertTrue(node.log().contains("on-change safe-restart: a daemon that does not attach"),
                    node.log());
            Files.writeString(file, "two");
            Map<String, Object> status = node.waitForStatus("the refusal shows",
                    now -> now.get("refused") != null);
            assertTrue(status.get("refused").toString().contains("changed: d.conf"), status.toString());
            assertEquals(1, generation(node));
            assertTrue(node.daemon(Map.of(), "status").output().contains("refused "));
        }
    }

    /** The check that a change has passed is not run a second time for the request it leads to. */
    @Test
    void aChangeIsCheckedOnce() throws IOException {
        try (PidNamespace node = start(reader(), "--check", "echo x >> " + dir + "/checked")) {
            node.waitForLog("reads one");
            Files.writeString(file, "two");
            node.waitForLog("reads two");
            assertEquals("x\n", Files.readString(dir.resolve("checked")));
        }
    }

    @Test
    void aHangupAsksForARestartIfSoConfigured() throws IOException {
        try (PidNamespace node = start(reader(), "--on-hup", "restart")) {
            node.waitForLog("reads one");
            node.signal("HUP");
            node.waitFor("generation 2", () -> generation(node) == 2);
            node.waitForJournal("\"door\":\"signal\"");
        }
    }

    @Test
    void nothingIsAppliedWhileTheDaemonIsHeld() throws IOException, RpcException {
        try (PidNamespace node = start(reader())) {
            node.waitForLog("reads one");
            node.call("stop", Map.of());
            Files.writeString(file, "two");
            PidNamespace.pause(900);
            assertEquals("held", node.status().get("state"));
            assertFalse(node.log().contains("reads two"));
            node.call("start", Map.of());
            node.waitForLog("reads two");
            staysAt(2, node);
        }
    }

    @Test
    void devRestartsOnEverySourceChangeAndIgnoresTheRest() throws IOException {
        String daemon = reader();
        Files.createDirectories(dir.resolve("conf"));
        Files.writeString(dir.resolve("conf/d.conf"), "one");
        try (PidNamespace node = PidNamespace.dev(dir, "--watch", dir.resolve("conf").toString(),
                "--ignore", "*.tmp", "--", daemon)) {
            node.waitForLog("reads one");
            Files.writeString(dir.resolve("conf/x.tmp"), "ignored");
            staysAt(1, node);
            Files.writeString(dir.resolve("conf/d.conf"), "two");
            node.waitForLog("reads two");
            Files.writeString(dir.resolve("conf/d.conf"), "three");
            node.waitForLog("reads three");
        }
    }
}
