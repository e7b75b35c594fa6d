package dev.soleinit.storage;

import static dev.soleinit.fuzz.Fuzzing.empty;
import static dev.soleinit.fuzz.Fuzzing.folder;
import static dev.soleinit.fuzz.Fuzzing.halves;
import static dev.soleinit.fuzz.Fuzzing.require;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The files of the generation counter: some number, and the next one is greater and found again. */
public final class CounterFuzz {
    private static final Path STATE = folder("counter");
    private static final int SLOT = 4096;
    private static final long GREATEST = 999_999_999_999_999_999L;

    private CounterFuzz() {}

    public static void fuzzerTestOneInput(byte[] input) throws IOException {
        byte[][] both = halves(input);
        load(both[0], both[1]);
        load(slots(both[0], both[1]), both[1]);
    }

    /** Two lines of the right length that begin with these. */
    private static byte[] slots(byte[] first, byte[] second) {
        byte[] slots = new byte[2 * SLOT];
        Arrays.fill(slots, (byte) ' ');
        System.arraycopy(first, 0, slots, 0, Math.min(SLOT, first.length));
        System.arraycopy(second, 0, slots, SLOT, Math.min(SLOT, second.length));
        return slots;
    }

    private static void load(byte[] slots, byte[] plain) throws IOException {
        Files.write(STATE.resolve("generation.slots"), slots);
        Files.write(STATE.resolve("generation"), plain);
        GenerationCounter counter = new GenerationCounter(STATE);
        List<String> warnings = new ArrayList<>();
        long newest = counter.load(warnings);
        require(newest >= 0, "a number is not negative");
        counter.reserve(newest);
        try {
            counter.store(newest + 1);
        } catch (IOException tooGreat) {
            require(newest == GREATEST, "a number that can be read can be followed");
            empty(STATE);
            return;
        }
        long again = new GenerationCounter(STATE).load(new ArrayList<>());
        require(again == newest + 1, newest + " and one was read as " + again);
        empty(STATE);
    }
}
