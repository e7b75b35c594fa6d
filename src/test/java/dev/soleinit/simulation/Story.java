package dev.soleinit.simulation;

import dev.soleinit.statemachine.TransitionFormatter;
import dev.soleinit.statemachine.state.Step;

/** A step of a story, for people. */
final class Story {
    private Story() {}

    static String event(Move move, long before) {
        String pause = move.at() == before ? "" : "  (" + (move.at() - before) / 1_000_000
                + " ms later)\n";
        return pause + "  " + move.event() + (move.refused() ? ", and no process can be had" : "")
                + "\n";
    }

    static String outcome(Step step) {
        return "  = " + TransitionFormatter.phase(step.state()) + " | " + TransitionFormatter.effects(step.effects())
                + "\n";
    }
}
