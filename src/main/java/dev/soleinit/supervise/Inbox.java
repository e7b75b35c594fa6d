package dev.soleinit.supervise;

import dev.soleinit.control.Call;
import dev.soleinit.machine.Event;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Where other threads leave what the loop shall look at. Requests are bounded at 128 (a full inbox
 * is answered "busy" by the control server); events come from our own probes, a few at the most.
 */
final class Inbox {
    private static final int MOST_CALLS = 128;

    private final Queue<Call> calls = new ArrayBlockingQueue<>(MOST_CALLS);
    private final Queue<Event> events = new ConcurrentLinkedQueue<>();
    private final Runnable wake;

    Inbox(Runnable wake) {
        this.wake = wake;
    }

    /** For any thread; false if there is no room. */
    boolean offer(Call call) {
        boolean taken = calls.offer(call);
        wake.run();
        return taken;
    }

    /** For any thread. */
    void tell(Event event) {
        events.add(event);
        wake.run();
    }

    Optional<Call> nextCall() {
        return Optional.ofNullable(calls.poll());
    }

    Optional<Event> nextEvent() {
        return Optional.ofNullable(events.poll());
    }

    boolean isEmpty() {
        return calls.isEmpty() && events.isEmpty();
    }
}
