package dev.soleinit.statemachine.state;

import dev.soleinit.statemachine.model.DaemonProcess;
import dev.soleinit.statemachine.model.Phase;
import java.util.Optional;

/**
 * The process beside the current one while a restart overlaps. It goes through the same phases, but
 * nothing follows from them for the current one. Immutable; the moves are in {@code
 * OverlapCoordinator}.
 *
 * @param role       whether it comes or goes
 * @param generation its number
 * @param phase      what is, of it
 * @param daemon     what is known of it beside its process
 * @param requests   the restarts that have their end with it
 * @param restarts   what the restart does to its work
 * @param launch     what a successor is started with
 */
public record OtherProcess(Role role, long generation, Phase phase, DaemonFacts daemon,
        OpenRequests requests, RestartState restarts, Launch launch) {
    /** Which of the two it is. */
    public enum Role {
        /** It is to become the current one as soon as it is ready. */
        SUCCESSOR,
        /** It was the current one, and is being ended. */
        PREDECESSOR
    }

    /** Its process, while there is one. */
    public Optional<DaemonProcess> process() {
        return phase.current();
    }

    /** When it wants to be looked at although nothing has happened. */
    public long deadline() {
        return deadline(phase, daemon, restarts);
    }

    static long deadline(Phase phase, DaemonFacts daemon, RestartState restarts) {
        if (daemon.exit().isPresent()) {
            return daemon.exit().get().deadline();
        }
        boolean waits = phase instanceof Phase.Starting || phase instanceof Phase.Ready
                || phase instanceof Phase.Draining;
        long alive = phase instanceof Phase.Ready ready ? ready.run().watchdogDeadline() : Phase.NEVER;
        return waits ? Math.min(Math.min(phase.deadline(), restarts.timers().wakeAt()), alive)
                : phase.deadline();
    }
}
