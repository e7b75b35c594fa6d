package dev.soleinit.supervisor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.soleinit.os.Kernel;
import dev.soleinit.process.Signal;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Each way into {@link FallbackInit}, one test each: whatever our own code was about when it failed, the daemon is
 * not left alone, gets the signals that came for it, and its code is PID 1's.
 */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class FallbackInitTest {
    @RegisterExtension
    static final StalledLog LOG = new StalledLog();

    /** Throws at the first call after {@code begin} has been seen to be true, once. */
    private static final class Planted {
        private final Predicate<ShortLife> when;
        private final String call;
        private ShortLife life;
        private boolean thrown;

        Planted(String call, Predicate<ShortLife> when) {
            this.call = call;
            this.when = when;
        }

        Kernel into(Kernel kernel) {
            return (Kernel) Proxy.newProxyInstance(Kernel.class.getClassLoader(), new Class<?>[] {Kernel.class},
                    (_, method, arguments) -> {
                        if (!thrown && method.getName().equals(call) && when.test(life)) {
                            thrown = true;
                            life.world.invariants.faultPlanted("before " + call, false);
                            throw new OutOfMemoryError("planted");
                        }
                        return Fault.invoke(kernel, method, arguments);
                    });
        }

        /** Lives; returns the code, or fails if an invariant did not hold or nothing was thrown. */
        int live(java.util.function.Consumer<ShortLife> plan) {
            life = new ShortLife(this::into, plan);
            int code = life.live();
            assertEquals(Optional.empty(), life.world.invariants.violation(),
                    String.join("\n", life.world.invariants.lastSteps()));
            assertTrue(thrown, "the failure has happened");
            return code;
        }
    }

    private static boolean got(ShortLife life, Signal signal) {
        return life.daemon != null && life.daemon.received.contains(signal);
    }

    @Test
    void rightAfterTheForkTheChildIsKnown() {
        Planted planted = new Planted("nanoTime", life -> life.daemon != null);
        assertEquals(ShortLife.CODE, planted.live(_ -> { }));
        assertTrue(!planted.life.daemon.isAlive());
        assertEquals(1, planted.life.generations());
    }

    @Test
    void whileItsDeathIsDecidedOnItsCodeIsKept() {
        Planted planted = new Planted("nanoTime", life -> life.daemon != null
                && life.daemon.isReaped());
        assertEquals(3, planted.live(life -> life.world.kernel.after(100,
                () -> life.world.kernel.exit(life.daemon, 3))));
        assertEquals(1, planted.life.generations());
    }

    @Test
    void afterTheMainProcessHasChangedThatOneIsStayedWith() {
        FakeProcess[] next = new FakeProcess[1];
        Planted planted = new Planted("pollSignals", _ -> next[0] != null && next[0].received.isEmpty()
                && !next[0].isReaped() && next[0].parent == FakeKernel.SELF);
        assertEquals(ShortLife.CODE, planted.live(life -> life.world.kernel.after(100, () -> {
            FakeKernel kernel = life.world.kernel;
            next[0] = kernel.fork(life.daemon);
            life.world.invariants.forked(next[0]);
            kernel.datagram(life.daemon, "MAINPID=" + next[0].pid);
            kernel.after(10, () -> kernel.exit(life.daemon, 0));
        })));
        assertTrue(next[0].received.contains(Signal.TERM));
    }

    @Test
    void aMainProcessThatAnotherReapsIsSeenToEnd() {
        FakeProcess[] next = new FakeProcess[1];
        Planted planted = new Planted("receive", life -> next[0] != null
                && life.world.kernel.nanoTime() > 1_150 * FakeKernel.MS);
        assertEquals(1, planted.live(life -> life.world.kernel.after(100, () -> {
            FakeKernel kernel = life.world.kernel;
            next[0] = kernel.fork(life.daemon);
            life.world.invariants.forked(next[0]);
            kernel.datagram(life.daemon, "MAINPID=" + next[0].pid);
        })), "its own parent got its code");
    }

    @Test
    void beforeTheFirstStartThereIsNothingToStayFor() {
        Planted planted = new Planted("await", life -> life.daemon == null);
        assertEquals(70, planted.live(_ -> { }));
        assertEquals(0, planted.life.generations());
    }

    @Test
    void duringAStopTheSignalIsNotSentASecondTime() {
        Planted planted = new Planted("nanoTime", life -> got(life, Signal.TERM));
        assertEquals(ShortLife.CODE, planted.live(life -> life.world.kernel.after(250,
                () -> life.world.kernel.signal(Signal.TERM))));
        assertEquals(List.of(Signal.USR1, Signal.TERM), planted.life.daemon.received);
    }

    @Test
    void aSignalThatWasTakenAndNotSentIsSent() {
        Planted planted = new Planted("kill", life -> life.world.kernel.nanoTime()
                > 1_240 * FakeKernel.MS);
        assertEquals(ShortLife.CODE, planted.live(life -> life.world.kernel.after(250,
                () -> life.world.kernel.signal(Signal.TERM))));
        assertEquals(List.of(Signal.USR1, Signal.TERM), planted.life.daemon.received);
    }

    @Test
    void aSignalThatWaitedForTheProgramIsSent() {
        Planted planted = new Planted("launched", life -> life.daemon != null
                && life.world.kernel.nanoTime() > 1_002 * FakeKernel.MS);
        assertEquals(ShortLife.CODE, planted.live(life -> life.world.kernel.signal(Signal.HUP)));
        assertTrue(got(planted.life, Signal.HUP));
    }

    @Test
    void whatTheKernelRefusesInFallbackIsTriedAgain() {
        int[] refused = new int[1];
        Planted planted = new Planted("receive", life -> got(life, Signal.USR1));
        ShortLife life = new ShortLife(kernel -> (Kernel) Proxy.newProxyInstance(
                Kernel.class.getClassLoader(), new Class<?>[] {Kernel.class}, (_, method, arguments) -> {
                    if (planted.thrown && refused[0] < 40
                            && !List.of("nanoTime", "wake").contains(method.getName())) {
                        refused[0]++;
                        throw new OutOfMemoryError("still");
                    }
                    return Fault.invoke(planted.into(kernel), method, arguments);
                }), _ -> { });
        planted.life = life;
        assertEquals(ShortLife.CODE, life.live());
        assertEquals(Optional.empty(), life.world.invariants.violation());
        assertEquals(40, refused[0]);
    }

    @Test
    void threadsThatCannotBeStartedAreNoWayInAtAll() {
        ShortLife life = new ShortLife(kernel -> kernel, one -> one.world.threadsFailWhile(() -> true));
        assertEquals(ShortLife.CODE, life.live());
        assertEquals(2, life.generations(), "it restarts as ever");
        assertTrue(!life.world.invariants.hasFailed());
    }
}
