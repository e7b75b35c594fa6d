package dev.soleinit.cli;

import dev.soleinit.config.ConfigException;

/** Exit codes of the CLI. Source of 69 to 78: sysexits(3). */
final class ExitCodes {
    static final int OK = 0;
    static final int FAILED = 1;
    static final int USAGE = 2;
    /** {@code status} alone: held or ended. */
    static final int DOWN = 3;
    /** {@code status} alone: no supervisor answers. */
    static final int NOBODY = 4;
    /** {@code reload} alone: the daemon was told, and nothing has shown that it did. */
    static final int UNCONFIRMED = 5;
    static final int NO_SUPERVISOR = 69;
    static final int TRY_LATER = 75;
    static final int NOT_PERMITTED = 77;
    static final int CONFIGURATION = 78;

    private ExitCodes() {}

    /** A mistake on the command line is one of usage, wherever it is noticed. */
    static int of(ConfigException bad) {
        return bad.isFromFlag() ? USAGE : CONFIGURATION;
    }
}
