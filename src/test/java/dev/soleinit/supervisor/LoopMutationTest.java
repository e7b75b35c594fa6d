package dev.soleinit.supervisor;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.soleinit.os.Kernel;
import dev.soleinit.os.Kernel.Reaped;
import dev.soleinit.os.Kernel.SpawnRequest;
import dev.soleinit.process.ExitStatus;
import dev.soleinit.process.Signal;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The invariants of {@link LoopSimulationTest} see what they are there for: each supervisor that is broken on
 * purpose, by what it would do to the kernel, is caught within a few lives.
 */
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class LoopMutationTest {
    private static final int MAX_SEEDS = 120;
    private static final Set<Signal> STOPS = Set.of(Signal.TERM, Signal.INT, Signal.QUIT);

    @RegisterExtension
    static final StalledLog LOG = new StalledLog();

    /** What is broken, and the rules of which one has to say so. */
    enum Bug {
        PUBLISHES_BEFORE_IT_FORWARDS("atOnce"), SWALLOWS_SIGNALS_WHILE_STORAGE_STALLS("atOnce"),
        DROPS_STOP_SIGNALS("atOnce", "endsInTime"), FALLBACK_FORGETS_THE_CHILD("atOnce"),
        FALLBACK_DOES_NOT_STAY("staysWithTheDaemon"), NEVER_KILLS("killsInTime", "atOnce"),
        REAPS_ONE_EACH_SECOND_TURN("reaps"), SIGNALS_THE_REAPED("notToTheReaped"),
        SIGNALS_ITSELF("notToUs"), STARTS_TWO("oneDaemon"), STARTS_AFTER_A_STOP("stopWins", "oneDaemon"),
        ENDS_WITH_ANOTHER_CODE("endsWithItsCode"), SPINS("sleeps"), OVERSLEEPS("killsInTime", "endsInTime"),
        FORGETS_REQUESTS("answersOnce"), LEAVES_OUTPUTS_OPEN("outputIsClosed"), READS_NO_OUTPUT("sleeps"),
        WAITS_FOR_A_FLOOD("sleeps"), SIGNALS_THE_OTHER("atOnce", "signalsTheCurrent"),
        STOPS_ONE_OF_TWO("atOnce"), STARTS_A_THIRD("oneDaemon");

        final List<String> rules;

        Bug(String... rules) {
            this.rules = List.of(rules);
        }
    }

    /** Stands between the loop and the kernel, until it is caught. */
    private static final class Mutant {
        private final Kernel kernel;
        private final LoopLife life;
        private final Bug bug;
        private boolean hasLied;

        Mutant(Kernel kernel, LoopLife life, Bug bug) {
            this.kernel = kernel;
            this.life = life;
            this.bug = bug;
        }

        Kernel os() {
            return (Kernel) Proxy.newProxyInstance(Kernel.class.getClassLoader(), new Class<?>[] {Kernel.class},
                    (_, method, arguments) -> life.world.invariants.violation().isPresent()
                            ? Fault.invoke(kernel, method, arguments) : call(method, arguments));
        }

        private FakeKernel fake() {
            return (FakeKernel) kernel;
        }

        private boolean isFailed() {
            return life.world.invariants.hasFailed();
        }

        private Object call(Method method, Object[] arguments) throws Throwable {
            return switch (method.getName()) {
                case "kill", "killGroup" -> kill(method, arguments);
                case "pollSignals" -> pollSignals();
                case "reap" -> reap();
                case "spawn" -> spawn((SpawnRequest) arguments[0]);
                case "await" -> await((Duration) arguments[0]);
                case "closeOutput" -> bug == Bug.LEAVES_OUTPUTS_OPEN ? null
                        : Fault.invoke(kernel, method, arguments);
                case "readOutput" -> bug == Bug.READS_NO_OUTPUT ? 0
                        : Fault.invoke(kernel, method, arguments);
                default -> Fault.invoke(kernel, method, arguments);
            };
        }

        private Object kill(Method method, Object[] arguments) throws Throwable {
            Signal signal = (Signal) arguments[1];
            boolean kills = signal.equals(Signal.KILL);
            boolean dropped = bug == Bug.NEVER_KILLS && kills
                    || bug == Bug.SWALLOWS_SIGNALS_WHILE_STORAGE_STALLS && !kills
                            && life.world.storageIsStalled()
                    || bug == Bug.FALLBACK_FORGETS_THE_CHILD && isFailed();
            if (bug == Bug.PUBLISHES_BEFORE_IT_FORWARDS) {
                fake().pass(1);
            }
            FakeProcess main = life.world.invariants.main();
            Optional<FakeProcess> beside = life.world.invariants.beside();
            boolean toMain = main != null && Objects.equals(arguments[0], main.pid);
            if (bug == Bug.SIGNALS_THE_OTHER && toMain && beside.isPresent() && !STOPS.contains(signal) && !kills) {
                return kernel.kill(beside.get().pid, signal);
            }
            if (bug == Bug.STOPS_ONE_OF_TWO && beside.isPresent() && !kills
                    && Objects.equals(arguments[0], beside.get().pid)) {
                return true;
            }
            return dropped || (boolean) Fault.invoke(kernel, method, arguments);
        }

        private List<Signal> pollSignals() {
            List<Signal> taken = kernel.pollSignals();
            if (bug == Bug.DROPS_STOP_SIGNALS) {
                taken.removeIf(STOPS::contains);
            }
            if (bug == Bug.SIGNALS_ITSELF && !taken.isEmpty()) {
                kernel.kill(FakeKernel.SELF, taken.getFirst());
            }
            if (bug == Bug.STARTS_AFTER_A_STOP && taken.stream().anyMatch(STOPS::contains)) {
                fake().observer.spawned(new FakeProcess(9_999, 1, 9_999, 1, fake().lastStart()));
            }
            return taken;
        }

        private Optional<Reaped> reap() {
            FakeProcess main = life.world.invariants.main();
            if (bug == Bug.FALLBACK_DOES_NOT_STAY && isFailed() && main != null && main.isAlive()
                    && !hasLied) {
                hasLied = true;
                return Optional.of(new Reaped(main.pid, new ExitStatus.Exited(0)));
            }
            if (bug == Bug.REAPS_ONE_EACH_SECOND_TURN && fake().turn() % 4 != 0) {
                return Optional.empty();
            }
            Optional<Reaped> dead = kernel.reap();
            if (bug == Bug.SIGNALS_THE_REAPED && dead.isPresent()) {
                kernel.kill(dead.get().pid(), Signal.TERM);
            }
            return bug == Bug.ENDS_WITH_ANOTHER_CODE ? dead.map(one -> new Reaped(one.pid(),
                    new ExitStatus.Exited(one.status().code() + 1))) : dead;
        }

        private Object spawn(SpawnRequest request) {
            boolean third = bug == Bug.STARTS_A_THIRD && life.world.invariants.beside().isEmpty()
                    && life.world.invariants.main() != null && life.world.invariants.main().isAlive();
            if ((bug == Bug.STARTS_TWO || third) && request.reported()) {
                kernel.spawn(request);
            }
            return kernel.spawn(request);
        }

        private Object await(Duration max) {
            if (bug == Bug.WAITS_FOR_A_FLOOD && fake().outputs.isFlooded()) {
                kernel.wake();
            }
            kernel.await(bug == Bug.SPINS ? Duration.ZERO
                    : bug == Bug.OVERSLEEPS ? max.plusSeconds(9) : max);
            return null;
        }
    }

    @ParameterizedTest
    @EnumSource(Bug.class)
    void theBugIsCaught(Bug bug) {
        for (long seed = 1; seed <= MAX_SEEDS; seed++) {
            LoopLife life = new LoopLife(seed, (kernel, one) -> new Mutant(kernel, one, bug).os());
            if (bug == Bug.FORGETS_REQUESTS) {
                life.world.forgetRequests();
            }
            String wrong = life.live();
            if (!wrong.isEmpty()) {
                assertTrue(bug.rules.contains(wrong.substring(0, wrong.indexOf(':'))), wrong);
                return;
            }
        }
        fail(bug + " was not caught");
    }
}
