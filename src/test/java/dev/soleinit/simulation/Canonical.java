package dev.soleinit.simulation;

import java.util.Collection;
import java.util.Set;

/**
 * A situation as a number, equal for all that differ only in when they happen, in how many generations
 * there were before, and in how requests are numbered.
 */
final class Canonical {
    private static final long NEVER = Long.MAX_VALUE;
    /** No decision depends on anything that is longer ago. */
    private static final long PAST = 60_000_000_000L;

    private final long now;
    private final long generation;
    private final long[] open;
    private long hash;

    /** Begins; {@code open} are the requests without an answer. */
    Canonical(long now, long generation, Collection<Long> open) {
        this.now = now;
        this.generation = generation;
        this.open = open.stream().mapToLong(Long::longValue).sorted().toArray();
    }

    long value() {
        return hash;
    }

    void number(long value) {
        long mixed = (hash ^ value) * 0x9E3779B97F4A7C15L;
        mixed = (mixed ^ mixed >>> 32) * 0xD6E8FEB86659FD93L;
        hash = (mixed ^ mixed >>> 29) + 0x632BE59BD9B4E019L;
    }

    void flag(boolean value) {
        number(value ? 1 : 2);
    }

    /** Flags in one number. */
    void flags(boolean... values) {
        long bits = 1;
        for (boolean value : values) {
            bits = bits << 1 | (value ? 1 : 0);
        }
        number(bits);
    }

    /** A time of the supervisor's clock. */
    void time(long at) {
        number(at == NEVER ? NEVER : Math.max(at - now, -PAST));
    }

    /** A time in the past that does not matter any more after so many seconds. */
    void since(long at, int seconds) {
        number(at == NEVER ? NEVER : Math.max(at - now, -seconds * 1_000_000_000L));
    }

    /** A time that matters only while it lies ahead. */
    void deadline(long at) {
        number(at == NEVER ? NEVER : Math.max(at - now, 0));
    }

    void generation(long number) {
        number(Math.max(number - generation, -4));
    }

    /** A process; each generation has two numbers. */
    void pid(int pid) {
        number(pid == 0 ? Long.MIN_VALUE : Math.max(pid - 2 * generation, -20));
    }

    /** A request: its rank among those that are open. */
    void request(long id) {
        long rank = 0;
        boolean isOpen = false;
        for (long one : open) {
            rank += one <= id ? 1 : 0;
            isOpen |= one == id;
        }
        number(rank * 2 + (isOpen ? 1 : 0));
    }

    /** The open ones among these requests. */
    void requests(Set<Long> ids) {
        long bits = 1;
        for (long one : open) {
            bits = bits << 1 | (ids.contains(one) ? 1 : 0);
        }
        number(bits);
    }

    /** The open requests, oldest first. */
    long[] open() {
        return open;
    }

    void text(String text) {
        number(text.hashCode());
    }

    void texts(Collection<String> all) {
        number(all.size());
        long sum = 0;
        for (String one : all) {
            sum += one.hashCode() * 31L;
        }
        number(sum);
    }
}
