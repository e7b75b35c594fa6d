package dev.soleinit.statemachine.gates;

import dev.soleinit.statemachine.Transition;
import dev.soleinit.statemachine.model.DaemonProcess;
import dev.soleinit.statemachine.model.Effect;
import dev.soleinit.statemachine.model.Event.ConfigurationEvent;
import dev.soleinit.statemachine.model.Event.ConfigurationKept;
import dev.soleinit.statemachine.model.Event.ConfigurationRead;
import dev.soleinit.statemachine.model.Event.ConfigurationRestored;
import dev.soleinit.statemachine.model.LastGood;
import dev.soleinit.statemachine.model.Phase;
import java.time.Duration;

/**
 * The configuration of a generation that became healthy is kept. One that changed since and does not
 * get ready so many times in a row is replaced by that; whether it has changed is for the disk to say,
 * which has both. What follows from that is decided by the phase.
 */
public final class LastGoodGate {
    /** A disk that is full, or a file that another edit is in, may be different then. */
    private static final long KEPT_AGAIN = Duration.ofMinutes(1).toNanos();

    private LastGoodGate() {}

    private static boolean isOff(Transition turn) {
        return turn.settings().exits().lastGoodAfter() == 0;
    }

    /** Comes before the phase. */
    public static void told(Transition turn, ConfigurationEvent event) {
        LastGood known = turn.state.lastGood();
        switch (event) {
            case ConfigurationRead(long generation, String hash) ->
                    turn.state = turn.state.with(known.read(hash, generation));
            case ConfigurationKept(String hash, boolean kept) -> turn.state = turn.state.with(kept
                    ? known.kept(hash) : known.notKept(turn.now + KEPT_AGAIN));
            case ConfigurationRestored(boolean restored, String words) -> {
                if (restored) {
                    turn.state = turn.state.with(known.failures(0));
                }
                turn.emit(new Effect.LogWarning(words));
            }
        }
    }

    /**
     * A process ended too early. Where readiness means nothing the end alone tells; else one that was
     * ready once has shown that its configuration can be read. A disk that did not take the kept one is
     * asked again after as many failures.
     */
    public static void failed(Transition turn, DaemonProcess run) {
        LastGood known = turn.state.lastGood();
        boolean gotReady = known.ready() == run.child().generation()
                && !turn.settings().ready().whenSpawned();
        if (isOff(turn) || gotReady) {
            return;
        }
        turn.state = turn.state.with(known.failures(known.failures() + 1));
        if (turn.state.lastGood().failures() % turn.settings().exits().lastGoodAfter() == 0) {
            turn.emit(new Effect.RestoreConfiguration(known.read()));
        }
    }

    /** Comes after each decision: readiness begins, ends, or has lasted for long enough. */
    public static void afterwards(Transition turn) {
        if (isOff(turn)) {
            return;
        }
        follow(turn);
        LastGood known = turn.state.lastGood();
        if (turn.now >= known.keepAt(turn.state.phase(), turn.settings().exits())) {
            turn.emit(new Effect.KeepConfiguration(known.readyWith()));
            turn.state = turn.state.with(known.keeping().failures(0));
        }
    }

    private static void follow(Transition turn) {
        LastGood known = turn.state.lastGood();
        if (turn.state.phase() instanceof Phase.Ready phase) {
            long generation = phase.run().child().generation();
            if (known.ready() != generation || known.readySince() == Phase.NEVER) {
                // what nobody has confirmed, the daemon may never have taken
                boolean confirmed = phase.run().origin() != DaemonProcess.Origin.UNCONFIRMED;
                LastGood ready = known.ready(generation, confirmed, turn.now);
                turn.state = turn.state.with(turn.settings().ready().whenSpawned() ? ready
                        : ready.failures(0));
            }
        } else if (!(turn.state.phase() instanceof Phase.Draining)
                && known.readySince() != Phase.NEVER) {
            turn.state = turn.state.with(known.notReady());
        }
    }
}
