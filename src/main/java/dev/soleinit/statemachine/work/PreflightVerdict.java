package dev.soleinit.statemachine.work;

/**
 * What the preflight command says of a daemon that reports no work itself.
 *
 * @param verdict what it found
 * @param reason  its words
 */
public record PreflightVerdict(Verdict verdict, String reason) {
    /** Only {@code IDLE} is idle: what is not known may be work. */
    public enum Verdict { IDLE, BUSY, UNKNOWN }
}
