package dev.soleinit.statemachine.model;

import dev.soleinit.process.ExitStatus;
import java.time.Duration;

/**
 * One end of the daemon.
 *
 * @param generation which life
 * @param pid        its process id
 * @param status     how the kernel says it ended
 * @param uptime     from spawn to end
 * @param asked      somebody had asked for it
 * @param cause      why, in words
 * @param at         when, in nanoseconds of the supervisor's monotonic clock
 * @param told       the cause says more than the status does
 * @param standing   which of two it was, if there were two
 */
public record ExitRecord(long generation, int pid, ExitStatus status, Duration uptime, boolean asked,
        String cause, long at, boolean told, Standing standing) {
    /** Which of two daemons had this end, while a restart overlapped. */
    public enum Standing {
        /** The one that all that is published was about. */
        CURRENT,
        /** The one that was to take its place. */
        SUCCESSOR,
        /** The one whose place had been taken. */
        PREDECESSOR
    }

    /** One sentence, for example {@code generation 3 exited with code 1 after 12 ms}. */
    public String words() {
        String how = switch (status) {
            case ExitStatus.Exited(int code) -> "exited with code " + code;
            case ExitStatus.Signaled _ -> "was ended by " + status.words();
            case ExitStatus.Unknown _ -> "ended, nobody knows how,";
        };
        return "generation " + generation + " " + how + " after " + uptime.toMillis() + " ms"
                + (told ? " (" + cause + ")" : "");
    }
}
