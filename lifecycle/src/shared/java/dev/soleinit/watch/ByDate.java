package dev.soleinit.watch;

import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HexFormat;

/**
 * A tree that is too large for its contents to be read and remembered: what tells of a change is name,
 * size, date and inode of each file, whatever the order they are found in. Never more than one of them
 * is in memory. The mixing function is that of splitmix64.
 */
final class ByDate {
    private long sum;
    private long mixed;
    private long count;

    void add(Path file, BasicFileAttributes attributes) {
        long one = mix(text(file.toString()) + attributes.size());
        one = mix(one ^ attributes.lastModifiedTime().toInstant().getNano());
        one = mix(one ^ attributes.lastModifiedTime().toMillis());
        one = mix(one ^ text(String.valueOf(attributes.fileKey())));
        sum += one;
        mixed ^= mix(one);
        count++;
    }

    private static long text(String text) {
        long hash = text.length();
        for (int i = 0; i < text.length(); i++) {
            hash = hash * 1_099_511_628_211L ^ text.charAt(i);
        }
        return mix(hash);
    }

    private static long mix(long value) {
        long one = (value ^ value >>> 30) * 0xBF58476D1CE4E5B9L;
        long two = (one ^ one >>> 27) * 0x94D049BB133111EBL;
        return two ^ two >>> 31;
    }

    long count() {
        return count;
    }

    String hash() {
        HexFormat hex = HexFormat.of();
        return hex.toHexDigits(sum) + hex.toHexDigits(mixed) + hex.toHexDigits(count);
    }
}
