package dev.soleinit.control.client;

import java.io.IOException;

/** Nobody answers on the control socket. */
public sealed class SupervisorUnreachableException extends IOException
        permits SupervisorSilentException {
    private static final long serialVersionUID = 1L;

    public SupervisorUnreachableException(String message, Throwable cause) {
        super(message, cause);
    }
}
