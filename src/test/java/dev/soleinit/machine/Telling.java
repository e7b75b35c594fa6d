package dev.soleinit.machine;

import dev.soleinit.process.Child;
import java.util.List;
import java.util.stream.Collectors;

/** Phases and effects in a few words. */
public final class Telling {
    private Telling() {}

    public static String phase(State state) {
        String extra = switch (state.phase()) {
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
            case Phase.Draining draining -> "(" + draining.stage() + " until "
                    + seconds(draining.until()) + ")";
            case Phase.Reloading reloading -> "(to " + reloading.next()
                    + (reloading.isSilent() ? ", silent)" : ")");
            case Phase.Ready ready -> ready.leaving() ? "(leaving)" : "";
            case Phase.Idle _, Phase.Spawning _, Phase.Starting _, Phase.Killing _ -> "";
        };
        String held = state.desk().exit().map(exit -> ", its end is held until "
                + seconds(state.deadline())).orElse("");
        return state.phase().getClass().getSimpleName() + extra + " " + state.goal() + held;
    }

    public static String effects(List<Effect> effects) {
        return effects.isEmpty() ? "-"
                : effects.stream().map(Telling::effect).collect(Collectors.joining(", "));
    }

    private static String effect(Effect effect) {
        return switch (effect) {
            case Effect.Spawn(long generation, var arguments) -> "spawn " + generation
                    + arguments.map(words -> " " + words).orElse("");
            case Effect.Send(Child child, var signal, boolean group) ->
                    signal.name() + " to " + (group ? "group " : "") + child.generation();
            case Effect.KillGroup(Child child) -> "kill group " + child.generation();
            case Effect.StopLeftovers(Child child, var signal) ->
                    signal.name() + " to leftovers of " + child.generation();
            case Effect.KillLeftovers(Child child) -> "kill leftovers of " + child.generation();
            case Effect.SignalRest(var signal) -> signal.name() + " to the rest";
            case Effect.RememberFailures(int failures) -> "remember " + failures + " failures";
            case Effect.NoteEnd(End end) -> "note end (" + end.status().words() + ", " + end.cause()
                    + ")";
            case Effect.Say(String line) -> "say '" + line + "'";
            case Effect.SayRefused(String line) -> "refuse '" + line + "'";
            case Effect.TellOrchestrator(String line) -> "tell the orchestrator '" + line + "'";
            case Effect.Accept(long id, var disposition, var cooldown) -> "accept #" + id
                    + (disposition == Effect.Disposition.SCHEDULED ? "" : " (" + disposition + ")")
                    + (cooldown.isZero() ? "" : " in " + cooldown.toSeconds() + " s");
            case Effect.Finish(long id, Outcome outcome) ->
                    "finish #" + id + " " + outcome.result() + " '" + outcome.words() + "'"
                    + outcome.tale().map(tale -> " (drained " + tale.drained() + ", cut "
                            + tale.cut().stream().map(Item::id).toList() + ")").orElse("");
            case Effect.Tell(var notice) -> "tell " + notice;
            case Effect.KeepManifest(long generation, String reason, var left, int drained,
                    boolean _) ->
                    "keep " + left.stream().map(Item::id).toList() + " of " + generation;
            case Effect.RunPreflight _ -> "run the preflight command";
            case Effect.StoreGeneration(long generation) -> "store generation " + generation;
            case Effect.RunCheck(long run) -> "run check " + run;
            case Effect.RunStop _ -> "run the stop command";
            case Effect.RunReload _ -> "run the reload command";
        };
    }

    static String seconds(long nanos) {
        return nanos == Phase.NEVER ? "never" : nanos / 1_000_000 / 1000.0 + " s";
    }
}
