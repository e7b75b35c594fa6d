package dev.soleinit.lifecycle;

/** A daemon: builds what serves, as often as it is asked to. */
@FunctionalInterface
public interface Service {
    /**
     * Starts serving and returns; closing the result ends it. Called on the run loop's thread, once
     * for each life. Interrupted when the daemon is told to stop meanwhile.
     *
     * @throws ConfigurationException if the configuration cannot be used (exit code 78)
     * @throws Exception              if it cannot start otherwise (exit code 1)
     */
    AutoCloseable start(Context context) throws Exception;
}
