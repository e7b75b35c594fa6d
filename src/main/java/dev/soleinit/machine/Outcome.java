package dev.soleinit.machine;

import java.util.Optional;

/**
 * The end of a request.
 *
 * @param result     how it ended
 * @param words      one sentence for people
 * @param generation the generation it ended with, 0 if there is none
 * @param tale       what a restart did to the work
 */
public record Outcome(Result result, String words, long generation, Optional<Tale> tale) {
    /** Without a tale. */
    public Outcome(Result result, String words, long generation) {
        this(result, words, generation, Optional.empty());
    }

    /** How a request can end. */
    public enum Result {
        /** Nothing had to be done. */
        ALREADY,
        /** Done as asked. */
        COMPLETE,
        /** Tried, and the daemon did not come up. */
        FAILED,
        /** Not tried. */
        REFUSED,
        /** Something stronger came in between. */
        SUPERSEDED,
        /** A safe restart has waited long enough; the daemon goes on serving. */
        GAVE_UP,
        /** Its caller left before it had begun. */
        CANCELLED
    }
}
