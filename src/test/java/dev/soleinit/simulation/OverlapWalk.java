package dev.soleinit.simulation;

import dev.soleinit.process.RestartMode;
import dev.soleinit.statemachine.TransitionFormatter;
import dev.soleinit.statemachine.model.Event;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * From a successor that has just been spawned, or whose number is still being stored, on everything that
 * can happen, in every order, at once and at the next deadline, breadth first and equal situations once.
 */
final class OverlapWalk {
    /**
     * How far it went.
     *
     * @param depth       so many events deep every situation has been looked at
     * @param states      different situations
     * @param transitions events tried
     * @param story       what led to a broken invariant, if one broke
     */
    record Result(int depth, int states, long transitions, Optional<String> story) {
        String description() {
            return String.format("two processes: %d events deep, %,d states, %,d transitions", depth,
                    states, transitions);
        }
    }

    private record Node(OverlapSituation situation, Node parent, Move move) {}

    private final long until;
    private final StepFunction machine;
    private final String invariants;
    private final List<RestartMode> modes;
    private final Visited visited = new Visited();
    private int states;
    private long transitions;

    OverlapWalk(double seconds, StepFunction machine, String invariants, RestartMode... modes) {
        this.modes = List.of(modes);
        this.until = System.nanoTime() + (long) (seconds * 1e9);
        this.machine = machine;
        this.invariants = invariants;
    }

    /** Until an invariant breaks or the time is over. */
    Result run() {
        List<Node> level = new ArrayList<>();
        try {
            for (RestartMode mode : modes) {
                level.add(new Node(start(mode, false), null, null));
                level.add(new Node(start(mode, true), null, null));
            }
        } catch (InvariantViolation broken) {
            return new Result(0, 0, 0, Optional.of(broken.getMessage()));
        }
        for (int depth = 0;; depth++) {
            List<Node> next = new ArrayList<>();
            for (Node node : level) {
                Optional<String> story = expand(node, next);
                if (story.isPresent() || System.nanoTime() > until) {
                    return new Result(depth, states, transitions, story);
                }
            }
            level = next;
        }
    }

    /** A daemon that is attached and works, and its successor, which runs or is to. */
    private OverlapSituation start(RestartMode mode, boolean runs) {
        OverlapSituation root = new OverlapSituation(OverlapSituation.policy(false), machine);
        root.make(new Event.Booted(), 0);
        take(root, Event.GenerationPersisted.class);
        take(root, Event.Spawned.class);
        take(root, Event.DaemonReady.class);
        take(root, Event.DaemonAttached.class);
        take(root, Event.WorkBegun.class);
        root.make(root.outside().stream().filter(one -> one instanceof Event.RestartRequested restart
                && restart.overlap() && restart.mode() == mode).findFirst().orElseThrow(), 0);
        if (runs) {
            take(root, Event.GenerationPersisted.class);
            take(root, Event.Spawned.class);
        }
        return root;
    }

    private static void take(OverlapSituation root, Class<? extends Event> wanted) {
        root.make(root.inside().stream().filter(wanted::isInstance).findFirst().orElseThrow(), 0);
    }

    private static List<Move> moves(OverlapSituation here) {
        List<Move> moves = new ArrayList<>();
        here.inside().forEach(event -> moves.add(new Move(event, here.now, false)));
        here.outside().forEach(event -> moves.add(new Move(event, here.now, false)));
        if (here.deadline() != Long.MAX_VALUE) {
            moves.add(new Move(new Event.DeadlinePassed(), here.deadline(), false));
        }
        return moves;
    }

    private Optional<String> expand(Node node, List<Node> next) {
        for (Move move : moves(node.situation())) {
            OverlapSituation there = node.situation().copy();
            transitions++;
            try {
                there.make(move.event(), move.at());
            } catch (InvariantViolation broken) {
                if (broken.getMessage().split(":")[0].matches(invariants)) {
                    return Optional.of(broken.getMessage() + "\n" + story(new Node(there, node, move)));
                }
                continue;
            }
            if (!there.isOver() && visited.add(there.key())) {
                states++;
                next.add(new Node(there, node, move));
            }
        }
        return Optional.empty();
    }

    private static String story(Node node) {
        if (node.parent() == null) {
            return "";
        }
        StringBuilder told = new StringBuilder(story(node.parent()));
        told.append(Story.event(node.move(), node.parent().situation().now));
        told.append("  = ").append(TransitionFormatter
                .phase(node.situation().state)).append('\n');
        return told.toString();
    }
}
