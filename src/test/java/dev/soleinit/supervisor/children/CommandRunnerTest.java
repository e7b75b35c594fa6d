package dev.soleinit.supervisor.children;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.soleinit.os.Kernel;
import dev.soleinit.os.Kernel.SpawnResult;
import dev.soleinit.process.ExitStatus;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When commands beside the daemon are started, and what becomes of their results. */
class CommandRunnerTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(1);

    @TempDir
    private Path directory;

    private final List<List<String>> started = new ArrayList<>();
    private final List<CommandRunner.Result> results = new ArrayList<>();
    private long filesWrittenAt;

    private CommandRunner helpers() {
        return new CommandRunner(quietOs(), (command, _, _) -> {
            started.add(command);
            return new SpawnResult.Started(40 + started.size(), 1);
        }, directory, now -> now < filesWrittenAt);
    }

    private static Kernel quietOs() {
        return (Kernel) Proxy.newProxyInstance(Kernel.class.getClassLoader(), new Class<?>[] {Kernel.class},
                (_, _, _) -> true);
    }

    @Test
    void aCommandStartsAtOnceWhenTheFilesAreWritten() {
        helpers().run(List.of("check"), 1, TIMEOUT, 10, results::add);
        assertEquals(List.of(List.of("check")), started);
    }

    @Test
    void aCommandThatMayReadThePidFileStartsOnceItIsWritten() {
        filesWrittenAt = 20;
        CommandRunner helpers = helpers();
        helpers.run(List.of("stop"), 2, TIMEOUT, 10, results::add);
        helpers.run(List.of("second"), 2, TIMEOUT, 11, results::add);
        helpers.tick(19);
        assertEquals(List.of(), started, "the files are written at 20");
        assertEquals(20, helpers.deadline(20), "it is due as soon as they are");
        helpers.tick(20);
        assertEquals(List.of(List.of("stop"), List.of("second")), started, "in the order asked for");
    }

    @Test
    void itsTimeBeginsWhenItStarts() {
        filesWrittenAt = 20;
        CommandRunner helpers = helpers();
        helpers.run(List.of("stop"), 2, TIMEOUT, 10, results::add);
        helpers.tick(20);
        assertEquals(20 + TIMEOUT.toNanos(), helpers.deadline(21));
        assertEquals(true, helpers.reaped(41, new ExitStatus.Exited(0)));
        assertEquals(List.of(new CommandRunner.Result(0, "")), results);
    }
}
