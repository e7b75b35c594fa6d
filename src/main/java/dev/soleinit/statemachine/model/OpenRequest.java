package dev.soleinit.statemachine.model;

/** A request that has not had its end yet. */
public record OpenRequest(long id, Kind kind) {
    /** What it waits for. */
    public enum Kind {
        /** A ready daemon. */
        START,
        /** No daemon. */
        STOP,
        /** A ready daemon of a newer generation. */
        RESTART,
        /** A daemon that has read its configuration anew. */
        RELOAD
    }
}
