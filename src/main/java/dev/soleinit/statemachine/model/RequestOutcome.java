package dev.soleinit.statemachine.model;

import dev.soleinit.statemachine.work.WorkOutcome;
import java.util.Optional;

/**
 * The end of a request.
 *
 * @param result     how it ended
 * @param words      one sentence for people
 * @param generation the generation it ended with, 0 if there is none
 * @param tale       what a restart did to the work
 * @param lastExit   the end of the daemon that made it fail
 */
public record RequestOutcome(Result result, String words, long generation, Optional<WorkOutcome> tale,
        Optional<ExitRecord> lastExit) {
    /** Without a tale. */
    public RequestOutcome(Result result, String words, long generation) {
        this(result, words, generation, Optional.empty(), Optional.empty());
    }

    public RequestOutcome with(Optional<WorkOutcome> told) {
        return new RequestOutcome(result, words, generation, told, lastExit);
    }

    /** How a request can end. */
    public enum Result {
        /** Nothing had to be done. */
        ALREADY,
        /** Done as asked. */
        COMPLETE,
        /** A reload that was asked of the daemon and that nothing has confirmed. */
        UNCONFIRMED,
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
