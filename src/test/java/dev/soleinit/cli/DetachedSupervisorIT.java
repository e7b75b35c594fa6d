package dev.soleinit.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.soleinit.json.Json;
import dev.soleinit.storage.SupervisorMarker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The built distribution on a host that has no supervisor. */
class DetachedSupervisorIT {
    private static final String HOME = System.getProperty("soleinit.home");

    @TempDir
    Path directory;

    private record Ended(int exitCode, String output) {}

    private Process launch(int number, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(HOME + "/bin/daemon"));
        command.addAll(Arrays.asList(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true)
                .redirectOutput(output(number).toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("DAEMON_"));
        builder.environment().put("DAEMON_RUN_DIR", directory.resolve("run").toString());
        builder.environment().put("DAEMON_STATE_DIR", directory.resolve("state").toString());
        return builder.start();
    }

    private Path output(int number) {
        return directory.resolve("output." + number);
    }

    private Ended end(Process process, int number) throws Exception {
        assertTrue(process.waitFor(120, TimeUnit.SECONDS), "still running");
        return new Ended(process.exitValue(), Files.readString(output(number)));
    }

    private Ended run(String... arguments) throws Exception {
        return end(launch(0, arguments), 0);
    }

    private Map<?, ?> status() throws Exception {
        return (Map<?, ?>) Json.parse(run("status", "--json").output());
    }

    private Optional<ProcessHandle> supervisor() {
        return SupervisorMarker.read(directory.resolve("run")).flatMap(it -> ProcessHandle.of(it.pid()));
    }

    @AfterEach
    void endTheSupervisor() throws Exception {
        Optional<ProcessHandle> supervisor = supervisor();
        if (supervisor.isPresent()) {
            supervisor.get().destroy();
            supervisor.get().onExit().get(20, TimeUnit.SECONDS);
        }
    }

    @Test
    void aHundredStartsAtOnceYieldOneDaemonWhoseParentIsTheSupervisor() throws Exception {
        List<Process> starts = new ArrayList<>();
        for (int i = 1; i <= 100; i++) {
            starts.add(launch(i, "start", "--", "sh", "-c", "echo born; exec sleep 1000"));
        }
        for (int i = 1; i <= 100; i++) {
            Ended ended = end(starts.get(i - 1), i);
            assertEquals(0, ended.exitCode(), ended.output());
            assertTrue(ended.output().contains("generation 1,"), ended.output());
        }
        try (Stream<String> log = Files.lines(directory.resolve("state/supervisor.log"))) {
            assertEquals(1, log.filter("born"::equals).count());
        }
        Map<?, ?> status = status();
        assertEquals(1L, status.get("generation"), status::toString);
        ProcessHandle daemon = ProcessHandle.of((Long) status.get("pid")).orElseThrow();
        assertEquals(supervisor().orElseThrow().pid(), daemon.parent().orElseThrow().pid());
    }

    @Test
    void aStoppedDaemonStaysDownUntilItIsStartedAgain() throws Exception {
        assertEquals(0, run("start", "--", "sleep", "1000").exitCode());
        assertEquals(0, run("stop").exitCode());
        assertEquals(new Ended(3, "held"), firstWord(run("status")));
        assertEquals(0, run("stop").exitCode());
        assertEquals(0, run("start").exitCode());
        assertEquals(new Ended(0, "ready"), firstWord(run("status")));
        assertEquals(2L, status().get("generation"));
        assertEquals(0, run("restart").exitCode());
        assertEquals(3L, status().get("generation"));
    }

    private static Ended firstWord(Ended ended) {
        return new Ended(ended.exitCode(), ended.output().lines().findFirst().orElse(""));
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "0.02", "0.05", "0.1"})
    void aDaemonThatFailsShowsItsLastLinesAndIsTriedOnce(String seconds) throws Exception {
        Ended ended = run("start", "--ready", "notify", "--backoff-initial", "60s", "--", "sh", "-c",
                "echo planted trouble; sleep " + seconds + "; exit 3");
        assertEquals(1, ended.exitCode(), ended.output());
        assertTrue(ended.output().startsWith("Cannot start: the daemon failed: exit 3"),
                ended.output());
        assertTrue(ended.output().contains("\nplanted trouble\n"), ended.output());
        assertEquals(1L, status().get("generation"), ended.output());
    }

    @Test
    void aCommandThatDoesNotExistIsNamedAndLeavesNobody() throws Exception {
        Ended ended = run("start", "--", "/no/such/program");
        assertEquals(1, ended.exitCode(), ended.output());
        assertTrue(ended.output().contains("/no/such/program"), ended.output());
        assertFalse(supervisor().isPresent());
    }
}
