package dev.soleinit.control;

import static dev.soleinit.fuzz.Fuzzing.require;
import static dev.soleinit.fuzz.Fuzzing.text;

import java.time.Duration;
import java.util.List;

/** A datagram of sd_notify: never refused, and what it means is within bounds. */
public final class NotifyFuzz {
    private NotifyFuzz() {}

    public static void fuzzerTestOneInput(byte[] input) {
        String datagram = text(input);
        List<NotifyMessage> messages = NotifyMessage.parse(datagram);
        require(messages.size() <= datagram.lines().count() + 1, "a line means one thing at most");
        messages.forEach(NotifyFuzz::requireBounded);
    }

    private static void requireName(String name) {
        require(!name.isEmpty() && name.length() <= NotifyMessage.MAX_NAME
                && name.chars().allMatch(one -> one >= ' ' && one < 0x7f && one != ':'),
                "a name fits into LISTEN_FDNAMES");
    }

    private static void requireBounded(NotifyMessage message) {
        switch (message) {
            case NotifyMessage.Status(String text) ->
                    require(text.length() <= NotifyMessage.MAX_STATUS, "a status text is short");
            case NotifyMessage.Main(int pid) -> require(pid >= 0, "a process id is not negative");
            case NotifyMessage.Reloading(var at) ->
                    require(at.isEmpty() || at.getAsLong() >= 0
                            && at.getAsLong() < Long.MAX_VALUE / 1_000, "a time fits nanoseconds");
            case NotifyMessage.WatchdogInterval(Duration interval) ->
                    require(interval.toNanos() >= 0, "an interval fits nanoseconds");
            case NotifyMessage.Extend(Duration by) -> require(!by.isNegative()
                    && by.compareTo(NotifyMessage.LONGEST) <= 0, "an hour at the most is given");
            case NotifyMessage.StoreDescriptors(String name, boolean _) -> requireName(name);
            case NotifyMessage.RemoveDescriptors(String name) -> requireName(name);
            case NotifyMessage.Ready _, NotifyMessage.Stopping _, NotifyMessage.Watchdog _,
                    NotifyMessage.Trigger _ -> { }
        }
    }
}
