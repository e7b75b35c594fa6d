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
 * @param kept       what is kept on disk, as far as this supervisor has seen to that
 * @param keepFrom   nothing is given to the disk before; {@link Phase#NEVER} until it has answered
 */
public record LastGood(String read, long reader, int failures, long ready, String readyWith,
        long readySince, String kept, long keepFrom) {
    /** Before anything was read. */
    public static LastGood none() {
        return new LastGood("", 0, 0, 0, "", Phase.NEVER, "", 0);
    }

    /** Another content has all its starts before it. */
    public LastGood read(String hash, long generation) {
        return new LastGood(hash, generation, hash.equals(read) ? failures : 0, ready, readyWith,
                readySince, kept, keepFrom);
    }

    public LastGood failures(int inARow) {
        return new LastGood(read, reader, inARow, ready, readyWith, readySince, kept, keepFrom);
    }

    /** That generation is ready now; with what was read for it, where it has {@code confirmed} that. */
    public LastGood ready(long generation, boolean confirmed, long now) {
        String with = !confirmed ? ""
                : generation == reader ? read : generation == ready ? readyWith : "";
        // what an older content has had to wait for is nothing to this one
        return new LastGood(read, reader, failures, generation, with, now, kept,
                keepFrom == Phase.NEVER ? keepFrom : 0);
    }

    public LastGood notReady() {
        return new LastGood(read, reader, failures, ready, readyWith, Phase.NEVER, kept, keepFrom);
    }

    /** What the generation that is ready was started with was given to the disk. */
    public LastGood keeping() {
        return new LastGood(read, reader, failures, ready, readyWith, readySince, kept, Phase.NEVER);
    }

    /** The disk has it. */
    public LastGood kept(String hash) {
        return new LastGood(read, reader, failures, ready, readyWith, readySince, hash, 0);
    }

    /** The disk has not taken it, and is asked again when that time has come. */
    public LastGood notKept(long again) {
        return new LastGood(read, reader, failures, ready, readyWith, readySince, kept, again);
    }

    /** When what the generation in {@code phase} was started with is to be kept. */
    public long keepAt(Phase phase, ExitSettings settings) {
        boolean waits = settings.lastGoodAfter() > 0 && phase instanceof Phase.Ready
                && readySince != Phase.NEVER && !readyWith.isEmpty() && !readyWith.equals(kept);
        return waits ? Math.max(readySince + settings.healthyAfter().toNanos(), keepFrom) : Phase.NEVER;
    }
}
