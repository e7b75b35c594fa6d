package dev.soleinit.supervisor.children;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.soleinit.os.Kernel;
import dev.soleinit.os.Kernel.SpawnResult;
import dev.soleinit.process.ExitStatus;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** When commands beside the daemon are started, and what becomes of their results and their output. */
class CommandRunnerTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(1);
    private static final long FLOOD_INTERVAL = 1_000_000;
    private static final int FIRST = 41;

    private final List<List<String>> started = new ArrayList<>();
    private final List<CommandRunner.Result> results = new ArrayList<>();
    private final FakeOutputs outputs = new FakeOutputs();
    private long filesWrittenAt;

    private CommandRunner helpers() {
        return new CommandRunner(os(), (command, _) -> {
            started.add(command);
            int pid = FIRST - 1 + started.size();
            outputs.open(pid);
            return new SpawnResult.Started(pid, 1);
        }, now -> now < filesWrittenAt);
    }

    private Kernel os() {
        return (Kernel) Proxy.newProxyInstance(Kernel.class.getClassLoader(), new Class<?>[] {Kernel.class},
                (_, method, arguments) -> switch (method.getName()) {
                    case "readOutput" -> outputs.read((int) arguments[0], (byte[]) arguments[1]);
                    case "closeOutput" -> {
                        outputs.close((int) arguments[0]);
                        yield null;
                    }
                    default -> true;
                });
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
        assertEquals(true, helpers.reaped(FIRST, new ExitStatus.Exited(0), 0));
        assertEquals(List.of(new CommandRunner.Result(0, "")), results);
    }

    // ---- output

    private CommandRunner running() {
        CommandRunner helpers = helpers();
        helpers.run(List.of("check"), 1, TIMEOUT, 0, results::add);
        return helpers;
    }

    private String printed(byte[] bytes) {
        CommandRunner helpers = running();
        outputs.print(FIRST, bytes);
        assertTrue(helpers.reaped(FIRST, new ExitStatus.Exited(0), 0));
        return results.getLast().output();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void theEndIsKeptAndTheRestIsCounted() {
        assertEquals("short", printed(bytes("short\n")));
        assertEquals("x".repeat(2_000), printedAgain("x".repeat(2_000)), "as much as is kept");
        String text = printedAgain("a".repeat(3_000) + "z".repeat(1_990) + " the end.");
        assertEquals("(2999 bytes left out) a" + "z".repeat(1_990) + " the end.", text);
    }

    private String printedAgain(String text) {
        started.clear();
        return printed(bytes(text));
    }

    @Test
    void noCharacterIsShownInHalves() {
        assertEquals("(2 bytes left out) " + "é".repeat(999) + "x",
                printed(bytes("é".repeat(1_000) + "x")), "one byte of it would be kept");
    }

    @Test
    void whatIsNoTextIsShownAsSuch() {
        assertEquals("a\uFFFDb\u001b[2J", printed(new byte[] {'a', (byte) 0xff, 'b', 27, '[', '2', 'J'}));
    }

    @Test
    void whatItPrintsIsTakenWhileItRuns() {
        CommandRunner helpers = running();
        outputs.print(FIRST, new byte[60_000]);
        helpers.tick(5);
        assertEquals(false, outputs.isReadable(), "it can print on");
        assertEquals(TIMEOUT.toNanos(), helpers.deadline(6), "nothing more is there");
    }

    @Test
    void aFloodHasItsShareOfATurnAndNoMore() {
        CommandRunner helpers = running();
        outputs.flood(FIRST);
        helpers.tick(5);
        assertEquals(16, outputs.reads(FIRST), "a pipe's content");
        assertEquals(5 + FLOOD_INTERVAL, helpers.deadline(6), "the next comes soon, and not at once");
        helpers.tick(5 + FLOOD_INTERVAL);
        assertEquals(32, outputs.reads(FIRST));
        helpers.tick(TIMEOUT.toNanos());
        String answer = results.getLast().output();
        assertTrue(answer.startsWith("no answer within 1000 ms: (194608 bytes left out) yyy"), answer);
        assertEquals(2_000, answer.length() - answer.indexOf("yyy"));
        assertEquals(Long.MAX_VALUE, helpers.deadline(TIMEOUT.toNanos()), "nothing is left to do");
    }

    @Test
    void itsOutputIsClosedAtItsEndWhoeverHoldsIt() {
        CommandRunner helpers = running();
        outputs.flood(FIRST);
        helpers.reaped(FIRST, new ExitStatus.Exited(0), 0);
        assertEquals(-1, outputs.reads(FIRST), "a grandchild floods on");
        helpers.run(List.of("hangs"), 1, TIMEOUT, 0, results::add);
        helpers.tick(TIMEOUT.toNanos());
        assertEquals(-1, outputs.reads(FIRST + 1), "it is killed");
        assertEquals(2, results.size());
    }
}
