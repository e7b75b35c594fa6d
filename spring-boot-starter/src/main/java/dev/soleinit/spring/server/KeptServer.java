package dev.soleinit.spring.server;

/** A web server on a kept socket. */
interface KeptServer {
    /** Stops or goes on accepting; when this returns, it has. At once, and for any thread. */
    void accept(boolean accepting);

    /** Whether each connection that was accepted has got its first answer, or is gone. */
    boolean isSettled();
}
