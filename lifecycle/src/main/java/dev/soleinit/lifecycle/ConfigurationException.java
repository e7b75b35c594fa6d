package dev.soleinit.lifecycle;

/** The daemon cannot start with the configuration it has; ends it with exit code 78 (EX_CONFIG). */
public final class ConfigurationException extends Exception {
    private static final long serialVersionUID = 1L;

    public ConfigurationException(String message) {
        super(message);
    }

    public ConfigurationException(String message, Throwable cause) {
        super(message, cause);
    }
}
