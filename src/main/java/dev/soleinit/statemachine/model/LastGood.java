package dev.soleinit.statemachine.model;

import dev.soleinit.statemachine.settings.ExitSettings;

/**
 * What is known of the configuration file of which a good content is kept. Immutable; the moves are in
 * {@code LastGoodGate}. A content is known by its hash, empty where it is unknown.
 *
 * @param read       what the newest start or reload found in the file
 * @param reader     the generation that did
 * @param failures   processes in a row that did not get ready with that
 * @param ready      the generation that was seen ready last
 * @param readyWith  what that one found in the file
 * @param readySince since when it has been ready, {@link Phase#NEVER} while it is not
 * @param kept       what was given to the disk to keep
 */
public record LastGood(String read, long reader, int failures, long ready, String readyWith,
        long readySince, String kept) {
    /** Before anything was read. */
    public static LastGood none() {
        return new LastGood("", 0, 0, 0, "", Phase.NEVER, "");
    }

    /** Another content has all its starts before it. */
    public LastGood read(String hash, long generation) {
        return new LastGood(hash, generation, hash.equals(read) ? failures : 0, ready, readyWith,
                readySince, kept);
    }

    public LastGood failures(int inARow) {
        return new LastGood(read, reader, inARow, ready, readyWith, readySince, kept);
    }

    /** That generation is ready now, with what was read for it. */
    public LastGood ready(long generation, long now) {
        String with = generation == reader ? read : generation == ready ? readyWith : "";
        return new LastGood(read, reader, failures, generation, with, now, kept);
    }

    public LastGood notReady() {
        return new LastGood(read, reader, failures, ready, readyWith, Phase.NEVER, kept);
    }

    /** What the generation that is ready was started with is kept. */
    public LastGood keep() {
        return new LastGood(read, reader, failures, ready, readyWith, readySince, readyWith);
    }

    /** When what the generation in {@code phase} was started with is to be kept. */
    public long keepAt(Phase phase, ExitSettings settings) {
        boolean waits = settings.lastGoodAfter() > 0 && phase instanceof Phase.Ready
                && readySince != Phase.NEVER && !readyWith.isEmpty() && !readyWith.equals(kept);
        return waits ? readySince + settings.healthyAfter().toNanos() : Phase.NEVER;
    }
}
