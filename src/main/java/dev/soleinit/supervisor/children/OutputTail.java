package dev.soleinit.supervisor.children;

import java.nio.charset.StandardCharsets;

/** The end of what one command has printed, in a bounded room; what came before is only counted. */
final class OutputTail {
    private static final int CAPACITY = 2_000;

    private final byte[] ring = new byte[CAPACITY];
    private long total;

    void add(byte[] bytes, int size) {
        int from = Math.max(0, size - CAPACITY);
        for (int i = from; i < size; i++) {
            ring[(int) ((total + i) % CAPACITY)] = bytes[i];
        }
        total += size;
    }

    /** As UTF-8, with the replacement character for what is none, and how much is left out before it. */
    String text() {
        int kept = (int) Math.min(total, CAPACITY);
        byte[] bytes = new byte[kept];
        for (int i = 0; i < kept; i++) {
            bytes[i] = ring[(int) ((total - kept + i) % CAPACITY)];
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
