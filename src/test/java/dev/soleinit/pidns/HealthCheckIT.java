package dev.soleinit.pidns;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.soleinit.RequiredTier;
import dev.soleinit.pidns.PidNamespace.Finished;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** {@code daemon status --ready}: from the published files, held against /proc, without a JVM. */
@ExtendWith(RequiredTier.PidNamespace.class)
class HealthCheckIT {
    private static final String DAEMON = PidNamespace.HOME.resolve("bin/daemon").toString();

    @TempDir
    Path dir;

    private static void isReady(PidNamespace node) throws IOException {
        Finished health = node.health();
        assertEquals(0, health.code(), health.output());
        assertEquals("ready\n", health.output());
    }

    private static void isNotReady(String expected, PidNamespace node) throws IOException {
        Finished health = node.health();
        assertEquals(1, health.code(), health.output());
        assertTrue(health.output().contains(expected), health.output());
    }

    private PidNamespace ready(String... options) throws IOException {
        List<String> words = new java.util.ArrayList<>(List.of(options));
        words.addAll(List.of("--", PidNamespace.obedient(dir)));
        return PidNamespace.start(dir, words.toArray(String[]::new)).waitForState("ready");
    }

    @Test
    void itIsReadyWhileBothProcessesRunAndThePhaseIsReady() throws IOException {
        try (PidNamespace node = ready()) {
            isReady(node);
            node.daemon(Map.of(), "stop");
            isNotReady("held", node);
            node.daemon(Map.of(), "start");
            isReady(node);
        }
    }

    @Test
    void aStoppedDaemonOrSupervisorIsNotReady() throws IOException {
        try (PidNamespace node = ready()) {
            long daemon = node.daemonPid();
            PidNamespace.kill("STOP", daemon);
            isNotReady("the daemon", node);
            PidNamespace.kill("CONT", daemon);
            isReady(node);
            long supervisor = node.pid1();
            PidNamespace.kill("STOP", supervisor);
            isNotReady("the supervisor", node);
            PidNamespace.kill("CONT", supervisor);
            isReady(node);
        }
    }

    /** What was published by a life that has gone names a process that is now another. */
    @Test
    void filesOfAnotherLifeAreNotReady() throws IOException {
        try (PidNamespace node = ready()) {
            for (List<String> change : List.of(List.of("supervisor.json", "\"startTicks\":", "\"startTicks\":1"),
                    List.of("generation.json", "\"startTicks\":", "\"startTicks\":1"),
                    List.of("generation.json", "\"instance\":\"", "\"instance\":\"f"),
                    List.of("generation.json", "\"bootId\":\"", "\"bootId\":\"f"),
                    List.of("supervisor.json", "{", "["), List.of("generation.json", "}", ""))) {
                Path file = node.run(change.get(0));
                String text = Files.readString(file);
                Files.writeString(file, text.replace(change.get(1), change.get(2)));
                boolean onlyTheEnd = change.get(1).equals("}");
                assertEquals(onlyTheEnd ? 0 : 1, node.health().code(), change.toString());
                Files.writeString(file, text);
                isReady(node);
            }
            Path marker = node.run("supervisor.json");
            Path elsewhere = dir.resolve("elsewhere");
            Files.move(marker, elsewhere);
            Files.createSymbolicLink(marker, elsewhere);
            isNotReady("no supervisor", node);
        }
    }

    @Test
    void aSupervisorThatCannotPublishIsNotReady() throws IOException {
        Path run = Files.createDirectories(dir.resolve("run"));
        assertEquals(0, PidNamespace.command(Map.of(), "mount", "-t", "tmpfs", "-o", "size=64k", "none",
                run.toString()).code());
        try (PidNamespace node = ready()) {
            isReady(node);
            PidNamespace.command(Map.of(), "sh", "-c", "dd if=/dev/zero of=" + run + "/full bs=4k 2>/dev/null");
            // a new phase that cannot be published: the old file must not go on saying ready
            node.daemon(Map.of(), "stop");
            assertFalse(node.health().output().startsWith("ready"));
            assertEquals(1, node.health().code());
            Files.delete(run.resolve("full"));
            node.daemon(Map.of(), "start");
            node.waitFor("ready again", () -> {
                try {
                    return node.health().code() == 0;
                } catch (IOException again) {
                    return false;
                }
            });
        } finally {
            PidNamespace.command(Map.of(), "umount", "-l", run.toString());
        }
    }

    @Test
    void theRunDirectoryIsFoundAsTheSupervisorFindsIt() throws IOException {
        try (PidNamespace node = ready()) {
            Path settings = Files.writeString(dir.resolve("daemon.json"),
                    "{\"env\": [\"A=\\\"{[\"], \"run-dir\": \"" + dir.resolve("run") + "\"}");
            Map<String, String> without = Map.of("DAEMON_RUN_DIR", "", "DAEMON_CONFIG", settings.toString());
            assertEquals(0, node.inside(without, DAEMON, "status", "--ready").code());
            assertEquals(1, node.inside(Map.of("DAEMON_RUN_DIR", ""), DAEMON, "status", "--ready").code(),
                    "the control: elsewhere there is none");
            assertEquals(0, node.inside(Map.of("DAEMON_RUN_DIR", ""), DAEMON, "status", "--ready", "--run-dir",
                    dir.resolve("run").toString()).code());
            assertEquals(0, node.inside(Map.of("DAEMON_RUN_DIR", ""), DAEMON, "status",
                    "--run-dir=" + dir.resolve("run"), "--ready").code());
        }
    }

    /** No JVM, no shell, hardly any memory: where a JVM cannot start, it answers. */
    @Test
    void itNeedsHardlyAnything() throws IOException {
        try (PidNamespace node = ready()) {
            Finished health = node.inside(Map.of(), "prlimit", "--as=2000000", "--nofile=16", DAEMON, "status",
                    "--ready");
            assertEquals(0, health.code(), health.output());
            Finished jvm = node.inside(Map.of(), "prlimit", "--as=2000000", DAEMON, "version");
            assertTrue(jvm.code() != 0, "the control: " + jvm.output());
        }
    }
}
