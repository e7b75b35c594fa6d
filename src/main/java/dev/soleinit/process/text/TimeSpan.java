package dev.soleinit.process.text;

import java.time.Duration;

/** Spans of time in words, the same in each place where people read them. */
public final class TimeSpan {
    private TimeSpan() {}

    /** With two units at the most, so that a column of them can be compared at a glance. */
    public static String words(Duration time) {
        long millis = Math.max(0, time.toMillis());
        if (millis < 1_000) {
            return millis + " ms";
        }
        if (millis < 60_000) {
            return millis / 1_000 + "." + millis % 1_000 / 100 + " s";
        }
        long minutes = millis / 60_000;
        return minutes < 60 ? minutes + " m " + millis / 1_000 % 60 + " s"
                : minutes < 48 * 60 ? minutes / 60 + " h " + minutes % 60 + " m"
                : minutes / (24 * 60) + " d " + minutes / 60 % 24 + " h";
    }

    /** The same of a number of milliseconds out of an object of JSON; empty for anything else. */
    public static String ofMillis(Object millis) {
        return millis instanceof Number number ? words(Duration.ofMillis(number.longValue())) : "";
    }
}
