package dev.soleinit.config.settings;

import java.util.Locale;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * From which use of memory on the daemon is restarted.
 *
 * @param percent of the container's limit, 1 to 100; 0 if it is a size
 * @param size    in bytes; 0 if it is a share
 */
public record MemoryThreshold(int percent, long size) {
    private static final Pattern PERCENT = Pattern.compile("([0-9]{1,3})%");
    private static final Pattern SIZE = Pattern.compile("([0-9]{1,9})([KMGTkmgt]?)(i?[Bb])?");
    private static final long LEAST = 1 << 20;
    private static final long MAX_BYTES = 1L << 50;
    private static final String UNITS = "KMGT";

    /**
     * Reads 80%, or a size such as 400M, whose units are powers of 1024.
     *
     * @throws IllegalArgumentException if it is neither, with the reason
     */
    public static MemoryThreshold parse(String text) {
        Matcher share = PERCENT.matcher(text);
        if (share.matches()) {
            int percent = Integer.parseInt(share.group(1));
            if (percent >= 1 && percent <= 100) {
                return new MemoryThreshold(percent, 0);
            }
            throw new IllegalArgumentException("give 1% to 100%");
        }
        Matcher size = SIZE.matcher(text);
        if (!size.matches()) {
            throw new IllegalArgumentException("give a share of the container's limit such as 80%, or a "
                    + "size such as 400M or 2G");
        }
        int power = size.group(2).isEmpty() ? 0
                : 1 + UNITS.indexOf(size.group(2).toUpperCase(Locale.ROOT));
        double bytes = Long.parseLong(size.group(1)) * Math.pow(1024, power);
        if (bytes < LEAST || bytes > MAX_BYTES) {
            throw new IllegalArgumentException("give at least 1M and at the most 1024T");
        }
        return new MemoryThreshold(0, (long) bytes);
    }

    /** In bytes; empty for a share of no limit. */
    public OptionalLong bytes(OptionalLong limit) {
        if (percent == 0) {
            return OptionalLong.of(size);
        }
        return limit.isEmpty() ? limit : OptionalLong.of(limit.getAsLong() / 100 * percent);
    }
}
