package dev.soleinit.statemachine.work;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The work that the daemon has reported and not ended. Immutable; a change copies one of 256 parts,
 * so that ten thousand items cost a change no more than forty. Beyond {@link #MAX_ITEMS} items are
 * only counted: a daemon that never ends its work must not take the supervisor's memory.
 */
public final class WorkLedger {
    /** So many are known by name. */
    public static final int MAX_ITEMS = 20_000;
    /** So many characters of checkpoints are kept; what comes beyond them is kept without. */
    public static final int MAX_CHECKPOINTS = 8 << 20;
    private static final int PARTS = 256;
    /** Not by Comparator's own methods: what they make is made anew by the JVM in each process. */
    static final Comparator<WorkItem> OLDEST_FIRST = (one, other) -> one.since() == other.since()
            ? one.id().compareTo(other.id()) : Long.compare(one.since(), other.since());

    private final List<Map<String, WorkItem>> parts;
    private final int size;
    private final int blocking;
    private final int overflowCount;
    private final int checkpoints;

    private WorkLedger(List<Map<String, WorkItem>> parts, int size, int blocking, int nameless,
            int checkpoints) {
        this.checkpoints = checkpoints;
        this.parts = parts;
        this.size = size;
        this.blocking = blocking;
        this.overflowCount = nameless;
    }

    /** No work. */
    public static WorkLedger none() {
        List<Map<String, WorkItem>> empty = new ArrayList<>();
        for (int i = 0; i < PARTS; i++) {
            empty.add(Map.of());
        }
        return new WorkLedger(empty, 0, 0, 0, 0);
    }

    /** Exactly these. */
    public static WorkLedger of(List<WorkItem> items) {
        WorkLedger work = none();
        for (WorkItem item : items) {
            work = work.with(item);
        }
        return work;
    }

    private static int part(String id) {
        int hash = id.hashCode();
        return (hash ^ hash >>> 8 ^ hash >>> 16) & PARTS - 1;
    }

    private WorkItem find(String id) {
        return parts.get(part(id)).get(id);
    }

    private List<Map<String, WorkItem>> replaced(int index, Map<String, WorkItem> part) {
        List<Map<String, WorkItem>> next = new ArrayList<>(parts);
        next.set(index, part);
        return next;
    }

    /** One more, or another version of the one with the same id; its age stays. */
    public WorkLedger with(WorkItem item) {
        WorkItem old = find(item.id());
        if (old == null && size >= MAX_ITEMS) {
            return new WorkLedger(parts, size, blocking, overflowCount + 1, checkpoints);
        }
        int others = checkpoints - length(old);
        WorkItem next = merged(item, old, others);
        Map<String, WorkItem> part = new HashMap<>(parts.get(part(item.id())));
        part.put(item.id(), next);
        return new WorkLedger(replaced(part(item.id()), part), size + (old == null ? 1 : 0),
                blocking + (next.blocks() ? 1 : 0) - (old != null && old.blocks() ? 1 : 0), overflowCount,
                others + length(next));
    }

    private static int length(WorkItem item) {
        return item == null ? 0 : item.checkpoint().map(String::length).orElse(0);
    }

    private static WorkItem merged(WorkItem item, WorkItem old, int others) {
        Optional<String> checkpoint = item.checkpoint()
                .or(() -> old == null ? Optional.empty() : old.checkpoint())
                .filter(text -> others + text.length() <= MAX_CHECKPOINTS);
        return new WorkItem(item.id(), item.kind(), item.description(), item.blocks(), checkpoint,
                old == null ? item.startedAt() : old.startedAt(),
                old == null ? item.since() : old.since());
    }

    /** One less; an id that nobody knows is one of the nameless, if there are any. */
    public WorkLedger without(String id) {
        WorkItem old = find(id);
        if (old == null) {
            return overflowCount == 0 ? this : new WorkLedger(parts, size, blocking, overflowCount - 1,
                    checkpoints);
        }
        Map<String, WorkItem> part = new HashMap<>(parts.get(part(id)));
        part.remove(id);
        return new WorkLedger(replaced(part(id), part), size - 1, blocking - (old.blocks() ? 1 : 0),
                overflowCount, checkpoints - length(old));
    }

    /** Whether it is known by name. */
    public boolean has(String id) {
        return find(id) != null;
    }

    public boolean isEmpty() {
        return size == 0 && overflowCount == 0;
    }

    /** How many items a safe restart waits for, less those that are to be passed over. */
    public int activeExcept(Set<String> ignored) {
        int passed = 0;
        for (String id : ignored) {
            WorkItem item = find(id);
            passed += item != null && item.blocks() ? 1 : 0;
        }
        return blocking + overflowCount - passed;
    }

    /** How many items block beyond those that are known by name. */
    public int overflowCount() {
        return overflowCount;
    }

    /** Everything known by name, oldest first. */
    public List<WorkItem> items() {
        List<WorkItem> all = new ArrayList<>(size);
        parts.forEach(part -> all.addAll(part.values()));
        all.sort(OLDEST_FIRST);
        return all;
    }

    /** What a safe restart waits for, oldest first. */
    public List<WorkItem> blockers(Set<String> ignored) {
        List<WorkItem> all = items();
        all.removeIf(item -> !item.blocks() || ignored.contains(item.id()));
        return all;
    }

    /** Everything known by name, in no order. */
    void forEach(Consumer<WorkItem> taker) {
        parts.forEach(part -> part.values().forEach(taker));
    }

    /** How many block, with those that are only counted. */
    public int active() {
        return blocking + overflowCount;
    }
}
