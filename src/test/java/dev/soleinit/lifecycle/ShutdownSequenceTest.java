package dev.soleinit.lifecycle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.soleinit.lifecycle.ShutdownSequence.Ending;
import dev.soleinit.lifecycle.ShutdownSequence.Stopped;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class ShutdownSequenceTest {
    private final List<String> told = Collections.synchronizedList(new ArrayList<>());

    @Test
    void componentsStopInReverseOrderOfTheirComing() {
        ShutdownSequence.Result result = new ShutdownSequence(Duration.ofSeconds(10))
                .add("database", () -> told.add("database")).add("server", () -> told.add("server"))
                .run();
        assertEquals(List.of("server", "database"), told);
        assertTrue(result.clean());
    }

    @Test
    void oneThatHangsIsRecordedAndPassedOver() {
        ShutdownSequence.Result result = new ShutdownSequence(Duration.ofSeconds(10))
                .add("first", () -> told.add("first"))
                .add("hangs", () -> { }, () -> Thread.sleep(60_000), Duration.ofMillis(50)).run();
        assertEquals(List.of(Ending.HUNG, Ending.CLEAN),
                result.components().stream().map(Stopped::ending).toList());
        assertEquals(List.of("first"), told);
        assertFalse(result.clean());
    }

    @Test
    void oneThatThrowsIsRecordedWithItsReason() {
        Stopped only = new ShutdownSequence(Duration.ofSeconds(10)).add("bad", () -> {
            throw new IllegalStateException("no such port");
        }).run().components().getFirst();
        assertEquals(Ending.FAILED, only.ending());
        assertTrue(only.reason().contains("no such port"), only.reason());
    }

    @Test
    void theOverallDeadlineBoundsThemAll() {
        ShutdownSequence sequence = new ShutdownSequence(Duration.ofMillis(200));
        for (int i = 0; i < 5; i++) {
            sequence.add("slow " + i, () -> Thread.sleep(60_000));
        }
        long begin = System.nanoTime();
        assertEquals(5, sequence.run().components().size());
        assertTrue(System.nanoTime() - begin < 5_000_000_000L, "it took longer than five times 5 s");
    }

    @Test
    void itRunsOnceAndASecondCallerGetsTheSameResult() {
        ShutdownSequence sequence = new ShutdownSequence(Duration.ofSeconds(1))
                .add("once", () -> told.add("once")).add("gone", () -> told.add("gone"));
        sequence.remove("gone");
        assertSame(sequence.run(), sequence.run());
        assertEquals(List.of("once"), told);
    }
}
