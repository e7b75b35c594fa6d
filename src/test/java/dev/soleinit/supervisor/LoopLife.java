package dev.soleinit.supervisor;

import dev.soleinit.control.Request;
import dev.soleinit.os.Kernel;
import dev.soleinit.os.Kernel.SpawnRequest;
import dev.soleinit.process.RestartMode;
import dev.soleinit.process.Signal;
import dev.soleinit.process.SpawnError;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.BiFunction;

/**
 * One life from one seed: a daemon that obeys, ignores, crashes, forks and goes on in another process;
 * programs that cannot be executed, a kernel without processes and threads, a disk that stands still for a
 * while or for good, messages that are late, lost or there twice, a loop that is woken late, callers that ask
 * for everything, and now and then a fault in our own code.
 */
final class LoopLife implements FakeKernel.Programs {
    private static final int MAX_LATE_MS = 40;
    private static final int SLACK_MS = 10 * MAX_LATE_MS;
    private static final List<Signal> HARMLESS = List.of(Signal.HUP, Signal.USR1, new Signal(40));
    private static final List<Signal> STOPS = List.of(Signal.TERM, Signal.TERM, Signal.INT, Signal.QUIT);

    private final Random random;
    private final boolean notify;
    private final boolean overlaps;
    private int ready;
    private final boolean faulty;
    final LoopWorld world;
    private final FakeKernel kernel;

    /** @param mutant what a broken supervisor would do to the kernel, or nothing */
    LoopLife(long seed, BiFunction<Kernel, LoopLife, Kernel> mutant) {
        random = new Random(seed);
        notify = random.nextBoolean();
        overlaps = notify && seed % 3 == 0;
        faulty = chance(4);
        Fault fault = faulty ? new Fault(60 + random.nextInt(3_000),
                Fault.Kind.values()[random.nextInt(2)], false) : Fault.NONE;
        Fault.Counter counter = new Fault.Counter();
        world = new LoopWorld(settings(), this, SLACK_MS, os -> fault.plantedInto(
                mutant.apply(os, this), counter, this::planted));
        kernel = world.kernel;
        world.invariants.mayOverlap(overlaps);
        plan();
    }

    private void planted(String what, boolean nothingReturned) {
        world.invariants.faultPlanted(what, nothingReturned);
    }

    /** Once in so many. */
    private boolean chance(int times) {
        return random.nextInt(times) == 0;
    }

    private Map<String, String> settings() {
        Map<String, String> settings = new HashMap<>();
        settings.put("ready", notify ? "notify" : chance(2) ? "none" : "exec /bin/probe");
        settings.put("restart", List.of("always", "always", "on-failure", "never").get(random.nextInt(4)));
        settings.put("kill-mode", List.of("all", "group", "process").get(random.nextInt(3)));
        settings.put("backoff-initial", "500ms");
        if (overlaps) {
            // nobody binds anything here
            settings.put("overlap", "shared-port");
        }
        if (chance(4)) {
            settings.put("check", "/bin/check");
        }
        if (chance(4)) {
            settings.put("live", "exec /bin/live");
        }
        if (chance(8)) {
            settings.put("live", "tcp 127.0.0.1:1");
        }
        return settings;
    }

    /** Lives; returns what was wrong, with the last steps, or an empty text. */
    String live() {
        world.live();
        world.checkAnswers(faulty);
        return world.invariants.violation().map(how -> how + "\n  "
                + String.join("\n  ", world.invariants.lastSteps())).orElse("");
    }

    // ---- what comes from outside

    private void plan() {
        int most = random.nextInt(20);
        for (int i = 0; i < most; i++) {
            kernel.after(random.nextInt(60_000), this::something);
        }
        stallStorage();
        boolean threadsFail = chance(3);
        long threadsUntil = random.nextInt(60_000) * FakeKernel.MS;
        world.threadsFailWhile(() -> threadsFail && kernel.nanoTime() < threadsUntil);
        kernel.after(60_000 + random.nextInt(5_000), () -> kernel.signal(stop()));
        for (int i = random.nextInt(3); i > 0; i--) {
            kernel.after(60_000 + random.nextInt(12_000), () -> kernel.signal(stop()));
        }
        // who stops a container does not ask for ever
        kernel.after(120_000, () -> kernel.signal(Signal.TERM));
        kernel.after(180_000, this::killAll);
    }

    private void killAll() {
        kernel.all().forEach(one -> {
            if (one.isAlive()) {
                one.received.add(Signal.KILL);
                kernel.exit(one, 137);
            }
        });
    }

    private Signal stop() {
        return STOPS.get(random.nextInt(STOPS.size()));
    }

    private void stallStorage() {
        world.storageTakes(random.nextInt(5));
        long from = chance(2) ? Long.MAX_VALUE : random.nextInt(70_000) * FakeKernel.MS;
        long until = chance(2) ? Long.MAX_VALUE : from + random.nextInt(20_000) * FakeKernel.MS;
        world.storageStallsWhile(() -> kernel.nanoTime() >= from && kernel.nanoTime() < until);
    }

    private void something() {
        switch (random.nextInt(10)) {
            case 0, 1, 2 -> restarts();
            case 3 -> world.ask(chance(2) ? new Request.Start(chance(2)) : new Request.Stop(chance(2)));
            case 4 -> world.ask(new Request.Reload("because", chance(2), chance(2)));
            case 5 -> world.ask(chance(2) ? new Request.Status() : new Request.Preflight(Set.of()));
            case 6 -> world.ask(chance(2) ? new Request.SendSignal(Signal.HUP) : new Request.Wait(
                    Request.Condition.READY, 0, Optional.of(Duration.ofMillis(random.nextInt(9_000)))));
            case 7 -> kernel.signal(chance(40) ? stop() : HARMLESS.get(random.nextInt(HARMLESS.size())));
            case 8 -> kernel.beLate(random.nextInt(MAX_LATE_MS));
            default -> burst();
        }
    }

    private void burst() {
        for (Signal signal : HARMLESS) {
            kernel.signal(signal);
        }
        world.ask(new Request.Status());
    }

    /** What meets a start that is under way. */
    private void restarts() {
        world.ask(restart());
        if (overlaps && chance(2)) {
            long soon = random.nextInt(3_000);
            kernel.after(soon, () -> {
                switch (random.nextInt(6)) {
                    case 0 -> world.ask(restart());
                    case 1 -> kernel.signal(stop());
                    case 2 -> world.ask(new Request.Stop(true));
                    case 3 -> burst();
                    case 4 -> kernel.exit(world.invariants.main(), 3);
                    default -> world.ask(new Request.Reload("because", true, true));
                }
            });
        }
    }

    private Request restart() {
        RestartMode mode = RestartMode.values()[random.nextInt(4)];
        return new Request.Restart(mode, Optional.of(Duration.ofMillis(random.nextInt(5_000))),
                Optional.of(Duration.ofMillis(random.nextInt(9_000))), Set.of(), "because",
                chance(4) ? Optional.of(List.of("-x")) : Optional.empty(), chance(2), chance(2), chance(2), Optional.empty());
    }

    // ---- programs

    @Override
    public Optional<SpawnError> refusal(SpawnRequest request) {
        return chance(15) ? Optional.of(new SpawnError(SpawnError.Kind.RESOURCES, "no process is left"))
                : Optional.empty();
    }

    @Override
    public void started(FakeProcess process) {
        if (!process.isDaemon()) {
            prints(process);
            // some hang
            if (!chance(10)) {
                kernel.after(random.nextInt(300), () -> kernel.exit(process, random.nextInt(4) / 3));
            }
            return;
        }
        long executing = chance(8) ? random.nextInt(9_000) : random.nextInt(5);
        Optional<SpawnError> error = chance(20) ? Optional.of(new SpawnError(
                SpawnError.Kind.values()[random.nextInt(3)], "refused")) : Optional.empty();
        kernel.after(executing, () -> kernel.execute(process, error));
        if (error.isEmpty()) {
            runs(process, executing);
        }
    }

    /** Most say nothing, and one in a while never stops to. */
    private void prints(FakeProcess command) {
        switch (random.nextInt(6)) {
            case 0 -> kernel.outputs.print(command.pid, new byte[random.nextInt(70_000)]);
            case 1 -> kernel.after(random.nextInt(300), () -> kernel.outputs.flood(command.pid));
            default -> { }
        }
    }

    private void runs(FakeProcess daemon, long from) {
        if (notify && !chance(8)) {
            say(daemon, from + random.nextInt(2_000), "READY=1");
        }
        for (int i = random.nextInt(4); i > 0; i--) {
            kernel.after(from + random.nextInt(30_000), () -> forks(daemon));
        }
        if (chance(3)) {
            kernel.after(from + random.nextInt(40_000), () -> kernel.exit(daemon, random.nextInt(3) / 2));
        }
        if (chance(6)) {
            kernel.after(from + random.nextInt(20_000), () -> goesOnElsewhere(daemon));
        }
    }

    /** A message may be late, lost, or come twice. */
    private void say(FakeProcess who, long millis, String text) {
        for (int i = chance(10) ? 0 : chance(10) ? 2 : 1; i > 0; i--) {
            kernel.after(millis + (chance(5) ? random.nextInt(3_000) : 0), () -> {
                if (!who.isReaped()) {
                    kernel.datagram(who, text);
                }
            });
        }
    }

    private void forks(FakeProcess parent) {
        if (!parent.isAlive() || !parent.executed) {
            return;
        }
        FakeProcess child = kernel.fork(parent);
        world.invariants.forked(child);
        if (chance(2)) {
            child.parent = FakeKernel.SELF;
        }
        if (!chance(5)) {
            kernel.after(random.nextInt(3_000), () -> kernel.exit(child, 0));
        }
    }

    /** As a daemon does that forks and lets its first process end. */
    private void goesOnElsewhere(FakeProcess first) {
        if (!first.isAlive() || !first.executed) {
            return;
        }
        FakeProcess next = kernel.fork(first);
        world.invariants.forked(next);
        say(first, 0, "MAINPID=" + next.pid);
        kernel.after(1 + random.nextInt(500), () -> kernel.exit(first, 0));
        if (chance(2)) {
            kernel.after(random.nextInt(30_000), () -> kernel.exit(next, 3));
        }
    }

    @Override
    public void signalled(FakeProcess process, Signal signal) {
        boolean stop = STOPS.contains(signal);
        // who ignores stop signals is killed in the end
        if (stop && (process.pid % 5 != 0 || !process.isDaemon())) {
            kernel.after(random.nextInt(chance(4) ? 9_000 : 200), () -> kernel.exit(process, 7));
        }
    }
}
