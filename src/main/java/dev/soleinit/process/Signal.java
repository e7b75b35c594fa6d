package dev.soleinit.process;

import java.util.List;
import java.util.Locale;

/**
 * A Linux signal by number, 1 to 64, with its conventional name.
 * Real-time signals are written {@code RTMIN+n} with RTMIN = 34, as glibc and {@code kill -l} do.
 * Source: signal(7).
 */
public record Signal(int number) implements Comparable<Signal> {
    private static final List<String> NAMES = List.of("", "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT",
            "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM", "TERM", "STKFLT", "CHLD",
            "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH",
            "IO", "PWR", "SYS");
    private static final int RTMIN = 34;
    private static final int MAX = 64;

    public static final Signal HUP = new Signal(1);
    public static final Signal INT = new Signal(2);
    public static final Signal QUIT = new Signal(3);
    public static final Signal KILL = new Signal(9);
    public static final Signal USR1 = new Signal(10);
    public static final Signal USR2 = new Signal(12);
    public static final Signal PIPE = new Signal(13);
    public static final Signal TERM = new Signal(15);
    public static final Signal CHLD = new Signal(17);
    public static final Signal CONT = new Signal(18);
    public static final Signal STOP = new Signal(19);
    public static final Signal TSTP = new Signal(20);
    public static final Signal TTIN = new Signal(21);
    public static final Signal TTOU = new Signal(22);
    public static final Signal WINCH = new Signal(28);

    public Signal {
        if (number < 1 || number > MAX) {
            throw new IllegalArgumentException(number + " is no signal: signals are 1 to " + MAX);
        }
    }

    /** By hand, as is the hash: what a record has by itself is made anew by the JVM in each process. */
    @Override
    public boolean equals(Object other) {
        return other instanceof Signal signal && signal.number == number;
    }

    @Override
    public int hashCode() {
        return number;
    }

    /** Parses {@code TERM}, {@code SIGTERM}, {@code 15} or {@code RTMIN+3}, in any case. */
    public static Signal parse(String text) {
        String word = text.trim().toUpperCase(Locale.ROOT);
        String name = word.startsWith("SIG") ? word.substring(3) : word;
        int index = NAMES.indexOf(name);
        if (index > 0) {
            return new Signal(index);
        }
        // the usual case needs no regular expressions, which a start would have to load
        if (word.matches("[0-9]{1,2}")) {
            return new Signal(Integer.parseInt(word));
        }
        return realTime(name, text);
    }

    private static Signal realTime(String name, String text) {
        if (name.matches("RTMIN(\\+[0-9]{1,2})?")) {
            return new Signal(RTMIN + offset(name, "RTMIN+"));
        }
        if (name.matches("RTMAX(-[0-9]{1,2})?")) {
            return new Signal(MAX - offset(name, "RTMAX-"));
        }
        throw new IllegalArgumentException(
                "'" + text + "' is no signal: give a name such as TERM or USR1, RTMIN+n, or 1 to 64");
    }

    private static int offset(String name, String prefix) {
        return name.startsWith(prefix) ? Integer.parseInt(name.substring(prefix.length())) : 0;
    }

    /** The name without {@code SIG}, for example {@code TERM} or {@code RTMIN+3}. */
    public String name() {
        if (number < NAMES.size()) {
            return NAMES.get(number);
        }
        return number < RTMIN ? "#" + number : number == RTMIN ? "RTMIN" : "RTMIN+" + (number - RTMIN);
    }

    @Override
    public int compareTo(Signal other) {
        return Integer.compare(number, other.number);
    }

    @Override
    public String toString() {
        return "SIG" + name();
    }
}
