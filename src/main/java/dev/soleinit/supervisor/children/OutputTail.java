package dev.soleinit.supervisor.children;

import java.nio.charset.StandardCharsets;

/** The end of what one command has printed, in a bounded room; what came before is only counted. */
final class OutputTail {
    private final int capacity;
    private final byte[] ring;
    private long total;

    OutputTail(int capacity) {
        this.capacity = capacity;
        this.ring = new byte[capacity];
    }

    void add(byte[] bytes, int size) {
        int from = Math.max(0, size - capacity);
        for (int i = from; i < size; i++) {
            ring[(int) ((total + i) % capacity)] = bytes[i];
        }
        total += size;
    }

    /** As UTF-8, with the replacement character for what is none, and how much is left out before it. */
    String text() {
        int kept = (int) Math.min(total, capacity);
        byte[] bytes = new byte[kept];
        for (int i = 0; i < kept; i++) {
            bytes[i] = ring[(int) ((total - kept + i) % capacity)];
        }
        long leftOut = total - kept;
        int start = leftOut == 0 ? 0 : secondHalf(bytes);
        String text = new String(bytes, start, kept - start, StandardCharsets.UTF_8).strip();
        return leftOut == 0 ? text : "(" + (leftOut + start) + " bytes left out) " + text;
    }

    /** How many bytes at the beginning belong to a character that has begun before. */
    private static int secondHalf(byte[] bytes) {
        int at = 0;
        while (at < 3 && (bytes[at] & 0xC0) == 0x80) {
            at++;
        }
        return at;
    }
}
