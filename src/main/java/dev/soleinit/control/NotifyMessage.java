package dev.soleinit.control;

import java.util.ArrayList;
import java.util.List;

/**
 * A line of an sd_notify datagram that means something here; others are passed over. Source:
 * sd_notify(3).
 */
public sealed interface NotifyMessage {
    /** {@code READY=1}. */
    record Ready() implements NotifyMessage {}

    /** {@code STOPPING=1}. */
    record Stopping() implements NotifyMessage {}

    /** {@code STATUS=…}: what the daemon says of itself, 200 characters at the most. */
    record Status(String text) implements NotifyMessage {}

    /** Reads a datagram, whatever it holds. */
    static List<NotifyMessage> parse(String datagram) {
        List<NotifyMessage> messages = new ArrayList<>();
        for (String line : datagram.split("\n")) {
            switch (line) {
                case "READY=1" -> messages.add(new Ready());
                case "STOPPING=1" -> messages.add(new Stopping());
                case String status when status.startsWith("STATUS=") ->
                        messages.add(new Status(printable(status.substring(7))));
                default -> { }
            }
        }
        return messages;
    }

    private static String printable(String text) {
        String clean = text.replaceAll("\\p{Cntrl}", "?");
        return clean.length() <= 200 ? clean : clean.substring(0, 200);
    }
}
