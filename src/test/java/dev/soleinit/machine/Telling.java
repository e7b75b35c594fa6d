package dev.soleinit.machine;

import dev.soleinit.process.Child;
import java.util.List;
import java.util.stream.Collectors;

/** Phases and effects in a few words. */
final class Telling {
    private Telling() {}

    static String phase(State state) {
        String extra = switch (state.phase()) {
            case Phase.BackingOff(long until, String reason) ->
                    "(until " + seconds(until) + ": " + reason + ")";
            case Phase.Sweeping(int code, long killAt) ->
                    "(code " + code + ", kill at " + seconds(killAt) + ")";
            case Phase.Done(int code) -> "(" + code + ")";
            case Phase.Terminating(var _, long killAt, var _) ->
                    "(kill at " + seconds(killAt) + ")";
            case Phase.Ready ready -> ready.leaving() ? "(leaving)" : "";
            case Phase.Idle _, Phase.Spawning _, Phase.Starting _, Phase.Killing _ -> "";
        };
        return state.phase().getClass().getSimpleName() + extra + " " + state.goal();
    }

    static String effects(List<Effect> effects) {
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
            case Effect.SignalRest(var signal) -> signal.name() + " to the rest";
            case Effect.RememberFailures(int failures) -> "remember " + failures + " failures";
            case Effect.NoteEnd(End end) -> "note end (" + end.status().words() + ", " + end.cause()
                    + ")";
            case Effect.Say(String line) -> "say '" + line + "'";
            case Effect.TellOrchestrator(String line) -> "tell the orchestrator '" + line + "'";
            case Effect.Accept(long id, boolean coalesced) ->
                    "accept #" + id + (coalesced ? " (coalesced)" : "");
            case Effect.Finish(long id, Outcome outcome) ->
                    "finish #" + id + " " + outcome.result() + " '" + outcome.words() + "'";
        };
    }

    static String seconds(long nanos) {
        return nanos == Phase.NEVER ? "never" : nanos / 1_000_000 / 1000.0 + " s";
    }
}
