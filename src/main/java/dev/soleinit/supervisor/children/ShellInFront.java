package dev.soleinit.supervisor.children;

import dev.soleinit.config.Configuration;
import dev.soleinit.os.Kernel;
import dev.soleinit.statemachine.model.Phase;
import dev.soleinit.statemachine.settings.SignalSettings.ForwardTo;
import dev.soleinit.statemachine.state.State;
import dev.soleinit.supervisor.loop.StateObserver;
import dev.soleinit.supervisor.loop.TimedTask;
import dev.soleinit.supervisor.reporting.EventLog;
import java.time.Duration;
import java.util.List;

/**
 * Warns once of a main process that is a shell and only waits for its one child: signals reach the
 * shell, which does not pass them on, so a stop cuts the daemon off and a reload does nothing. Looks at
 * readiness whether it is a shell, and then twice, some seconds later, at two small files of /proc.
 * Used on the loop's thread.
 */
public final class ShellInFront implements StateObserver, TimedTask {
    private static final Duration FIRST = Duration.ofSeconds(5);
    private static final Duration SECOND = Duration.ofSeconds(1);

    private final Kernel os;
    private final EventLog journal;
    private final List<String> warnings;
    private boolean over;
    private int asked;
    private int judged;
    private int suspect;
    private long lookAgain;
    private State state;

    public ShellInFront(Kernel os, Configuration configuration, EventLog journal, List<String> warnings) {
        this.os = os;
        this.journal = journal;
        this.warnings = warnings;
        this.over = configuration.policy().signals().forwardTo() == ForwardTo.GROUP;
    }

    @Override
    public void follow(State current, long now) {
        state = current;
        // most daemons are none, and a PID 1 that wakes has pages mapped again
        if (deadline(now) != Phase.NEVER && pid() != asked) {
            asked = pid();
            if (os.onlyChildOfShell(asked).isEmpty()) {
                judged = asked;
            }
        }
    }

    private int pid() {
        return state.phase().current().orElseThrow().child().pid();
    }

    @Override
    public long deadline(long now) {
        if (over || state == null || !(state.phase() instanceof Phase.Ready ready)
                || ready.run().child().pid() == judged || ready.run().readyAt().isEmpty()) {
            return Phase.NEVER;
        }
        return suspect != 0 ? lookAgain : ready.run().readyAt().getAsLong() + FIRST.toNanos();
    }

    @Override
    public void tick(long now) {
        if (now < deadline(now)) {
            return;
        }
        int pid = pid();
        int child = os.onlyChildOfShell(pid).orElse(0);
        if (child != 0 && suspect == 0) {
            suspect = child;
            lookAgain = now + SECOND.toNanos();
            return;
        }
        judged = pid;
        if (child != 0 && child == suspect) {
            over = true;
            String line = "the main process (pid " + pid + ") is a shell that waits for its only child ("
                    + child + "), which gets no signals: start the command with exec, or use "
                    + "--forward-to group";
            warnings.add(line);
            journal.warn(line);
        }
        suspect = 0;
    }
}
