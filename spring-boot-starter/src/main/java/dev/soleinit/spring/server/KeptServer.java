package dev.soleinit.spring.server;

/** A web server on a kept socket. */
interface KeptServer {
    /** Stops or goes on accepting; when this returns, it has. At once, and for any thread. */
    void accept(boolean accepting);

    /** How many connections were accepted, are still there, and have not got their first answer. */
    int unanswered();

    /** Whether a request is answered right now. */
    boolean isAnswering();
}
