package dev.soleinit.config;

/** A setting that cannot be used; the message names where it stands and what to do. */
public final class ConfigException extends Exception {
    private static final long serialVersionUID = 1L;

    ConfigException(String where, String why) {
        super("Cannot use " + where + ": " + why);
    }
}
