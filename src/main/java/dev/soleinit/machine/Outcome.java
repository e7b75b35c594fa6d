package dev.soleinit.machine;

/**
 * The end of a request.
 *
 * @param result     how it ended
 * @param words      one sentence for people
 * @param generation the generation it ended with, 0 if there is none
 */
public record Outcome(Result result, String words, long generation) {
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
        SUPERSEDED
    }
}
