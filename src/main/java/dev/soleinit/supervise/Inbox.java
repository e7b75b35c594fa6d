package dev.soleinit.supervise;

import dev.soleinit.control.Call;
import dev.soleinit.control.Word;
import dev.soleinit.machine.Event;
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
final class Inbox {
    private static final int MOST_CALLS = 128;
    /** In pieces of work; some megabytes of the supervisor's small heap. */
    private static final int MOST_WORDS = 10_000;

    private final Queue<Call> calls = new ArrayBlockingQueue<>(MOST_CALLS);
    private final Queue<Call> words = new ConcurrentLinkedQueue<>();
    private final Semaphore room = new Semaphore(MOST_WORDS);
    private final Queue<Event> events = new ConcurrentLinkedQueue<>();
    private final Queue<Runnable> chores = new ConcurrentLinkedQueue<>();
    private final Runnable wake;
    private volatile boolean left;

    Inbox(Runnable wake) {
        this.wake = wake;
    }

    /** For the control server's thread; false if there is no room. */
    boolean offer(Call call) {
        boolean taken = call.request() instanceof Word word ? put(call, word) : calls.offer(call);
        wake.run();
        return taken;
    }

    private boolean put(Call call, Word word) {
        try {
            room.acquire(weight(word));
            words.add(call);
            return true;
        } catch (InterruptedException closing) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private static int weight(Word word) {
        return Math.min(word.weight(), MOST_WORDS);
    }

    /** For any thread. */
    void tell(Event event) {
        events.add(event);
        wake.run();
    }

    /** Has something done on the loop's thread; for any thread. */
    void run(Runnable chore) {
        chores.add(chore);
        wake.run();
    }

    /** A caller has gone, whoever it was; for any thread. */
    void callerLeft() {
        left = true;
        wake.run();
    }

    boolean hasAnyoneLeft() {
        boolean now = left;
        left = false;
        return now;
    }

    Optional<Call> nextCall() {
        return Optional.ofNullable(calls.poll());
    }

    Optional<Call> nextWord() {
        Optional<Call> next = Optional.ofNullable(words.poll());
        next.ifPresent(call -> room.release(weight((Word) call.request())));
        return next;
    }

    Optional<Event> nextEvent() {
        return Optional.ofNullable(events.poll());
    }

    Optional<Runnable> nextChore() {
        return Optional.ofNullable(chores.poll());
    }

    boolean isEmpty() {
        return calls.isEmpty() && words.isEmpty() && events.isEmpty() && chores.isEmpty() && !left;
    }
}
