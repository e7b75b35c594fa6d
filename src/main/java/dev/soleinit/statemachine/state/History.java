package dev.soleinit.statemachine.state;

import dev.soleinit.statemachine.model.ExitRecord;
import dev.soleinit.statemachine.model.LastGood;
import java.util.ArrayList;
import java.util.List;

/**
 * What has been so far. Immutable.
 *
 * @param generation              the newest generation that was used
 * @param failures                quick failures in a row, kept across lives of the supervisor
 * @param failuresThisBoot        the same, in this life only: what giving up counts
 * @param consecutiveRestartExits exits with code 75 in a row without a healthy run between them
 * @param exits                   the last ends of the daemon, newest first, five at the most
 * @param manifests               how often interrupted work was given to the disk
 * @param beside                  the newest generation that began beside another one
 * @param lastGood                what is known of the configuration that is kept
 */
public record History(long generation, int failures, int failuresThisBoot,
        int consecutiveRestartExits, List<ExitRecord> exits, long manifests,
        long beside, LastGood lastGood) {
    private static final int MAX_EXITS = 5;

    static History initial(long generation, int failures) {
        return new History(generation, failures, 0, 0, List.of(), 0, 0, LastGood.none());
    }

    History nextGeneration() {
        return new History(generation + 1, failures, failuresThisBoot, consecutiveRestartExits, exits,
                manifests, beside, lastGood);
    }

    History withFailures(int inARow, int thisBoot, int restartExits) {
        return new History(generation, inARow, thisBoot, restartExits, exits, manifests,
                beside, lastGood);
    }

    History plus(ExitRecord end) {
        List<ExitRecord> next = new ArrayList<>(List.of(end));
        next.addAll(exits.subList(0, Math.min(MAX_EXITS - 1, exits.size())));
        return new History(generation, failures, failuresThisBoot, consecutiveRestartExits,
                List.copyOf(next), manifests, beside, lastGood);
    }

    History nextManifest() {
        return new History(generation, failures, failuresThisBoot, consecutiveRestartExits, exits,
                manifests + 1, beside, lastGood);
    }

    /** The number is one of a process of its own from the beginning. */
    History beginsBeside() {
        return new History(generation, failures, failuresThisBoot, consecutiveRestartExits, exits,
                manifests, generation, lastGood);
    }

    History with(LastGood next) {
        return new History(generation, failures, failuresThisBoot, consecutiveRestartExits, exits,
                manifests, beside, next);
    }
}
