package dev.soleinit.config;

import dev.soleinit.config.Configuration.Value;

/** A setting that cannot be used; the message names where it stands and what to do. */
public final class ConfigException extends Exception {
    private static final long serialVersionUID = 1L;

    private final boolean fromFlag;

    private ConfigException(String message, boolean fromFlag) {
        super(message);
        this.fromFlag = fromFlag;
    }

    /** Whether the command line is wrong, and no variable or file. */
    public boolean isFromFlag() {
        return fromFlag;
    }

    /** The settings file itself, or a line of it, cannot be understood. */
    public static ConfigException unreadable(String where, String why) {
        return new ConfigException("Cannot read " + where + ": " + why, false);
    }

    /** A value is wrong, wherever it comes from. */
    public static ConfigException unusable(String setting, String text, String origin, String why) {
        return new ConfigException("Cannot use " + setting + " '" + text + "' (" + origin + "): "
                + why, origin.equals(Value.FLAG));
    }
}
