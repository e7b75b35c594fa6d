package dev.soleinit.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.soleinit.cli.start.DetachedSupervisor;
import dev.soleinit.control.IncomingRequest;
import dev.soleinit.control.Request;
import dev.soleinit.storage.ProcessLock;
import dev.soleinit.storage.StateDir;
import dev.soleinit.storage.SupervisorMarker;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The truth table of {@code daemon start}; the row that spawns is proved by DetachedSupervisorIT. */
class StartTest {
    @TempDir
    Path directory;
    private final Map<String, String> environment = new HashMap<>();
    private Path spawned;

    @BeforeEach
    void plantALauncherThatTells() throws IOException {
        environment.put("DAEMON_RUN_DIR", directory.resolve("run").toString());
        environment.put("DAEMON_STATE_DIR", directory.resolve("state").toString());
        spawned = directory.resolve("spawned");
        Path launcher = Files.createDirectories(directory.resolve("home/bin")).resolve("daemon");
        Files.writeString(launcher, "#!/bin/sh\ntouch " + spawned + "\necho planted failure\n"
                + "exit 78\n");
        assertTrue(launcher.toFile().setExecutable(true));
        System.setProperty("soleinit.home", directory.resolve("home").toString());
    }

    @AfterEach
    void forgetTheLauncher() {
        System.clearProperty("soleinit.home");
    }

    private CliRunner start() {
        return CliRunner.of(environment, "start", "--", "sleep", "1");
    }

    private FakeSupervisor supervisor(String outcome, String state) throws IOException {
        return new FakeSupervisor(directory.resolve("run"), call -> answer(call, outcome, state));
    }

    private static void answer(IncomingRequest call, String outcome, String state) {
        call.replyTo().result(call.request() instanceof Request.Start
                ? Map.of("outcome", Map.of("restartStatus", outcome))
                : Map.of("state", state, "pid", 42L, "generation", 7L,
                        "supervisor", Map.of("pid", 1L)));
    }

    @Test
    void aRunningDaemonIsLeftAloneAndItsOwnerNamed() throws IOException {
        environment.put("DAEMON_SUPERVISOR", "container");
        try (FakeSupervisor _ = supervisor("already", "ready")) {
            CliRunner run = start();
            assertEquals(ExitCodes.OK, run.exitCode(), run::toString);
            assertEquals("already running: pid 42, generation 7, owned by the container supervisor "
                    + "(pid 1)\n", run.out());
        }
        assertFalse(Files.exists(spawned));
    }

    @Test
    void aDaemonThatWasDownIsReadyAfterwards() throws IOException {
        try (FakeSupervisor _ = supervisor("complete", "ready")) {
            CliRunner run = start();
            assertEquals(ExitCodes.OK, run.exitCode(), run::toString);
            assertEquals("ready: pid 42, generation 7, owned by the supervisor (pid 1)\n", run.out());
        }
        assertFalse(Files.exists(spawned));
    }

    @Test
    void theVariableAloneForbidsToSpawn() {
        environment.put("DAEMON_SUPERVISOR", "container");
        CliRunner run = start();
        assertEquals(ExitCodes.NO_SUPERVISOR, run.exitCode(), run::toString);
        assertTrue(run.err().startsWith("Cannot start: "), run::toString);
        for (String part : List.of(directory + "/run/control.sock", "docker logs",
                "nothing was spawned")) {
            assertTrue(run.err().contains(part), part + " in " + run);
        }
        assertFalse(Files.exists(spawned), "spawned although the variable is set");
    }

    @Test
    void theVariableForbidsToSpawnEvenWithBrokenSettings() {
        environment.put("DAEMON_SUPERVISOR", "container");
        environment.put("DAEMON_STOP_TIMEOUT", "soon");
        assertEquals(ExitCodes.NO_SUPERVISOR, start().exitCode());
    }

    @Test
    void aHeldStateDirectoryNamesItsOwnerAndEndsWith75() throws IOException {
        Path state = directory.resolve("state");
        StateDir.open(state).writeOwner("abc123", "boot-1", 1);
        try (ProcessLock _ = ProcessLock.acquire(state.resolve("owner.lock")).orElseThrow()) {
            CliRunner run = start();
            assertEquals(ExitCodes.TRY_LATER, run.exitCode(), run::toString);
            assertTrue(run.err().contains("abc123"), run::toString);
        }
        assertFalse(Files.exists(spawned));
    }

    @Test
    void aHeldRunDirectoryNamesItsOwnerAndEndsWith75() throws IOException {
        Path run = directory.resolve("run");
        SupervisorMarker.prepare(run);
        new SupervisorMarker(4711, 1, "abc123", "0", "none").write(run);
        try (ProcessLock _ = ProcessLock.acquire(run.resolve("supervisor.lock")).orElseThrow()) {
            CliRunner start = start();
            assertEquals(ExitCodes.TRY_LATER, start.exitCode(), start::toString);
            assertTrue(start.err().contains("(pid 4711, instance abc123)"), start::toString);
        }
        assertFalse(Files.exists(spawned));
    }

    /** So long, and then for a supervisor that answers in the place of what was there before. */
    private void assertWaitsFor(Duration time, AutoCloseable before) throws Exception {
        CompletableFuture<CliRunner> start = CompletableFuture.supplyAsync(this::start);
        Thread.sleep(time);
        assertFalse(start.isDone(), () -> "given up: " + start.join());
        before.close();
        try (FakeSupervisor _ = supervisor("already", "ready")) {
            CliRunner ended = start.get(20, TimeUnit.SECONDS);
            assertEquals(ExitCodes.OK, ended.exitCode(), ended::toString);
        }
    }

    /** Twelve seconds: a supervisor that nobody waits for has ten. */
    @Test
    void aSupervisorThatSomebodyElseIsStartingIsWaitedFor() throws Exception {
        Path run = directory.resolve("run");
        SupervisorMarker.prepare(run);
        new SupervisorMarker(4711, 1, "abc123", "0", "none").write(run);
        ProcessLock owner = ProcessLock.acquire(run.resolve("supervisor.lock")).orElseThrow();
        try (ProcessLock _ = ProcessLock.acquire(run.resolve("start.lock")).orElseThrow()) {
            assertWaitsFor(Duration.ofSeconds(12), owner); // the fake one takes it itself
        }
        assertFalse(Files.exists(spawned));
    }

    /** It has bound its socket and accepts nobody yet; a supervisor that nobody waits for has a second here. */
    @Test
    void aSupervisorThatIsLongInAcceptingIsWaitedForWhileSomebodyElseIsStartingIt() throws Exception {
        Path run = directory.resolve("run");
        SupervisorMarker.prepare(run);
        ServerSocketChannel silent = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        silent.bind(UnixDomainSocketAddress.of(run.resolve("control.sock")));
        try (ProcessLock _ = ProcessLock.acquire(run.resolve("start.lock")).orElseThrow()) {
            assertWaitsFor(Duration.ofSeconds(4), silent);
        }
        assertFalse(Files.exists(spawned));
    }

    @Test
    void aLockThatIsNoneKeepsNobodyFromAskingASupervisor() throws Exception {
        try (FakeSupervisor _ = supervisor("already", "ready")) {
            Files.createDirectory(directory.resolve("run/start.lock"));
            CliRunner start = start();
            assertEquals(ExitCodes.OK, start.exitCode(), start::toString);
        }
    }

    @Test
    void aLeftoverMarkerStopsNoStart() throws IOException {
        Path run = directory.resolve("run");
        SupervisorMarker.prepare(run);
        new SupervisorMarker(1, 1, "abc123", "0", "none").write(run);
        Files.createFile(run.resolve("supervisor.lock"));
        start();
        assertTrue(Files.exists(spawned), "not spawned although no lock is held");
    }

    @Test
    void aSupervisorThatFailsToStartShowsItsLastLines() {
        CliRunner run = start();
        assertEquals(ExitCodes.CONFIGURATION, run.exitCode(), run::toString);
        assertTrue(run.err().contains("planted failure"), run::toString);
    }

    @Test
    void aStartWithoutACommandSaysHowToGiveOne() {
        CliRunner run = CliRunner.of(environment, "start");
        assertEquals(ExitCodes.USAGE, run.exitCode(), run::toString);
        assertTrue(run.err().contains("daemon start -- COMMAND"), run::toString);
    }

    @Test
    void theSupervisorGetsTheSettingsButNotTheOptionsOfStart() {
        assertEquals(List.of("supervise", "--stop-timeout", "3s", "--", "x", "--json"),
                DetachedSupervisor.forSupervise(List.of("start", "--json", "--stop-timeout", "3s",
                        "--reason", "why", "--no-block", "--", "x", "--json")));
    }
}
