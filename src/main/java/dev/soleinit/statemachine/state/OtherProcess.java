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

    /** The same further on. */
    public OtherProcess with(Phase next) {
        return new OtherProcess(role, generation, next, daemon, requests, restarts, launch);
    }

    public OtherProcess with(OpenRequests next) {
        return new OtherProcess(role, generation, phase, daemon, next, restarts, launch);
    }

    /** Whether it may still become the current one. */
    public boolean isComing() {
        return role == Role.SUCCESSOR
                && (phase instanceof Phase.Spawning || phase instanceof Phase.Starting);
    }

    /** Its process, while there is one. */
    public Optional<DaemonProcess> process() {
        return phase.current();
    }

    /** When it wants to be looked at although nothing has happened. */
    public long deadline() {
        return daemon.deadline(phase, restarts);
    }
}
