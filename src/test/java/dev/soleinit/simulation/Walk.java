package dev.soleinit.simulation;

import dev.soleinit.statemachine.state.State;
import dev.soleinit.statemachine.state.Step;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Goes everywhere: from a first situation on everything that can happen, breadth first, equal
 * situations once. Of each situation it keeps only from which other one it was reached and how, so
 * what is found wrong has the shortest story.
 */
final class Walk {
    /**
     * How far it went.
     *
     * @param begun       so many events happen before the first step
     * @param depth       so many events deep after these every situation has been looked at
     * @param states      different situations
     * @param transitions events tried
     * @param cpuSeconds what it has had of the processor
     * @param story       what led to a broken invariant, if one broke
     */
    record Result(String name, int begun, int depth, boolean everything, int states, long transitions,
            double seconds, double cpuSeconds, Optional<String> story) {
        String words() {
            return String.format("%-42s %s%d + %d events deep, %,d states, %,d transitions, "
                    + "%.1f s, %.1f of them at work", name, everything ? "all that there is, " : "",
                    begun, depth, states, transitions, seconds, cpuSeconds);
        }
    }

    private final WalkSettings settings;
    private final StepFunction machine;
    private final String invariants;
    private final long until;
    private final long begun = System.nanoTime();
    private final long cpuBegun = cpu();
    private final Visited visited = new Visited();
    private int[] parents = new int[1 << 16];
    private short[] moves = new short[1 << 16];
    private int size;
    private long transitions;
    /** The story of the situation that is being looked at, so that the next one is told only in part. */
    private final List<Integer> path = new ArrayList<>();
    private final List<Situation> situations = new ArrayList<>();

    Walk(WalkSettings settings, StepFunction machine, double seconds) {
        this(settings, machine, seconds, ".*");
    }

    /** A walk that ends at one of these invariants, and goes no further where another one breaks. */
    Walk(WalkSettings settings, StepFunction machine, double seconds, String invariants) {
        this.settings = settings;
        this.invariants = invariants;
        this.machine = machine;
        this.until = begun + (long) (seconds * 1e9);
    }

    /** Until everything has been seen, an invariant breaks or the time is over. */
    Result run() {
        return run(Integer.MAX_VALUE);
    }

    /** The same for at most so many situations. */
    Result run(int most) {
        Situation root = new Situation(settings, machine);
        List<Move> prefix = new ArrayList<>();
        try {
            start(root, prefix);
        } catch (InvariantViolation broken) {
            return result(0, false, story(prefix, broken));
        }
        path.add(0);
        situations.add(root);
        visited.add(root.key());
        add(-1, 0);
        int depth = 0;
        for (int first = 0; first < size; depth++) {
            int last = size;
            for (int node = first; node < last; node++) {
                Optional<String> story = expand(node, prefix);
                if (story.isPresent() || node >= most || System.nanoTime() > until) {
                    return result(depth, false, story);
                }
            }
            first = last;
        }
        return result(depth, true, Optional.empty());
    }

    private Result result(int depth, boolean everything, Optional<String> story) {
        return new Result(settings.name(), settings.start().size(), depth, everything, size, transitions,
                (System.nanoTime() - begun) / 1e9, (cpu() - cpuBegun) / 1e9, story);
    }

    private static long cpu() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }

    private void start(Situation root, List<Move> prefix) {
        for (Class<?> wanted : settings.start()) {
            Move move = root.moves().stream().filter(one -> wanted.isInstance(one.event()))
                    .findFirst().orElseThrow();
            prefix.add(move);
            root.make(move);
        }
    }

    private Optional<String> expand(int node, List<Move> prefix) {
        Situation here = situation(node);
        List<Move> all = here.moves();
        for (int i = 0; i < all.size(); i++) {
            Situation next = here.copy();
            transitions++;
            try {
                next.make(all.get(i));
            } catch (InvariantViolation broken) {
                if (!broken.getMessage().split(":")[0].matches(invariants)) {
                    continue;
                }
                List<Move> moves = new ArrayList<>(prefix);
                moves.addAll(movesTo(node));
                moves.add(all.get(i));
                return story(moves, broken);
            }
            if (!next.isOver() && visited.add(next.key())) {
                add(node, i);
            }
        }
        return Optional.empty();
    }

    private void add(int parent, int move) {
        if (size == parents.length) {
            parents = Arrays.copyOf(parents, size * 2);
            moves = Arrays.copyOf(moves, size * 2);
        }
        parents[size] = parent;
        moves[size++] = (short) move;
    }

    private List<Integer> pathTo(int node) {
        List<Integer> nodes = new ArrayList<>();
        for (int at = node; at >= 0; at = parents[at]) {
            nodes.addFirst(at);
        }
        return nodes;
    }

    /** Neighbours have most of their story in common. */
    private Situation situation(int node) {
        List<Integer> wanted = pathTo(node);
        int common = 0;
        while (common < Math.min(wanted.size(), path.size())
                && wanted.get(common).equals(path.get(common))) {
            common++;
        }
        path.subList(common, path.size()).clear();
        situations.subList(common, situations.size()).clear();
        for (int at : wanted.subList(common, wanted.size())) {
            Situation before = situations.getLast();
            Situation next = before.copy();
            next.make(before.moves().get(moves[at]));
            path.add(at);
            situations.add(next);
        }
        return situations.getLast();
    }

    private List<Move> movesTo(int node) {
        situation(node);
        List<Move> made = new ArrayList<>();
        for (int i = 1; i < path.size(); i++) {
            made.add(situations.get(i - 1).moves().get(moves[path.get(i)]));
        }
        return made;
    }

    /** Told from the first state on. */
    private Optional<String> story(List<Move> all, InvariantViolation broken) {
        StringBuilder told = new StringBuilder(broken.getMessage() + "\n");
        Situation situation = new Situation(settings, machine);
        for (Move move : all) {
            State before = situation.state;
            told.append(Story.event(move, situation.now));
            try {
                for (Step step : situation.make(move)) {
                    told.append(Story.outcome(step));
                }
            } catch (InvariantViolation again) {
                told.append(Story.outcome(machine.step(before, move.event(), move.at(), 0.5)));
            }
        }
        return Optional.of(told.toString());
    }
}
