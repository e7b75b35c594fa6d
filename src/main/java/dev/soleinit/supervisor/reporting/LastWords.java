package dev.soleinit.supervisor.reporting;

import dev.soleinit.statemachine.model.RequestOutcome;
import dev.soleinit.supervisor.requests.PreflightService;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What is known of a daemon that failed, beside how it ended: its STATUS= text, and where its
 * output is. The output itself is not known, because the daemon has inherited the streams.
 * Stateless.
 */
public final class LastWords {
    private LastWords() {}

    /** The outcome with these words, where an end of the daemon is what made it fail. */
    public static RequestOutcome added(RequestOutcome outcome, String statusText) {
        if (outcome.lastExit().isEmpty()) {
            return outcome;
        }
        String said = PreflightService.firstLine(statusText);
        return new RequestOutcome(outcome.result(), outcome.words()
                + (said.isEmpty() ? "" : " (STATUS=" + said + ")") + "; see " + log(),
                outcome.generation(), outcome.tale(), outcome.lastExit());
    }

    /** Where the daemon writes to, as people call it. */
    public static String log() {
        try {
            Path target = Files.readSymbolicLink(Path.of("/proc/self/fd/2"));
            if (Files.isRegularFile(target)) {
                return target.toString();
            }
            if (Files.readSymbolicLink(Path.of("/proc/self")).toString().equals("1")) {
                return "the container's log (docker logs)";
            }
        } catch (IOException noProc) {
            // then it is wherever the supervisor writes to, too
        }
        return "the output of the supervisor";
    }
}
