package dev.soleinit.lifecycle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.soleinit.lifecycle.ShutdownSequence.Result;
import dev.soleinit.lifecycle.ShutdownSequence.StopResult;
import dev.soleinit.lifecycle.ShutdownSequence.Stopped;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class ShutdownSequenceTest {
    private static final Duration SHORT = Duration.ofMillis(100);
    private static final Duration LONG = Duration.ofSeconds(20);
    private final List<String> told = new CopyOnWriteArrayList<>();
    private final CountDownLatch never = new CountDownLatch(1);

    private static List<StopResult> endings(Result result) {
        return result.components().stream().map(Stopped::ending).toList();
    }

    private static List<String> names(Result result) {
        return result.components().stream().map(Stopped::name).toList();
    }

    @Test
    void nothingToStopIsClean() {
        Result result = new ShutdownSequence(LONG).run();
        assertTrue(result.clean());
        assertEquals(List.of(), result.components());
    }

    @Test
    void theLastToComeIsTheFirstToGo() {
        Result result = new ShutdownSequence(LONG).add("store", () -> told.add("store"))
                .add("server", () -> told.add("server")).run();
        assertEquals(List.of("server", "store"), told);
        assertEquals(List.of("server", "store"), names(result));
        assertTrue(result.clean());
    }

    @Test
    void aComponentIsJoinedBeforeTheNextIsStopped() {
        new ShutdownSequence(LONG).add("store", () -> told.add("store"))
                .add("server", () -> told.add("stop"), () -> told.add("join"), LONG).run();
        assertEquals(List.of("stop", "join", "store"), told);
    }

    @Test
    void oneThatThrowsIsRecordedAndTheOthersAreStopped() {
        Result result = new ShutdownSequence(LONG).add("store", () -> told.add("store"))
                .add("server", () -> {
                    throw new IOException("disk full");
                }).run();
        assertEquals(List.of(StopResult.FAILED, StopResult.CLEAN), endings(result));
        String reason = result.components().getFirst().reason();
        assertTrue(reason.contains("disk full"), reason);
        assertEquals(List.of("store"), told);
        assertFalse(result.clean());
    }

    @Test
    void aJoinThatThrowsAndAnErrorAreFailuresToo() {
        Result result = new ShutdownSequence(LONG).add("worker", () -> {
            throw new AssertionError("broken");
        }).add("server", () -> { }, () -> {
            throw new IllegalStateException("no end");
        }, LONG).run();
        assertEquals(List.of(StopResult.FAILED, StopResult.FAILED), endings(result));
        assertTrue(result.components().getFirst().reason().contains("no end"), result.toString());
        assertTrue(result.components().getLast().reason().contains("broken"), result.toString());
    }

    @Test
    void oneThatHangsIsPassedOver() {
        Result result = new ShutdownSequence(LONG).add("store", () -> told.add("store"))
                .add("server", () -> { }, never::await, SHORT).run();
        assertEquals(List.of(StopResult.TIMED_OUT, StopResult.CLEAN), endings(result));
        assertEquals(List.of("store"), told);
        assertFalse(result.clean());
    }

    @Test
    void theThreadOfOneThatHangsIsInterruptedAndKeepsNoProcessAlive() throws Exception {
        AtomicReference<Thread> thread = new AtomicReference<>();
        CountDownLatch interrupted = new CountDownLatch(1);
        new ShutdownSequence(LONG).add("server", () -> {
            thread.set(Thread.currentThread());
            try {
                never.await();
            } catch (InterruptedException expected) {
                interrupted.countDown();
            }
        }, () -> { }, SHORT).run();
        assertTrue(interrupted.await(10, TimeUnit.SECONDS));
        assertTrue(thread.get().isDaemon());
    }

    @Test
    void theOverallDeadlineEndsWhatItsOwnTimeWouldAllow() {
        long begin = System.nanoTime();
        Result result = new ShutdownSequence(SHORT).add("store", never::await, () -> { }, LONG)
                .add("server", never::await, () -> { }, LONG).run();
        assertEquals(List.of(StopResult.TIMED_OUT, StopResult.TIMED_OUT), endings(result));
        assertTrue(System.nanoTime() - begin < LONG.toNanos() / 2, "took too long");
    }

    @Test
    void theResultSaysHowLongEachTook() {
        Result result = new ShutdownSequence(LONG).add("server", () -> Thread.sleep(50)).run();
        Duration took = result.components().getFirst().took();
        assertTrue(took.toMillis() >= 45 && took.compareTo(LONG) < 0, took.toString());
    }

    @Test
    void oneThatWasRemovedIsNotStopped() {
        ShutdownSequence sequence = new ShutdownSequence(LONG)
                .add("store", () -> told.add("store")).add("server", () -> told.add("server"));
        sequence.remove("server");
        sequence.remove("nobody");
        assertEquals(List.of("store"), names(sequence.run()));
        assertEquals(List.of("store"), told);
    }

    @Test
    void aSecondCallGetsTheSameResult() {
        AtomicInteger stops = new AtomicInteger();
        ShutdownSequence sequence = new ShutdownSequence(LONG);
        sequence.add("server", stops::incrementAndGet);
        assertSame(sequence.run(), sequence.run());
        assertEquals(1, stops.get());
    }

    @Test
    void aCallWhileItRunsWaitsForTheSameResult() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        ShutdownSequence sequence = new ShutdownSequence(LONG).add("server", () -> {
            begun.countDown();
            go.await();
        }, () -> { }, LONG);
        FutureTask<Result> first = new FutureTask<>(sequence::run);
        FutureTask<Result> second = new FutureTask<>(sequence::run);
        Thread.ofPlatform().daemon().start(first);
        begun.await();
        Thread.ofPlatform().daemon().start(second);
        Thread.sleep(50);
        assertFalse(second.isDone());
        go.countDown();
        assertSame(first.get(), second.get());
        assertTrue(first.get().clean());
    }

    @Test
    void aComponentMayRemoveAnotherWhileItStops() {
        ShutdownSequence sequence = new ShutdownSequence(LONG);
        sequence.add("client", () -> told.add("client")).add("server",
                () -> sequence.remove("client"), () -> { }, Duration.ofSeconds(2));
        Result result = sequence.run();
        assertTrue(result.clean(), result.toString());
        assertEquals(List.of("server"), names(result));
    }
}
