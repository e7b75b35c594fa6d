package dev.soleinit.statemachine.state;

import dev.soleinit.statemachine.model.ExitRecord;
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
 */
public record History(long generation, int failures, int failuresThisBoot,
        int consecutiveRestartExits, List<ExitRecord> exits, long manifests) {
    private static final int MAX_EXITS = 5;

    static History initial(long generation, int failures) {
        return new History(generation, failures, 0, 0, List.of(), 0);
    }

    History nextGeneration() {
        return new History(generation + 1, failures, failuresThisBoot, consecutiveRestartExits, exits,
                manifests);
    }

    History withFailures(int inARow, int thisBoot, int restartExits) {
        return new History(generation, inARow, thisBoot, restartExits, exits, manifests);
    }

    History plus(ExitRecord end) {
        List<ExitRecord> next = new ArrayList<>(List.of(end));
        next.addAll(exits.subList(0, Math.min(MAX_EXITS - 1, exits.size())));
        return new History(generation, failures, failuresThisBoot, consecutiveRestartExits,
                List.copyOf(next), manifests);
    }

    History nextManifest() {
        return new History(generation, failures, failuresThisBoot, consecutiveRestartExits, exits,
                manifests + 1);
    }
}
