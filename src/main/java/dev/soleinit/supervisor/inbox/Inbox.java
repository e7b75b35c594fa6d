package dev.soleinit.supervisor.inbox;

import dev.soleinit.control.DaemonMessage;
import dev.soleinit.control.IncomingRequest;
import dev.soleinit.statemachine.model.Event;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;

/**
 * Where other threads leave what the loop shall look at. Requests are bounded at 128 (a full inbox
 * is answered "busy" by the control server). Words of the daemon are bounded, too, but never
 * dropped: whoever brings one waits for room, and with him the daemon's connection. Events and
 * chores come from our own threads, a few at the most.
 */
public final class Inbox {
    private static final int MAX_REQUESTS = 128;
    /** In pieces of work; some megabytes of the supervisor's small heap. */
    private static final int MAX_DAEMON_MESSAGES = 10_000;

    private final Queue<IncomingRequest> requests = new ArrayBlockingQueue<>(MAX_REQUESTS);
    private final Queue<IncomingRequest> daemonMessages = new ConcurrentLinkedQueue<>();
    private final Semaphore capacity = new Semaphore(MAX_DAEMON_MESSAGES);
    private final Queue<Event> events = new ConcurrentLinkedQueue<>();
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final Runnable wake;
    private volatile boolean left;

    public Inbox(Runnable wake) {
        this.wake = wake;
    }

    /** For the control server's thread; false if there is no room. */
    public boolean offer(IncomingRequest call) {
        boolean taken = call.request() instanceof DaemonMessage word ? put(call, word)
                : requests.offer(call);
        wake.run();
        return taken;
    }

    private boolean put(IncomingRequest call, DaemonMessage word) {
        try {
            capacity.acquire(weight(word));
            daemonMessages.add(call);
            return true;
        } catch (InterruptedException closing) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private static int weight(DaemonMessage word) {
        return Math.min(word.memoryWeight(), MAX_DAEMON_MESSAGES);
    }

    /** For any thread. */
    public void post(Event event) {
        events.add(event);
        wake.run();
    }

    /** Has something done on the loop's thread; for any thread. */
    public void run(Runnable chore) {
        tasks.add(chore);
        wake.run();
    }

    /** A caller has gone, whoever it was; for any thread. */
    public void callerLeft() {
        left = true;
        wake.run();
    }

    public boolean pollDisconnects() {
        boolean now = left;
        left = false;
        return now;
    }

    public Optional<IncomingRequest> nextRequest() {
        return Optional.ofNullable(requests.poll());
    }

    public Optional<IncomingRequest> nextDaemonMessage() {
        Optional<IncomingRequest> next = Optional.ofNullable(daemonMessages.poll());
        next.ifPresent(call -> capacity.release(weight((DaemonMessage) call.request())));
        return next;
    }

    public Optional<Event> nextEvent() {
        return Optional.ofNullable(events.poll());
    }

    public Optional<Runnable> nextTask() {
        return Optional.ofNullable(tasks.poll());
    }

    public boolean isEmpty() {
        return requests.isEmpty() && daemonMessages.isEmpty() && events.isEmpty()
                && tasks.isEmpty() && !left;
    }
}
