package dev.soleinit.control;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/**
 * A line of an sd_notify datagram that means something here; others are passed over. Source:
 * sd_notify(3).
 */
public sealed interface NotifyMessage {
    /** More is not given at once. */
    Duration LONGEST = Duration.ofHours(1);
    int MAX_STATUS = 200;

    /** {@code READY=1}. */
    record Ready() implements NotifyMessage {}

    /** {@code STOPPING=1}. */
    record Stopping() implements NotifyMessage {}

    /** {@code STATUS=…}: what the daemon says of itself, 200 characters at the most. */
    record Status(String text) implements NotifyMessage {}

    /**
     * {@code RELOADING=1}: {@link Ready} follows when it is done. {@code at} is when it began, from
     * {@code MONOTONIC_USEC=} (microseconds of CLOCK_MONOTONIC) in the same datagram, if that is there.
     */
    record Reloading(OptionalLong at) implements NotifyMessage {}

    /** {@code MAINPID=…}: the process that is to be supervised from now on. */
    record Main(int pid) implements NotifyMessage {}

    /** {@code WATCHDOG=1}: it lives. */
    record Alive() implements NotifyMessage {}

    /** {@code WATCHDOG_USEC=…}: so often from now on, a hundred days at the most; zero for never. */
    record Watchdog(Duration interval) implements NotifyMessage {}

    /** {@code WATCHDOG=trigger}: it has found out that it does not. */
    record Trigger() implements NotifyMessage {}

    /** {@code EXTEND_TIMEOUT_USEC=…}: so much more time, an hour at the most. */
    record Extend(Duration by) implements NotifyMessage {}

    /** Reads a datagram, whatever it holds. */
    static List<NotifyMessage> parse(String datagram) {
        List<NotifyMessage> messages = new ArrayList<>();
        for (String line : datagram.split("\n")) {
            switch (line) {
                case "READY=1" -> messages.add(new Ready());
                case "STOPPING=1" -> messages.add(new Stopping());
                case "RELOADING=1" -> messages.add(new Reloading(monotonic(datagram)));
                case "WATCHDOG=1" -> messages.add(new Alive());
                case "WATCHDOG=trigger" -> messages.add(new Trigger());
                default -> readValue(line, messages);
            }
        }
        return messages;
    }

    private static void readValue(String line, List<NotifyMessage> messages) {
        if (line.startsWith("STATUS=")) {
            messages.add(new Status(shortened(line.substring(7))));
        }
        number(line, "EXTEND_TIMEOUT_USEC=", 12).ifPresent(micros ->
                messages.add(new Extend(shorter(Duration.of(micros, ChronoUnit.MICROS)))));
        number(line, "WATCHDOG_USEC=", 13).ifPresent(micros ->
                messages.add(new Watchdog(Duration.of(micros, ChronoUnit.MICROS))));
        number(line, "MAINPID=", 9).ifPresent(pid -> messages.add(new Main((int) pid)));
    }

    /** What follows the name, if that is nothing but so many digits. */
    private static OptionalLong number(String line, String name, int maxDigits) {
        int digits = line.length() - name.length();
        if (digits < 1 || digits > maxDigits || !line.startsWith(name)) {
            return OptionalLong.empty();
        }
        long number = 0;
        for (int i = name.length(); i < line.length(); i++) {
            int digit = line.charAt(i) - '0';
            if (digit < 0 || digit > 9) {
                return OptionalLong.empty();
            }
            number = 10 * number + digit;
        }
        return OptionalLong.of(number);
    }

    private static OptionalLong monotonic(String datagram) {
        for (String line : datagram.split("\n")) {
            OptionalLong micros = number(line, "MONOTONIC_USEC=", 15);
            if (micros.isPresent()) {
                return micros;
            }
        }
        return OptionalLong.empty();
    }

    private static Duration shorter(Duration asked) {
        return asked.compareTo(LONGEST) < 0 ? asked : LONGEST;
    }

    private static String shortened(String text) {
        return text.length() <= MAX_STATUS ? text : text.substring(0, MAX_STATUS);
    }
}
