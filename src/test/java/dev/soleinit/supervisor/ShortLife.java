package dev.soleinit.supervisor;

import dev.soleinit.control.Request;
import dev.soleinit.os.Kernel;
import dev.soleinit.os.Kernel.SpawnRequest;
import dev.soleinit.process.RestartMode;
import dev.soleinit.process.Signal;
import dev.soleinit.process.SpawnError;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * A life in which everything usual happens once: boot, ready, an orphan, a signal, a restart, and a TERM that
 * the daemon obeys with exit 7.
 */
final class ShortLife implements FakeKernel.Programs {
    static final int CODE = 7;
    private static final Map<String, String> SETTINGS = Map.of("ready", "notify");

    final LoopWorld world;
    final Fault.Counter counter = new Fault.Counter();
    FakeProcess daemon;
    private int generations;

    ShortLife(Fault fault) {
        world = new LoopWorld(SETTINGS, this, 0, kernel -> fault.plantedInto(kernel, counter,
                this::planted));
        plan();
    }

    /**
     * Prepares one with more in it than the usual.
     *
     * @param between what stands between the loop and the kernel
     * @param plan    what happens beside the usual
     */
    ShortLife(UnaryOperator<Kernel> between, Consumer<ShortLife> plan) {
        world = new LoopWorld(SETTINGS, this, 0, between);
        plan();
        plan.accept(this);
    }

    private void plan() {
        world.kernel.after(200, () -> world.kernel.signal(Signal.USR1));
        world.kernel.after(300, () -> world.ask(restart()));
        world.kernel.after(2_000, () -> world.kernel.signal(Signal.TERM));
        // for a life in which the first one was lost between the kernel and its taker
        world.kernel.after(9_000, () -> world.kernel.signal(Signal.TERM));
    }

    private void planted(String what, boolean nothingReturned) {
        world.invariants.faultPlanted(what, nothingReturned);
    }

    static Request restart() {
        return new Request.Restart(RestartMode.IMMEDIATE, Optional.empty(), Optional.empty(), Set.of(),
                "test", Optional.empty(), true, false, false, Optional.empty());
    }

    int live() {
        return world.live();
    }

    @Override
    public Optional<SpawnError> refusal(SpawnRequest request) {
        return Optional.empty();
    }

    @Override
    public void started(FakeProcess process) {
        daemon = process;
        generations++;
        FakeKernel kernel = world.kernel;
        kernel.after(3, () -> kernel.execute(process, Optional.empty()));
        kernel.after(50, () -> kernel.datagram(process, "READY=1"));
        kernel.after(60, () -> orphan(process));
    }

    private void orphan(FakeProcess parent) {
        if (parent.isAlive()) {
            FakeProcess orphan = world.kernel.fork(parent);
            orphan.parent = FakeKernel.SELF;
            world.invariants.forked(orphan);
            world.kernel.after(5, () -> world.kernel.exit(orphan, 0));
        }
    }

    @Override
    public void signalled(FakeProcess process, Signal signal) {
        if (signal.equals(Signal.TERM)) {
            world.kernel.after(20, () -> world.kernel.exit(process, CODE));
        }
    }

    int generations() {
        return generations;
    }
}
