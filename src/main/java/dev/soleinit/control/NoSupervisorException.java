package dev.soleinit.control;

import java.io.IOException;

/** Nobody answers on the control socket. */
public sealed class NoSupervisorException extends IOException
        permits SilentSupervisorException {
    private static final long serialVersionUID = 1L;

    NoSupervisorException(String message, Throwable cause) {
        super(message, cause);
    }
}
