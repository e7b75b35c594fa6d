package dev.soleinit.control;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A line of an sd_notify datagram that means something here; others are passed over. Source:
 * sd_notify(3).
 */
public sealed interface NotifyMessage {
    /** More is not given at once. */
    Duration LONGEST = Duration.ofHours(1);
    /** How many characters of a status text are kept. */
    int MAX_STATUS = 1024;
    /** Of a stored descriptor; also of one whose name is no name. */
    String UNNAMED = "stored";
    /** In bytes. */
    int MAX_NAME = 255;

    /** {@code READY=1}. */
    record Ready() implements NotifyMessage {}

    /** {@code STOPPING=1}. */
    record Stopping() implements NotifyMessage {}

    /** {@code STATUS=…}: what the daemon says of itself, {@link #MAX_STATUS} characters at the most. */
    record Status(String text) implements NotifyMessage {}

    /**
     * {@code RELOADING=1}: {@link Ready} follows when it is done. {@code at} is when it began, from
     * {@code MONOTONIC_USEC=} (microseconds of CLOCK_MONOTONIC) in the same datagram, if that is there.
     */
    record Reloading(OptionalLong at) implements NotifyMessage {}

    /** {@code MAINPID=…}: the process that is to be supervised from now on. */
    record Main(int pid) implements NotifyMessage {}

    /** {@code WATCHDOG=1}: it lives. */
    record Watchdog() implements NotifyMessage {}

    /** {@code WATCHDOG=trigger}: it has found out that it does not. */
    record Trigger() implements NotifyMessage {}

    /** {@code WATCHDOG_USEC=…}: how long it may be without a sign of life from now on, 0 for ever. */
    record WatchdogInterval(Duration interval) implements NotifyMessage {}

    /** {@code EXTEND_TIMEOUT_USEC=…}: so much more time, an hour at the most. */
    record Extend(Duration by) implements NotifyMessage {}

    /**
     * {@code FDSTORE=1}: the descriptors of the datagram are to be kept, under the name that
     * {@code FDNAME=} of it gives them; with {@code FDPOLL=0} also when their other end is gone.
     */
    record StoreDescriptors(String name, boolean untilHangUp) implements NotifyMessage {}

    /** {@code FDSTOREREMOVE=1}: those of {@code FDNAME=} are not needed any more. */
    record RemoveDescriptors(String name) implements NotifyMessage {}

    /** Reads a datagram, whatever it holds. */
    static List<NotifyMessage> parse(String datagram) {
        List<NotifyMessage> messages = new ArrayList<>();
        int begin = 0;
        while (begin < datagram.length()) {
            int newline = datagram.indexOf('\n', begin);
            int end = newline < 0 ? datagram.length() : newline;
            read(datagram.substring(begin, end), datagram, messages);
            begin = end + 1;
        }
        return messages;
    }

    private static void read(String line, String datagram, List<NotifyMessage> messages) {
        int equals = line.indexOf('=');
        String value = line.substring(equals + 1);
        switch (line.substring(0, Math.max(0, equals))) {
            case "READY" -> when(value.equals("1"), new Ready(), messages);
            case "STOPPING" -> when(value.equals("1"), new Stopping(), messages);
            case "RELOADING" -> when(value.equals("1"), new Reloading(monotonic(datagram)), messages);
            case "WATCHDOG" -> {
                when(value.equals("1"), new Watchdog(), messages);
                when(value.equals("trigger"), new Trigger(), messages);
            }
            case "WATCHDOG_USEC" -> number(value, 13).ifPresent(micros ->
                    messages.add(new WatchdogInterval(Duration.of(micros, ChronoUnit.MICROS))));
            case "EXTEND_TIMEOUT_USEC" -> number(value, 12).ifPresent(micros ->
                    messages.add(new Extend(shorter(Duration.of(micros, ChronoUnit.MICROS)))));
            case "MAINPID" -> number(value, 9).ifPresent(pid -> messages.add(new Main((int) pid)));
            case "FDSTORE" -> when(value.equals("1"), new StoreDescriptors(descriptorName(datagram)
                    .orElse(UNNAMED), !value(datagram, "FDPOLL").equals(Optional.of("0"))), messages);
            case "FDSTOREREMOVE" -> descriptorName(datagram).ifPresent(name ->
                    when(value.equals("1"), new RemoveDescriptors(name), messages));
            case "STATUS" -> messages.add(new Status(shortened(value)));
            default -> { }
        }
    }

    private static void when(boolean said, NotifyMessage message, List<NotifyMessage> messages) {
        if (said) {
            messages.add(message);
        }
    }

    /** A number of that many decimal digits at the most. */
    private static OptionalLong number(String text, int digits) {
        boolean number = !text.isEmpty() && text.length() <= digits;
        for (int i = 0; number && i < text.length(); i++) {
            number = text.charAt(i) >= '0' && text.charAt(i) <= '9';
        }
        return number ? OptionalLong.of(Long.parseLong(text)) : OptionalLong.empty();
    }

    private static OptionalLong monotonic(String datagram) {
        return value(datagram, "MONOTONIC_USEC").map(micros -> number(micros, 15))
                .orElse(OptionalLong.empty());
    }

    /** systemd takes printable ASCII without colons, which separate the names of LISTEN_FDNAMES. */
    private static Optional<String> descriptorName(String datagram) {
        Optional<String> name = value(datagram, "FDNAME");
        String text = name.orElse("");
        boolean fits = !text.isEmpty() && text.length() <= MAX_NAME;
        for (int i = 0; fits && i < text.length(); i++) {
            fits = text.charAt(i) >= ' ' && text.charAt(i) < 0x7f && text.charAt(i) != ':';
        }
        return fits ? name : Optional.empty();
    }

    /** Of the first such line of a datagram. */
    private static Optional<String> value(String datagram, String name) {
        int found = ("\n" + datagram).indexOf("\n" + name + "=");
        if (found < 0) {
            return Optional.empty();
        }
        int begin = found + name.length() + 1;
        int newline = datagram.indexOf('\n', begin);
        return Optional.of(datagram.substring(begin, newline < 0 ? datagram.length() : newline));
    }

    private static Duration shorter(Duration asked) {
        return asked.compareTo(LONGEST) < 0 ? asked : LONGEST;
    }

    /** Half a character at the end would be none in the answer to a status request. */
    private static String shortened(String text) {
        int end = Math.min(text.length(), MAX_STATUS);
        boolean half = end < text.length() && Character.isHighSurrogate(text.charAt(end - 1));
        return text.substring(0, half ? end - 1 : end);
    }
}
