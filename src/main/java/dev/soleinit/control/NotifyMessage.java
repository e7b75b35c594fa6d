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
                case String extend when extend.matches("EXTEND_TIMEOUT_USEC=[0-9]{1,12}") ->
                        messages.add(new Extend(shorter(extend.substring(20))));
                case String main when main.matches("MAINPID=[0-9]{1,9}") ->
                        messages.add(new Main(Integer.parseInt(main.substring(8))));
                case String status when status.startsWith("STATUS=") ->
                        messages.add(new Status(shortened(status.substring(7))));
                default -> { }
            }
        }
        return messages;
    }

    private static OptionalLong monotonic(String datagram) {
        return datagram.lines().filter(line -> line.matches("MONOTONIC_USEC=[0-9]{1,15}"))
                .mapToLong(line -> Long.parseLong(line.substring(15))).findFirst();
    }

    private static Duration shorter(String micros) {
        Duration asked = Duration.of(Long.parseLong(micros), ChronoUnit.MICROS);
        return asked.compareTo(LONGEST) < 0 ? asked : LONGEST;
    }

    private static String shortened(String text) {
        return text.length() <= MAX_STATUS ? text : text.substring(0, MAX_STATUS);
    }
}
