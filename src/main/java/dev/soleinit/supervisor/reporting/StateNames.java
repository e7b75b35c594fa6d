package dev.soleinit.supervisor.reporting;

import dev.soleinit.statemachine.model.ExitRecord;
import dev.soleinit.statemachine.model.Goal;
import dev.soleinit.statemachine.model.Phase;
import dev.soleinit.statemachine.state.OtherProcess;
import dev.soleinit.statemachine.state.State;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** The public words for what is: in {@code status}, generation.json and the journal. */
public final class StateNames {
    private StateNames() {}

    public static String state(State state) {
        return state(state.phase(), state.goal());
    }

    /** What the process beside the current one is while a restart overlaps. */
    static String role(OtherProcess other) {
        return switch (other.role()) {
            case SUCCESSOR -> "successor";
            case PREDECESSOR -> "predecessor";
        };
    }

    /** How far that one is. */
    static String stage(OtherProcess other) {
        return state(other.phase(), Goal.UP);
    }

    private static String state(Phase phase, Goal goal) {
        return switch (phase) {
            case Phase.Idle _ -> goal == Goal.DOWN ? "held" : "idle";
            case Phase.Spawning _, Phase.Starting _ -> "starting";
            case Phase.Ready ready -> ready.stopping() ? "stopping" : "ready";
            case Phase.Draining _ -> "draining";
            case Phase.Reloading reloading -> reloading.isSilent() ? "ready" : "reloading";
            case Phase.StopDelayed _ -> "stop-delayed";
            case Phase.Terminating _ -> "stopping";
            case Phase.Killing _ -> "killing";
            case Phase.ClearingLeftovers _ -> "stopping";
            case Phase.BackingOff _ -> "backing-off";
            case Phase.Sweeping _ -> "ending";
            case Phase.Done _ -> "ended";
        };
    }

    public static boolean ready(State state) {
        return state.phase() instanceof Phase.Ready ready && !ready.stopping()
                || state.phase() instanceof Phase.Reloading reloading && reloading.isSilent();
    }

    /** What a phase with a deadline waits for, where the state's own fields do not say it. */
    static Optional<String> awaited(Phase phase) {
        return switch (phase) {
            case Phase.Idle _, Phase.Ready _, Phase.BackingOff _, Phase.Done _ -> Optional.empty();
            case Phase.Spawning _ -> Optional.of("the generation on disk");
            case Phase.Starting _ -> Optional.of("readiness");
            case Phase.Draining draining -> Optional.of(awaited(draining.stage()));
            case Phase.Reloading reloading -> Optional.of(awaited(reloading.stage()));
            case Phase.StopDelayed _ -> Optional.of("the end of the stop delay");
            case Phase.Terminating _, Phase.Killing _ -> Optional.of("the daemon's end");
            case Phase.ClearingLeftovers _ -> Optional.of("the end of what it left");
            case Phase.Sweeping _ -> Optional.of("the end of all processes");
        };
    }

    private static String awaited(Phase.Stage stage) {
        return switch (stage) {
            case FENCING -> "a last look at its work";
            case DRAINING -> "the end of its work";
            case PERSISTING -> "the interrupted work on disk";
        };
    }

    private static String awaited(Phase.ReloadStage stage) {
        return switch (stage) {
            case STORING -> "the generation on disk";
            case COMMAND -> "the reload command";
            case SIGNALED -> "a sign of the reload";
            case RAN, BEGUN -> "readiness";
        };
    }

    static String goal(Goal goal) {
        return switch (goal) {
            case UP -> "up";
            case RESTART -> "restart";
            case DOWN -> "down";
            case EXIT -> "exit";
        };
    }

    /** Which of two had this end, if it was not the current one. */
    private static Optional<String> role(ExitRecord end) {
        return switch (end.standing()) {
            case CURRENT -> Optional.empty();
            case SUCCESSOR -> Optional.of("successor");
            case PREDECESSOR -> Optional.of("predecessor");
        };
    }

    /** One end of a daemon. */
    public static Map<String, Object> end(ExitRecord end) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("generation", end.generation());
        fields.put("pid", (long) end.pid());
        fields.put("words", end.status().words());
        fields.put("code", (long) end.status().code());
        fields.put("uptimeMs", end.uptime().toMillis());
        fields.put("asked", end.asked());
        fields.put("cause", end.cause());
        role(end).ifPresent(role -> fields.put("role", role));
        return fields;
    }
}
