package dev.soleinit.cli;

import dev.soleinit.storage.SupervisorMarker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What to look at where a supervisor is there and does not answer. Stateless. */
public final class SilentSupervisor {
    /** Field 22 of /proc/PID/stat, counted from the one after the name. Source: proc(5). */
    private static final int START_TICKS = 19;

    private SilentSupervisor() {}

    /** A hint that goes behind a message, about the supervisor of that control socket. */
    public static String hint(Path socket) {
        return SupervisorMarker.read(socket.getParent())
                .map(marker -> "; is it stopped? Look at its log, and at "
                + "/proc/" + marker.pid() + "/status" + state(marker)).orElse(
                        "; is it stopped? Look at its log");
    }

    /** Only of that very process: the number may be of another namespace, or another life. */
    private static String state(SupervisorMarker marker) {
        try {
            String stat = Files.readString(Path.of("/proc", Long.toString(marker.pid()), "stat"));
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            return fields[START_TICKS].equals(Long.toString(marker.startTicks()))
                    ? " (its state is " + fields[0] + (fields[0].equals("T") ? ", stopped)" : ")")
                    : "";
        } catch (IOException | IndexOutOfBoundsException gone) {
            return "";
        }
    }
}
