package dev.soleinit.simulation;

import dev.soleinit.process.Child;
import dev.soleinit.process.ExitStatus;
import dev.soleinit.statemachine.model.DaemonCommand;
import dev.soleinit.statemachine.model.Event;
import dev.soleinit.statemachine.settings.ReadySettings.Source;
import dev.soleinit.statemachine.work.WorkItem;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.BiConsumer;

/**
 * The other half of the protocol: a daemon that takes on work until it is fenced, ends it some
 * time later, and answers what it is told, now and then late, wrongly or not at all. What it says
 * arrives in order, some milliseconds later.
 */
final class SimDaemon {
    private static final int KINDS = 4;

    private final Random random;
    private final BiConsumer<Long, Runnable> later;
    private final java.util.function.Consumer<Event> deliver;
    private final Set<String> admitted = new HashSet<>();
    private final boolean deaf;
    private final boolean reports;
    private Child child;
    private boolean dead;
    private boolean fenced;
    private boolean draining;
    private int nextItem;
    private long lastArrival;
    private long clock;

    SimDaemon(Random random, Child child, BiConsumer<Long, Runnable> later,
            java.util.function.Consumer<Event> deliver, boolean attaches) {
        this.random = random;
        this.child = child;
        this.later = later;
        this.deliver = deliver;
        this.deaf = random.nextInt(10) == 0;
        this.reports = attaches;
        if (attaches) {
            say(new Event.DaemonAttached(child.generation()));
            say(new Event.WorkReported(child.generation(), List.of()));
            int items = random.nextInt(8);
            for (int i = 0; i < items; i++) {
                later.accept((long) random.nextInt(120_000), this::begin);
            }
        }
    }

    /** What it really works on, whether or not the word of it has arrived. */
    Set<String> admitted() {
        return admitted;
    }

    /** What it has said still arrives, and then the end of its connection. */
    void died() {
        dead = true;
        if (reports) {
            // now and then another process has the connection, too
            lastArrival = Math.max(lastArrival, clock) + (random.nextInt(8) == 0
                    ? random.nextInt(200) : 0);
            say(new Event.DaemonDetached(child.generation()));
        }
    }

    /** It goes on in another process. */
    void isNow(Child other) {
        child = new Child(child.generation(), other.pid(), other.startTicks());
    }

    boolean isDead() {
        return dead;
    }

    void at(long millis) {
        clock = millis;
    }

    private void say(Event event) {
        lastArrival = Math.max(lastArrival, clock + random.nextInt(3));
        later.accept(lastArrival - clock, () -> deliver.accept(event));
    }

    private void begin() {
        if (dead || fenced) {
            return;
        }
        String id = child.generation() + "-" + ++nextItem;
        boolean blocks = random.nextInt(KINDS) != 0;
        if (blocks) {
            admitted.add(id);
        }
        say(new Event.WorkBegun(child.generation(), new WorkItem(id, "session", "", blocks,
                Optional.empty(), "", 0)));
        if (random.nextInt(8) != 0) {
            later.accept((long) random.nextInt(20_000), () -> end(id));
        }
    }

    private void end(String id) {
        if (dead) {
            return;
        }
        admitted.remove(id);
        say(new Event.WorkEnded(child.generation(), id));
        drainedIfEmpty();
    }

    private void drainedIfEmpty() {
        if (draining && admitted.isEmpty()) {
            draining = false;
            say(new Event.DaemonDrained(child.generation()));
        }
    }

    void told(DaemonCommand notice) {
        if (reports && !deaf) {
            later.accept((long) random.nextInt(3), () -> hears(notice));
        }
    }

    private void hears(DaemonCommand notice) {
        if (dead) {
            return;
        }
        switch (notice) {
            case DaemonCommand.Fence _ -> {
                beginAtTheLastMoment();
                fenced = true;
                say(new Event.DaemonFenced(child.generation()));
            }
            case DaemonCommand.Unfence _ -> {
                fenced = false;
                draining = false;
            }
            case DaemonCommand.Drain _ -> {
                beginAtTheLastMoment();
                fenced = true;
                draining = true;
                drainedIfEmpty();
            }
            case DaemonCommand.Reload(long next) -> reload(next);
            case DaemonCommand.Stopping _ -> { }
        }
    }

    /** Between the supervisor's look and the fence. */
    private void beginAtTheLastMoment() {
        if (random.nextInt(3) == 0) {
            begin();
        }
    }

    private void reload(long next) {
        switch (random.nextInt(5)) {
            case 0 -> say(new Event.DaemonFailed(child.generation(), "cannot"));
            case 1 -> later.accept((long) random.nextInt(500), () -> {
                if (!dead) {
                    deliver.accept(new Event.ChildExited(child.pid(), new ExitStatus.Exited(78)));
                }
            });
            default -> {
                say(new Event.DaemonReady(next, Source.ATTACH));
                child = new Child(next, child.pid(), child.startTicks());
            }
        }
    }
}
