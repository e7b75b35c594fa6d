package dev.soleinit.config;

/** A setting that cannot be used; the message names where it stands and what to do. */
public final class ConfigException extends Exception {
    private static final long serialVersionUID = 1L;

    private ConfigException(String message) {
        super(message);
    }

    /** The settings file itself, or a line of it, cannot be understood. */
    static ConfigException unreadable(String where, String why) {
        return new ConfigException("Cannot read " + where + ": " + why);
    }

    /** A value is wrong, wherever it comes from. */
    static ConfigException unusable(String setting, String text, String origin, String why) {
        return new ConfigException("Cannot use " + setting + " '" + text + "' (" + origin + "): "
                + why);
    }
}
