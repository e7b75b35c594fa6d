package dev.soleinit.supervisor.children;

import dev.soleinit.os.Kernel;
import dev.soleinit.os.Kernel.ProcessEntry;
import dev.soleinit.statemachine.settings.LeftoverSettings.KillMode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntPredicate;

/**
 * Which processes an ended daemon has left, found out after its death.
 *
 * <p>{@code --kill-mode group}: those of its process group (and of the group of a MAINPID).
 *
 * <p>{@code --kill-mode all}: these, and what descends from it. The kernel keeps no ancestry: children
 * of the dead are children of PID 1, and so are orphans of {@code docker exec} sessions. A process
 * therefore belongs to the daemon if, on the way from it up to the supervisor,
 * <ol>
 * <li>one is in the daemon's group; else
 * <li>the topmost, an orphan, is no probe or helper command of the supervisor's and was started no
 *     earlier than the daemon, and
 *     <ul>
 *     <li>its environment says so: its INVOCATION_ID is the daemon's, which no other generation,
 *         helper or session has. Another one says that it is not;
 *     <li>or it is in the supervisor's own session, which a session of {@code docker exec} never is;
 *     <li>or it cannot be asked (another user's, without CAP_SYS_PTRACE; an environment that is empty
 *         or overwritten by a title), unless the leader of its session lives and is none of the
 *         daemon's. An environment without INVOCATION_ID is that of an exec session.
 *     </ul>
 * </ol>
 * What leads up to a parent outside the namespace instead is an exec session, whatever else it is. As a
 * subreaper the supervisor adopts orphans of its own descendants alone: all of them are the daemon's
 * that no INVOCATION_ID tells otherwise of.
 *
 * <p>While another daemon lives beside the ended one (a restart overlaps) only what a group or an
 * INVOCATION_ID says is the ended one's: a process of the other is never taken for a leftover.
 *
 * <p>So two cannot be told: what an exec session <em>as another user than the supervisor</em> left is
 * taken for the daemon's if it is younger, and what the daemon started with a new environment in a new
 * session, as the supervisor's own user, for an exec session's. Used on the loop's thread.
 */
final class LeftoverRule {
    private final Kernel os;
    private final KillMode mode;
    private final DaemonProcesses daemon;
    private final String invocationId;
    private final IntPredicate helper;
    private List<DaemonProcesses> others = List.of();

    /**
     * The rule.
     *
     * @param invocationId of the daemon
     * @param helper       whether a process is one that the supervisor started beside the daemon
     */
    LeftoverRule(Kernel os, KillMode mode, DaemonProcesses daemon, String invocationId,
            IntPredicate helper) {
        this.os = os;
        this.mode = mode;
        this.daemon = daemon;
        this.invocationId = invocationId;
        this.helper = helper;
    }

    /** Those of {@code all} that the daemon has left; {@code living} are the daemons beside it. */
    List<ProcessEntry> leftovers(List<ProcessEntry> all, List<DaemonProcesses> living) {
        others = living;
        Map<Integer, ProcessEntry> table = new HashMap<>();
        all.forEach(one -> table.put(one.pid(), one));
        Map<Integer, Boolean> orphans = new HashMap<>();
        List<ProcessEntry> found = new ArrayList<>();
        for (ProcessEntry one : all) {
            boolean ours = mode == KillMode.GROUP ? daemon.hasGroup(one.group())
                    : isOurs(one, table, orphans);
            if (ours && one.pid() != os.self()) {
                found.add(one);
            }
        }
        return found;
    }

    private boolean isOurs(ProcessEntry process, Map<Integer, ProcessEntry> table,
            Map<Integer, Boolean> orphans) {
        ProcessEntry at = process;
        boolean inGroup = false;
        while (at.pid() != os.self()) {
            inGroup |= daemon.hasGroup(at.group());
            if (helper.test(at.pid()) || isOfAnother(at)) {
                return false;
            }
            ProcessEntry parent = table.get(at.parent());
            // a parent that has died while /proc was walked has left an orphan, too
            boolean orphan = at.parent() != 0 && (parent == null ? os.isOwnChild(at.pid())
                    : parent.pid() == os.self());
            if (orphan) {
                return inGroup || orphanIsOurs(at, table, orphans);
            }
            if (parent == null) {
                return false;
            }
            at = parent;
        }
        return false;
    }

    private boolean isOfAnother(ProcessEntry process) {
        for (DaemonProcesses other : others) {
            if (other.hasGroup(process.group())) {
                return true;
            }
        }
        return false;
    }

    private boolean orphanIsOurs(ProcessEntry orphan, Map<Integer, ProcessEntry> table,
            Map<Integer, Boolean> orphans) {
        Boolean known = orphans.get(orphan.pid());
        if (known == null) {
            known = classifyOrphan(orphan, table, orphans);
            orphans.put(orphan.pid(), known);
        }
        return known;
    }

    private boolean classifyOrphan(ProcessEntry orphan, Map<Integer, ProcessEntry> table,
            Map<Integer, Boolean> orphans) {
        if (orphan.startTicks() < daemon.initialProcess().startTicks()) {
            return false;
        }
        Optional<String> id = os.invocationId(orphan.pid());
        if (id.isPresent() && !id.get().isEmpty()) {
            return id.get().equals(invocationId);
        }
        if (!others.isEmpty()) {
            // it may be the other's, which must not lose a process
            return false;
        }
        ProcessEntry self = table.get(os.self());
        boolean ownSession = orphan.session() != 0 && self != null
                && orphan.session() == self.session();
        if (ownSession || os.self() != 1) {
            return true;
        }
        ProcessEntry leader = table.get(orphan.session());
        boolean foreignSession = leader != null && leader.pid() != orphan.pid()
                && !isOurs(leader, table, orphans);
        return id.isEmpty() && !foreignSession;
    }
}
