package dev.soleinit.statemachine.gates;

import dev.soleinit.process.Child;
import dev.soleinit.statemachine.model.Event;
import dev.soleinit.statemachine.model.Event.AllProcessesGone;
import dev.soleinit.statemachine.model.Event.Booted;
import dev.soleinit.statemachine.model.Event.CallerDisconnected;
import dev.soleinit.statemachine.model.Event.CheckFinished;
import dev.soleinit.statemachine.model.Event.ChildExited;
import dev.soleinit.statemachine.model.Event.ConfigurationEvent;
import dev.soleinit.statemachine.model.Event.DaemonEvent;
import dev.soleinit.statemachine.model.Event.DeadlinePassed;
import dev.soleinit.statemachine.model.Event.Forked;
import dev.soleinit.statemachine.model.Event.GenerationPersisted;
import dev.soleinit.statemachine.model.Event.LeftoversFound;
import dev.soleinit.statemachine.model.Event.LeftoversGone;
import dev.soleinit.statemachine.model.Event.ManifestFailed;
import dev.soleinit.statemachine.model.Event.ManifestSaved;
import dev.soleinit.statemachine.model.Event.ReloadCommandFinished;
import dev.soleinit.statemachine.model.Event.RequestEvent;
import dev.soleinit.statemachine.model.Event.SignalReceived;
import dev.soleinit.statemachine.model.Event.SpawnFailed;
import dev.soleinit.statemachine.model.Event.Spawned;
import dev.soleinit.statemachine.model.Event.StopCommandFinished;
import dev.soleinit.statemachine.model.Phase;
import dev.soleinit.statemachine.state.OtherProcess;
import dev.soleinit.statemachine.state.State;

/** Which of two processes an event is about: what comes from outside is about the current one. */
public final class OverlapEvents {
    private OverlapEvents() {}

    public static boolean isOther(State state, long now, Event event) {
        OtherProcess other = state.other().orElseThrow();
        long number = other.generation();
        return switch (event) {
            case GenerationPersisted(long stored, var _) -> stored == number;
            case Forked(Child child) -> child.generation() == number;
            case Spawned(Child child) -> child.generation() == number;
            case SpawnFailed(long failed, var _) -> failed == number;
            case ChildExited end -> other.process().isPresent()
                    && other.process().get().child().pid() == end.pid();
            case LeftoversFound(int pid, var _) -> isCleared(other, pid);
            case LeftoversGone(int pid) -> isCleared(other, pid);
            case ManifestSaved(long attempt) -> attempt == other.daemon().manifest();
            case ManifestFailed(long attempt, var _) -> attempt == other.daemon().manifest();
            case StopCommandFinished(long stopped, var _) -> stopped == number;
            case DaemonEvent told -> told.generation() == number;
            case DeadlinePassed _ -> now >= other.deadline();
            case Booted _, AllProcessesGone _, SignalReceived _, ReloadCommandFinished _,
                    CheckFinished _, ConfigurationEvent _, CallerDisconnected _, RequestEvent _ -> false;
        };
    }

    private static boolean isCleared(OtherProcess other, int pid) {
        return other.phase() instanceof Phase.ClearingLeftovers clearing
                && clearing.child().pid() == pid;
    }

    public static boolean isCurrent(State state, long now, Event event) {
        return event instanceof DeadlinePassed ? now >= state.ownDeadline()
                : !isOther(state, now, event);
    }
}
