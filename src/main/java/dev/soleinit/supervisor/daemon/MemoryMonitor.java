package dev.soleinit.supervisor.daemon;

import dev.soleinit.config.Configuration;
import dev.soleinit.config.settings.MemoryThreshold;
import dev.soleinit.control.Caller;
import dev.soleinit.control.Request;
import dev.soleinit.os.host.CgroupMemory;
import dev.soleinit.process.RestartMode;
import dev.soleinit.statemachine.state.State;
import dev.soleinit.supervisor.inbox.Inbox;
import dev.soleinit.supervisor.reporting.EventLog;
import dev.soleinit.supervisor.reporting.StateNames;
import dev.soleinit.supervisor.startup.BackgroundThreads;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * The door of memory: while the container's use stays above what was set, a safe restart is asked for.
 * One that does not help is not repeated: there is a pause between two, and none is asked for as long as
 * the use has not been below since the last one. The numbers are read by a thread of its own, which
 * whatever file system holds up alone; decided on the loop's.
 */
public final class MemoryMonitor {
    static final Duration INTERVAL = Duration.ofSeconds(2);
    /** A short peak is nobody's leak. */
    static final Duration SUSTAINED = Duration.ofSeconds(10);
    static final Duration COOLDOWN = Duration.ofMinutes(10);
    private static final long NEVER = Long.MIN_VALUE;
    private static final long MIB = 1 << 20;

    private final MemoryThreshold threshold;
    private final EventLog journal;
    private final BiConsumer<Request, Caller> door;
    private long aboveSince = NEVER;
    private long belowFrom = NEVER;
    private long askedAt = NEVER;
    private long askedFor = -1;
    /** It has been below for as long, since the last restart. */
    private boolean belowSince = true;
    private boolean said;
    private boolean saidUnknown;

    MemoryMonitor(MemoryThreshold threshold, EventLog journal, BiConsumer<Request, Caller> door) {
        this.threshold = threshold;
        this.journal = journal;
        this.door = door;
    }

    /** Watches, where that was asked for. */
    public static void start(Configuration configuration, Inbox inbox, EventLog journal,
            BackgroundThreads threads, Supplier<State> state, LongSupplier clock,
            BiConsumer<Request, Caller> door) {
        configuration.memoryRestart().ifPresent(threshold -> {
            MemoryMonitor monitor = new MemoryMonitor(threshold, journal, door);
            threads.require("memory", () -> {
                Thread thread = threads.factory().newThread(() -> watch(reading ->
                        inbox.run(() -> monitor.sampled(reading, state.get(), clock.getAsLong()))));
                thread.setName("memory");
                thread.start();
            });
        });
    }

    /** Takes each reading to the loop. */
    private interface Taker {
        void take(Optional<CgroupMemory> reading);
    }

    private static void watch(Taker taker) {
        while (true) {
            taker.take(CgroupMemory.read());
            LockSupport.parkNanos(INTERVAL.toNanos());
        }
    }

    void sampled(Optional<CgroupMemory> reading, State state, long now) {
        OptionalLong bound = reading.isEmpty() ? OptionalLong.empty()
                : threshold.bytes(reading.get().limit());
        if (bound.isEmpty()) {
            sayUnknown(reading);
            return;
        }
        saidUnknown = false;
        long used = reading.get().used();
        if (used <= bound.getAsLong()) {
            aboveSince = NEVER;
            // between two daemons, and while one fills its memory, it is always below
            belowFrom = !StateNames.ready(state) ? NEVER : belowFrom == NEVER ? now : belowFrom;
            if (belowFrom != NEVER && now - belowFrom >= SUSTAINED.toNanos()) {
                belowSince = true;
                said = false;
            }
            return;
        }
        belowFrom = NEVER;
        aboveSince = aboveSince == NEVER ? now : aboveSince;
        if (StateNames.ready(state) && now - aboveSince >= SUSTAINED.toNanos()) {
            above(used, bound.getAsLong(), state.currentGeneration(), now);
        }
    }

    /** Said once, until there is something to compare with. */
    private void sayUnknown(Optional<CgroupMemory> reading) {
        if (!saidUnknown) {
            saidUnknown = true;
            journal.warn("memory-restart has no effect: " + (reading.isEmpty()
                    ? "the kernel does not count this container's memory (no memory cgroup can be read)"
                    : "this container has no memory limit of which " + threshold.percent()
                            + "% could be taken; give it one, or give a size such as 400M"));
        }
    }

    private void above(long used, long bound, long generation, long now) {
        String words = "the container has used " + used / MIB + " MiB, more than " + bound / MIB
                + " MiB, for " + (now - aboveSince) / 1_000_000_000 + " s";
        if (askedAt != NEVER && generation == askedFor && now - askedAt < COOLDOWN.toNanos()) {
            // that request is still waiting for work to end, or has given up
            return;
        }
        if (askedAt != NEVER && generation != askedFor && !belowSince) {
            sayOnce(words + " although the daemon was restarted for that: another restart would not "
                    + "help, and none is asked for until it has used less; is memory-restart too low?");
            return;
        }
        long left = askedAt == NEVER ? 0 : COOLDOWN.toNanos() - (now - askedAt);
        if (left > 0) {
            sayOnce(words + " again; the next restart for memory is asked for in "
                    + (left / 1_000_000_000 + 1) + " s");
            return;
        }
        askedAt = now;
        askedFor = generation;
        belowSince = false;
        said = false;
        String reason = "memory: " + used / MIB + " MiB used, more than " + bound / MIB + " MiB";
        journal.warn(words + ": asking for a safe restart");
        aboveSince = NEVER;
        door.accept(ConfigFileMonitor.restart(RestartMode.SAFE, reason, false),
                new Caller("", Caller.Origin.MEMORY, reason));
    }

    private void sayOnce(String line) {
        if (!said) {
            said = true;
            journal.warn(line);
        }
    }
}
