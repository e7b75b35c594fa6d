package dev.soleinit.supervisor.children;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.soleinit.os.Kernel;
import dev.soleinit.os.Kernel.ProcessEntry;
import dev.soleinit.process.Child;
import dev.soleinit.statemachine.settings.LeftoverSettings.KillMode;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The cases of {@link LeftoverRule}, one each. The daemon was 10, in the supervisor's session 1. */
class LeftoverRuleTest {
    private static final long DAEMON_TICKS = 1_000;
    private static final String OURS = "0123456789abcdef0123456789abcdef";
    private static final String OTHER = "ffffffffffffffffffffffffffffffff";

    private final List<ProcessEntry> table = new ArrayList<>();
    private final Map<Integer, String> ids = new HashMap<>();
    private final Set<Integer> helpers = new HashSet<>();
    private int self = 1;
    private int other;

    /** A kernel that knows only what the rule may ask. */
    private Kernel kernel() {
        return (Kernel) Proxy.newProxyInstance(Kernel.class.getClassLoader(), new Class<?>[] {Kernel.class},
                (proxy, method, arguments) -> switch (method.getName()) {
                    case "self" -> self;
                    case "invocationId" -> Optional.ofNullable(ids.get((int) arguments[0]));
                    case "isOwnChild" -> true;
                    default -> throw new UnsupportedOperationException(method.getName());
                });
    }

    private LeftoverRuleTest process(int pid, int parent, int group, int session) {
        table.add(new ProcessEntry(pid, parent, group, session, DAEMON_TICKS + pid, "p"));
        return this;
    }

    private LeftoverRuleTest says(int pid, String id) {
        ids.put(pid, id);
        return this;
    }

    private List<Integer> found(KillMode mode) {
        Kernel os = kernel();
        DaemonProcesses daemon = new DaemonProcesses(os);
        daemon.spawned(new Child(1, 10, DAEMON_TICKS));
        List<ProcessEntry> all = new ArrayList<>(table);
        all.add(new ProcessEntry(self, 0, self, self, 1, "java"));
        return new LeftoverRule(os, mode, daemon, OURS, helpers::contains).leftovers(all, others(os))
                .stream().map(ProcessEntry::pid).sorted().toList();
    }

    /** A daemon that lives beside the ended one, if there is one. */
    private List<DaemonProcesses> others(Kernel os) {
        if (other == 0) {
            return List.of();
        }
        DaemonProcesses living = new DaemonProcesses(os);
        living.spawned(new Child(2, other, DAEMON_TICKS + other));
        return List.of(living);
    }

    private List<Integer> found() {
        return found(KillMode.ALL);
    }

    @Test
    void membersOfItsGroupAndTheirChildrenAre() {
        process(20, 1, 10, 1).process(21, 20, 21, 21).process(22, 21, 22, 21);
        assertEquals(List.of(20, 21, 22), found());
        assertEquals(List.of(20), found(KillMode.GROUP));
    }

    @Test
    void orphansWithItsInvocationIdAre() {
        assertEquals(List.of(20, 21), process(20, 1, 20, 20).says(20, OURS).process(21, 20, 20, 20)
                .found());
    }

    @Test
    void orphansWithAnotherInvocationIdAreNot() {
        assertEquals(List.of(), process(20, 1, 20, 1).says(20, OTHER).found());
    }

    @Test
    void orphansInTheSupervisorsSessionAre() {
        assertEquals(List.of(20, 21), process(20, 1, 20, 1).says(20, "").process(21, 1, 21, 1)
                .found());
    }

    @Test
    void orphansOfAnExecSessionAreNot() {
        assertEquals(List.of(), process(20, 1, 19, 19).says(20, "").found());
    }

    @Test
    void whoCannotBeAskedIsUnlessItsSessionIsForeign() {
        process(20, 1, 20, 20);
        assertEquals(List.of(20), found());
        // a shell of docker exec, and what it has orphaned as another user
        process(30, 0, 30, 30).process(31, 1, 31, 30);
        assertEquals(List.of(20), found());
    }

    @Test
    void execSessionsAreNot() {
        assertEquals(List.of(), process(30, 0, 30, 30).process(31, 30, 31, 30).says(31, OURS).found());
    }

    @Test
    void whoIsOlderThanTheDaemonIsNot() {
        table.add(new ProcessEntry(5, 1, 5, 5, DAEMON_TICKS - 1, "p"));
        assertEquals(List.of(), says(5, OURS).found());
    }

    @Test
    void whatIsOfAnotherDaemonThatLivesIsNot() {
        other = 40;
        process(40, 1, 40, 1).process(41, 40, 40, 1).process(42, 1, 40, 1);
        process(50, 1, 50, 50).process(51, 1, 51, 1);
        assertEquals(List.of(), found(), "and of whom it is cannot be told of 50 and 51");
        process(20, 1, 10, 1).process(21, 1, 21, 21).says(21, OURS);
        assertEquals(List.of(20, 21), found());
        other = 0;
        assertEquals(List.of(20, 21, 40, 41, 42, 50, 51), found(), "without the other all of them are");
    }

    @Test
    void helpersAndTheirChildrenAreNot() {
        helpers.add(20);
        assertEquals(List.of(), process(20, 1, 20, 1).process(21, 20, 20, 1).found());
    }

    @Test
    void anOrphanWhoseParentDiedMeanwhileIsJudgedAsOne() {
        assertEquals(List.of(21), process(21, 20, 21, 21).says(21, OURS).found());
    }

    @Test
    void aSubreapersOrphansAreAllTheDaemons() {
        self = 7;
        process(20, 7, 20, 19).says(20, "").process(21, 7, 21, 21).says(21, OTHER);
        assertEquals(List.of(20), found());
    }
}
