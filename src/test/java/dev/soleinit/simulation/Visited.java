package dev.soleinit.simulation;

/** A set of numbers that takes eight bytes for each, and some room. */
final class Visited {
    private long[] table = new long[1 << 17];
    private int size;

    /** Whether it is new. */
    boolean add(long key) {
        long wanted = key == 0 ? 1 : key;
        if (size > table.length / 2) {
            grow();
        }
        return put(wanted);
    }

    private boolean put(long key) {
        int mask = table.length - 1;
        int at = (int) (key ^ key >>> 32) & mask;
        while (table[at] != 0) {
            if (table[at] == key) {
                return false;
            }
            at = at + 1 & mask;
        }
        table[at] = key;
        size++;
        return true;
    }

    private void grow() {
        long[] old = table;
        table = new long[old.length * 2];
        size = 0;
        for (long key : old) {
            if (key != 0) {
                put(key);
            }
        }
    }
}
