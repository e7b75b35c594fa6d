package dev.soleinit.pidns;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.soleinit.RequiredTier;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A failure is planted into the decider: the distribution runs with a broken one in its place. */
@ExtendWith(RequiredTier.PidNamespace.class)
class FallbackIT {
    @TempDir
    Path dir;

    /** The whole distribution again, less the cache, with one class that throws in the end. */
    private Path broken(String error) throws IOException {
        Path home = dir.resolve("home");
        PidNamespace.command(Map.of(), "cp", "-r", PidNamespace.HOME.toString(), home.toString());
        Files.delete(home.resolve("lib/soleinit.aot"));
        Path source = Files.writeString(dir.resolve("StateNames.java"), """
                package dev.soleinit.supervisor.reporting;
                import dev.soleinit.statemachine.model.*;
                import dev.soleinit.statemachine.state.State;
                public final class StateNames {
                    public static String state(State state) {
                        if (state.phase() instanceof Phase.Ready && state.generation() > 0) %s
                        return "starting";
                    }
                    public static boolean ready(State state) { return true; }
                    public static String goal(Goal goal) { return "up"; }
                    public static java.util.Map<String, Object> end(ExitRecord end) {
                        return new java.util.LinkedHashMap<>();
                    }
                }
                """.formatted(error));
        Path classes = Files.createDirectories(dir.resolve("classes"));
        String jar = home.resolve("lib/soleinit.jar").toString();
        assertEquals(0, ToolProvider.getSystemJavaCompiler().run(null, null, null, "-cp", jar, "-d",
                classes.toString(), source.toString()));
        assertEquals(0, java.util.spi.ToolProvider.findFirst("jar").orElseThrow().run(System.out,
                System.err, "--update", "--file", jar, "-C", classes.toString(), "."));
        return home;
    }

    private PidNamespace start(String error, String... command) throws IOException {
        return PidNamespace.launch(broken(error), dir, PidNamespace.AS_PID_1, Map.of(), command);
    }

    private void survives(String error) throws IOException {
        String daemon = PidNamespace.script(dir, "trap 'echo got-usr1' USR1", "trap 'exit 33' TERM",
                "(sleep 0.3 &)", "while :; do sleep 0.05; done");
        try (PidNamespace node = start(error, "--", daemon)) {
            node.waitForLog("from now on it only reaps and forwards");
            assertEquals(1, node.health().code(), "a supervisor in fallback is never ready");
            node.signal("USR1");
            node.waitForLog("got-usr1");
            PidNamespace.pause(500);
            // the daemon's own `sleep`s are zombies for a moment, an orphan that nobody reaps for ever
            node.waitFor("no zombie", () -> node.process().descendants()
                    .noneMatch(one -> PidNamespace.proc(one.pid(), "stat").contains(") Z ")));
            node.signal("TERM");
            assertEquals(33, node.exitCode());
        }
    }

    @Test
    void anErrorOfOurOwnLeavesAnInitThatReapsForwardsAndEndsWithTheDaemonsCode()
            throws IOException {
        survives("throw new IllegalStateException(\"planted\");");
    }

    @Test
    void soDoesWantOfMemory() throws IOException {
        survives("{ long[][] all = new long[100_000][]; "
                + "for (int i = 0; i < all.length; i++) all[i] = new long[1_000_000]; }");
    }

    private static SocketChannel connected(UnixDomainSocketAddress address) {
        while (true) {
            try {
                return SocketChannel.open(address);
            } catch (IOException notYet) {
                PidNamespace.pause(10);
            }
        }
    }

    /** Closed in Java is not closed in the kernel while a selector still has it. */
    @Test
    @Timeout(60)
    void whoIsConnectedSeesTheEndAtOnceAndNobodyIsLetInAnyMore() throws IOException {
        String daemon = PidNamespace.script(dir, "trap 'exit 33' TERM", "while :; do sleep 0.05; done");
        try (PidNamespace node = start("throw new IllegalStateException(\"planted\");", "--ready",
                "exec sleep 2", "--", daemon)) {
            UnixDomainSocketAddress address = UnixDomainSocketAddress.of(node.run("control.sock"));
            try (SocketChannel waiting = connected(address)) {
                node.waitForLog("from now on it only reaps and forwards");
                assertEquals(-1, waiting.read(ByteBuffer.allocate(100)));
            }
            assertThrows(IOException.class, () -> SocketChannel.open(address));
            node.signal("TERM");
            assertEquals(33, node.exitCode());
        }
    }

    @Test
    void withoutThePlantedErrorTheSameSetUpSupervises() throws IOException {
        try (PidNamespace node = start("{ }", "--", PidNamespace.obedient(dir))) {
            node.waitForLog("up 1");
            PidNamespace.pause(1_000);
            assertTrue(!node.log().contains("only reaps"), node.log());
            assertTrue(node.log().lines().noneMatch(line -> line.matches("\\S+Z \\S+Z .*")),
                    "a logger was made before its output: " + node.log());
        }
    }
}
