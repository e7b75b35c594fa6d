package dev.soleinit.http.page;

/** Spans of time as people read them. */
final class Spans {
    private Spans() {}

    static String of(Object millis) {
        if (!(millis instanceof Number number)) {
            return "";
        }
        long ms = number.longValue();
        if (ms < 10_000) {
            return ms + " ms";
        }
        long seconds = ms / 1_000;
        if (seconds < 600) {
            return seconds + " s";
        }
        return seconds < 36_000 ? seconds / 60 + " min" : seconds / 3_600 + " h";
    }
}
