package dev.soleinit.machine;

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
 * so that ten thousand items cost a change no more than forty. Beyond {@link #MOST} items are
 * only counted: a daemon that never ends its work must not take the supervisor's memory.
 */
public final class Work {
    /** So many are known by name. */
    public static final int MOST = 20_000;
    /** So many characters of checkpoints are kept; what comes beyond them is kept without. */
    public static final int MOST_CHECKPOINTS = 8 << 20;
    private static final int PARTS = 256;
    /** Not by Comparator's own methods: what they make is made anew by the JVM in each process. */
    static final Comparator<Item> OLDEST_FIRST = (one, other) -> one.since() == other.since()
            ? one.id().compareTo(other.id()) : Long.compare(one.since(), other.since());

    private final List<Map<String, Item>> parts;
    private final int size;
    private final int blocking;
    private final int nameless;
    private final int checkpoints;

    private Work(List<Map<String, Item>> parts, int size, int blocking, int nameless,
            int checkpoints) {
        this.checkpoints = checkpoints;
        this.parts = parts;
        this.size = size;
        this.blocking = blocking;
        this.nameless = nameless;
    }

    /** No work. */
    public static Work none() {
        List<Map<String, Item>> empty = new ArrayList<>();
        for (int i = 0; i < PARTS; i++) {
            empty.add(Map.of());
        }
        return new Work(empty, 0, 0, 0, 0);
    }

    /** Exactly these. */
    public static Work of(List<Item> items) {
        Work work = none();
        for (Item item : items) {
            work = work.with(item);
        }
        return work;
    }

    private static int part(String id) {
        int hash = id.hashCode();
        return (hash ^ hash >>> 8 ^ hash >>> 16) & PARTS - 1;
    }

    private Item find(String id) {
        return parts.get(part(id)).get(id);
    }

    private List<Map<String, Item>> replaced(int index, Map<String, Item> part) {
        List<Map<String, Item>> next = new ArrayList<>(parts);
        next.set(index, part);
        return next;
    }

    /** One more, or another version of the one with the same id; its age stays. */
    Work with(Item item) {
        Item old = find(item.id());
        if (old == null && size >= MOST) {
            return new Work(parts, size, blocking, nameless + 1, checkpoints);
        }
        int others = checkpoints - length(old);
        Item next = merged(item, old, others);
        Map<String, Item> part = new HashMap<>(parts.get(part(item.id())));
        part.put(item.id(), next);
        return new Work(replaced(part(item.id()), part), size + (old == null ? 1 : 0),
                blocking + (next.blocks() ? 1 : 0) - (old != null && old.blocks() ? 1 : 0), nameless,
                others + length(next));
    }

    private static int length(Item item) {
        return item == null ? 0 : item.checkpoint().map(String::length).orElse(0);
    }

    private static Item merged(Item item, Item old, int others) {
        Optional<String> checkpoint = item.checkpoint()
                .or(() -> old == null ? Optional.empty() : old.checkpoint())
                .filter(text -> others + text.length() <= MOST_CHECKPOINTS);
        return new Item(item.id(), item.kind(), item.description(), item.blocks(), checkpoint,
                old == null ? item.startedAt() : old.startedAt(),
                old == null ? item.since() : old.since());
    }

    /** One less; an id that nobody knows is one of the nameless, if there are any. */
    Work without(String id) {
        Item old = find(id);
        if (old == null) {
            return nameless == 0 ? this : new Work(parts, size, blocking, nameless - 1,
                    checkpoints);
        }
        Map<String, Item> part = new HashMap<>(parts.get(part(id)));
        part.remove(id);
        return new Work(replaced(part(id), part), size - 1, blocking - (old.blocks() ? 1 : 0),
                nameless, checkpoints - length(old));
    }

    public boolean isEmpty() {
        return size == 0 && nameless == 0;
    }

    /** How many items a safe restart waits for, less those that are to be passed over. */
    int left(Set<String> ignored) {
        int passed = 0;
        for (String id : ignored) {
            Item item = find(id);
            passed += item != null && item.blocks() ? 1 : 0;
        }
        return blocking + nameless - passed;
    }

    /** How many items block beyond those that are known by name. */
    public int nameless() {
        return nameless;
    }

    /** Everything known by name, oldest first. */
    public List<Item> items() {
        List<Item> all = new ArrayList<>(size);
        parts.forEach(part -> all.addAll(part.values()));
        all.sort(OLDEST_FIRST);
        return all;
    }

    /** What a safe restart waits for, oldest first. */
    public List<Item> blockers(Set<String> ignored) {
        List<Item> all = items();
        all.removeIf(item -> !item.blocks() || ignored.contains(item.id()));
        return all;
    }

    /** Everything known by name, in no order. */
    void forEach(Consumer<Item> taker) {
        parts.forEach(part -> part.values().forEach(taker));
    }

    /** How many block, with those that are only counted. */
    public int active() {
        return blocking + nameless;
    }
}
