package dev.soleinit.statemachine;

import dev.soleinit.process.Child;
import dev.soleinit.statemachine.model.Effect;
import dev.soleinit.statemachine.model.ExitRecord.Standing;
import dev.soleinit.statemachine.model.ExitRecord;
import dev.soleinit.statemachine.model.Phase;
import dev.soleinit.statemachine.model.RequestOutcome;
import dev.soleinit.statemachine.state.OtherProcess;
import dev.soleinit.statemachine.state.State;
import dev.soleinit.statemachine.work.WorkItem;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Phases and effects in a few words. */
public final class TransitionFormatter {
    private TransitionFormatter() {}

    public static String phase(State state) {
        String held = state.daemon().exit().map(exit -> ", its end is held until "
                + seconds(state.ownDeadline())).orElse("");
        return phase(state.phase()) + " " + state.goal() + held
                + state.other().map(TransitionFormatter::other).orElse("");
    }

    private static String other(OtherProcess other) {
        String held = other.daemon().exit().isPresent() ? ", its end is held until "
                + seconds(other.deadline()) : "";
        return ", beside it " + other.generation() + " "
                + (other.role() == OtherProcess.Role.SUCCESSOR ? "comes: " : "goes: ")
                + phase(other.phase()) + held;
    }

    private static String phase(Phase phase) {
        String extra = switch (phase) {
            case Phase.BackingOff(long until, String reason) ->
                    "(until " + seconds(until) + ": " + reason + ")";
            case Phase.ClearingLeftovers(var _, var stage, long until, long spawnAt, String reason) ->
                    "(" + stage + " until " + seconds(until) + ", then start at "
                    + seconds(spawnAt) + (reason.isEmpty() ? "" : ": " + reason) + ")";
            case Phase.Sweeping(int code, long killAt) ->
                    "(code " + code + ", kill at " + seconds(killAt) + ")";
            case Phase.Done(int code) -> "(" + code + ")";
            case Phase.Terminating(var _, long killAt, var _) ->
                    "(kill at " + seconds(killAt) + ")";
            case Phase.StopDelayed delayed -> "(" + delayed.signal().name() + " at "
                    + seconds(delayed.until()) + ")";
            case Phase.Draining draining -> "(" + draining.stage() + " until "
                    + seconds(draining.until()) + ")";
            case Phase.Reloading reloading -> "(to " + reloading.next()
                    + (reloading.isSilent() ? ", silent)" : ")");
            case Phase.Ready ready -> ready.stopping() ? "(leaving)" : "";
            case Phase.Idle _, Phase.Spawning _, Phase.Starting _, Phase.Killing _ -> "";
        };
        return phase.getClass().getSimpleName() + extra;
    }

    public static String effects(List<Effect> effects) {
        return effects.isEmpty() ? "-"
                : effects.stream().map(TransitionFormatter::effect).collect(Collectors.joining(", "));
    }

    private static String effect(Effect effect) {
        return switch (effect) {
            case Effect.Spawn(long generation, var arguments) -> "spawn " + generation
                    + arguments.map(words -> " " + words).orElse("");
            case Effect.SendSignal(Child child, var signal, boolean group) ->
                    signal.name() + " to " + (group ? "group " : "") + child.generation();
            case Effect.KillGroup(Child child) -> "kill group " + child.generation();
            case Effect.StopLeftovers(Child child, var signal) ->
                    signal.name() + " to leftovers of " + child.generation();
            case Effect.KillLeftovers(Child child) -> "kill leftovers of " + child.generation();
            case Effect.SignalAllOthers(var signal) -> signal.name() + " to the rest";
            case Effect.PersistFailureCount(int failures) -> "remember " + failures + " failures";
            case Effect.KeepConfiguration(String hash) -> "keep configuration " + hash;
            case Effect.RestoreConfiguration(String failed) -> "restore the configuration instead of " + failed;
            case Effect.RecordExit(ExitRecord end) -> "note end " + (end.standing() == Standing.CURRENT ? ""
                    : "of the " + end.standing().name().toLowerCase(Locale.ROOT) + " ") + "("
                    + end.status().words() + ", " + end.cause() + ")";
            case Effect.LogWarning(String line) -> "say '" + line + "'";
            case Effect.LogRefusal(String line) -> "refuse '" + line + "'";
            case Effect.WriteTerminationMessage(String line) -> "tell the orchestrator '" + line + "'";
            case Effect.AcceptRequest(long id, var disposition, var cooldown) -> "accept #" + id
                    + (disposition == Effect.Disposition.SCHEDULED ? "" : " (" + disposition + ")")
                    + (cooldown.isZero() ? "" : " in " + cooldown.toSeconds() + " s");
            case Effect.FinishRequest(long id, RequestOutcome outcome) ->
                    "finish #" + id + " " + outcome.result() + " '" + outcome.words() + "'"
                    + outcome.tale().map(tale -> " (drained " + tale.drained() + ", cut "
                            + tale.cut().stream().map(WorkItem::id).toList() + ")").orElse("");
            case Effect.SendToDaemon(long generation, var notice) ->
                    "tell " + generation + " " + notice;
            case Effect.SaveManifest(long attempt, long generation, String reason, var left, int drained,
                    boolean _) ->
                    "keep " + left.stream().map(WorkItem::id).toList() + " of " + generation
                    + " (attempt " + attempt + ")";
            case Effect.RunPreflight _ -> "run the preflight command";
            case Effect.PersistGeneration(long generation) -> "store generation " + generation;
            case Effect.RunCheck(long run) -> "run check " + run;
            case Effect.RunStopCommand _ -> "run the stop command";
            case Effect.RunReloadCommand _ -> "run the reload command";
        };
    }

    static String seconds(long nanos) {
        return nanos == Phase.NEVER ? "never" : nanos / 1_000_000 / 1000.0 + " s";
    }
}
