package dev.soleinit.cli;

import dev.soleinit.config.ConfigException;
import dev.soleinit.control.text.CommandOutput;
import java.util.Map;
import java.util.TreeMap;

/** Exit codes of the CLI. Source of 69 to 78: sysexits(3). */
public final class ExitCodes {
    public static final int OK = CommandOutput.OK;
    public static final int FAILED = CommandOutput.FAILED;
    public static final int USAGE = CommandOutput.USAGE;
    /** {@code status} alone: held or ended. */
    public static final int DOWN = CommandOutput.DOWN;
    /** {@code status} alone: no supervisor answers. */
    public static final int NO_ANSWER = 4;
    /** {@code reload} alone: the daemon was told, and nothing has shown that it did. */
    public static final int UNCONFIRMED = CommandOutput.UNCONFIRMED;
    public static final int NO_SUPERVISOR = 69;
    public static final int TRY_LATER = CommandOutput.TRY_LATER;
    public static final int NOT_PERMITTED = 77;
    public static final int CONFIGURATION = 78;

    private ExitCodes() {}

    /** What each means, for manuals. */
    static Map<Integer, String> meanings() {
        return new TreeMap<>(Map.of(
                OK, "It was done, or holds already. 'status': the daemon is ready.",
                FAILED, "It was refused, or was tried and failed. 'status': the daemon is not ready.",
                USAGE, "The command line cannot be understood, the value of a flag included.",
                DOWN, "'status' alone: the daemon is held down, or has ended.",
                NO_ANSWER, "'status' alone: no supervisor answers.",
                UNCONFIRMED, "'reload' alone: the daemon was told, and nothing has shown that it "
                        + "reloaded.",
                NO_SUPERVISOR, "No supervisor can be reached.",
                TRY_LATER, "Try again later: a safe restart gave up, a time was over, the supervisor is "
                        + "busy, does not answer, or another one owns the directories. 'preflight': a "
                        + "restart would cut work.",
                NOT_PERMITTED, "Only the supervisor's user and root may ask it.",
                CONFIGURATION, "A setting in a variable or in the file cannot be used."));
    }

    /** A mistake on the command line is one of usage, wherever it is noticed. */
    public static int of(ConfigException bad) {
        return bad.isFromFlag() ? USAGE : CONFIGURATION;
    }
}
