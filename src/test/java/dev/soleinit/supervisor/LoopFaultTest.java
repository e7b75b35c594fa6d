package dev.soleinit.supervisor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A fault at each single call of a short life, one life each. */
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class LoopFaultTest {
    @RegisterExtension
    static final StalledLog LOG = new StalledLog();

    @Test
    void withoutAFaultTheShortLifeIsWhole() {
        ShortLife life = new ShortLife(Fault.NONE);
        int code = life.live();
        life.world.checkAnswers(false);
        assertEquals("", violation(life));
        assertEquals(ShortLife.CODE, code);
        assertEquals(2, life.generations());
    }

    private static String violation(ShortLife life) {
        return life.world.invariants.violation().map(how -> how + "\n  "
                + String.join("\n  ", life.world.invariants.lastSteps())).orElse("");
    }

    @Test
    void whereverTheKernelFailsTheDaemonIsNotAlone() {
        ShortLife whole = new ShortLife(Fault.NONE);
        whole.live();
        assertTrue(whole.counter.calls > 100, "calls: " + whole.counter.calls);
        List<String> wrong = new ArrayList<>();
        for (int at = 1; at <= whole.counter.calls; at++) {
            // what only tells the time has done nothing that could be lost
            boolean both = !whole.counter.names.get(at - 1).equals("nanoTime");
            for (boolean after : both ? new boolean[] {false, true} : new boolean[] {false}) {
                String how = live(new Fault(at, at % 2 == 0 ? Fault.Kind.STATE : Fault.Kind.MEMORY,
                        after));
                if (!how.isEmpty()) {
                    wrong.add(how);
                }
            }
        }
        assertEquals(List.of(), wrong.stream().limit(3).toList(), wrong.size() + " are wrong");
    }

    private static String live(Fault fault) {
        ShortLife life = new ShortLife(fault);
        try {
            int code = life.live();
            life.world.checkAnswers(true);
            boolean daemonsCode = life.daemon == null || life.daemon.isAlive() || code == life.daemon.status().code()
                    || code == 70 || life.world.invariants.statusWasLost() && code == 1;
            return daemonsCode ? violation(life) : fault + ": exit " + code + violation(life);
        } catch (IllegalStateException | OutOfMemoryError planted) {
            // before the loop a failure is fatal
            return life.daemon == null ? "" : fault + " came through: " + planted;
        }
    }
}
