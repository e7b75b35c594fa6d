package dev.soleinit.statemachine.settings;

import dev.soleinit.process.Signal;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The numbers and choices that decisions hang on. Immutable; made by {@code config} from flags,
 * environment and file.
 *
 * @param restart              what an exit that nobody asked for leads to
 * @param backoffInitial       first delay after a quick failure
 * @param backoffMax           longest delay
 * @param backoffJitter        share by which a delay varies either way, 0 to 1
 * @param healthyAfter         time of continuous readiness that makes a run healthy
 * @param crashLoopAfter       quick failures in a row that count as a crash loop
 * @param giveUpAfter          quick failures in a row after which PID 1 exits, 0 for never
 * @param stopTimeout          stop signal to SIGKILL
 * @param containerStopTimeout the budget of whoever stops the container
 * @param forceGrace           stop signal to SIGKILL in a forced restart, never 0
 * @param sweepGrace           TERM to KILL for what is left when PID 1 ends
 * @param readyTimeout         spawn to readiness, 0 for no bound
 * @param readyWhenSpawned     there is no readiness to wait for
 * @param forwardTo            where signals go
 * @param rewrite              signals to translate; an empty value drops the signal
 * @param successExit          codes that count as 0 after an asked-for stop
 * @param restartExit          codes by which a daemon asks for its restart
 * @param coordination         the choices about restarts that lose no work
 * @param leftovers            what becomes of the processes that an ended daemon leaves
 * @param plainInit            it is not to do more than an init has to
 */
public record Policy(RestartPolicy restart, Duration backoffInitial, Duration backoffMax,
        double backoffJitter, Duration healthyAfter, int crashLoopAfter, int giveUpAfter,
        Duration stopTimeout, Duration containerStopTimeout, Duration forceGrace,
        Duration sweepGrace, Duration readyTimeout, boolean readyWhenSpawned, ForwardTo forwardTo,
        Map<Signal, Optional<Signal>> rewrite, Set<Integer> successExit, Set<Integer> restartExit,
        RestartSettings coordination, LeftoverSettings leftovers, Optional<PlainInit> plainInit) {

    /** "Restart me" without any setting: EX_TEMPFAIL. Source: sysexits(3). */
    public static final int EXIT_RESTART = 75;

    /** What an exit that nobody asked for leads to. */
    public enum RestartPolicy { ALWAYS, ON_FAILURE, NEVER }

    /** Which processes a forwarded signal reaches. */
    public enum ForwardTo { MAIN, GROUP }

    /** The defaults of the product. */
    public static Policy defaults() {
        return new Policy(RestartPolicy.ALWAYS, Duration.ofSeconds(2), Duration.ofSeconds(60), 0.1,
                Duration.ofSeconds(30), 5, 0, Duration.ofSeconds(8), Duration.ofSeconds(10),
                Duration.ofSeconds(1), Duration.ofSeconds(1), Duration.ofSeconds(60), true,
                ForwardTo.MAIN, Map.of(), Set.of(), Set.of(EXIT_RESTART), RestartSettings.defaults(),
                LeftoverSettings.defaults(), Optional.empty());
    }
}
