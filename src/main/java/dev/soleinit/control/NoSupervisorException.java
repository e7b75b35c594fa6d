package dev.soleinit.control;

import java.io.IOException;

/** Nobody answers on the control socket. */
public final class NoSupervisorException extends IOException {
    private static final long serialVersionUID = 1L;

    NoSupervisorException(String message, Throwable cause) {
        super(message, cause);
    }
}
