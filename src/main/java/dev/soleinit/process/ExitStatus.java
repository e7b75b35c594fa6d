package dev.soleinit.process;

/** How a process ended: a code of its own, or a signal. Source: waitpid(2). */
public sealed interface ExitStatus {
    /** It called exit with {@code value}, 0 to 255. */
    record Exited(int value) implements ExitStatus {}

    /** A signal ended it; {@code core} tells whether the kernel wrote a core dump. */
    record Signaled(Signal signal, boolean core) implements ExitStatus {}

    /** Its parent, not the supervisor, was told how it ended. */
    record Unknown() implements ExitStatus {}

    /** Reads the status word that {@code waitpid} filled in. */
    static ExitStatus fromWait(int status) {
        int signal = status & 0x7f;
        return signal == 0
                ? new Exited((status >> 8) & 0xff)
                : new Signaled(new Signal(signal), (status & 0x80) != 0);
    }

    /**
     * The code a shell would show: the exit code, or 128 + the signal's number; 1 where it is unknown,
     * for what is not known to have ended well has not.
     */
    default int code() {
        return switch (this) {
            case Exited exited -> exited.value();
            case Unknown _ -> 1;
            case Signaled signaled -> SupervisorExit.SIGNALED + signaled.signal().number();
        };
    }

    /** {@code exit 3} or {@code SIGKILL} (with {@code , core dumped}). */
    default String words() {
        return switch (this) {
            case Exited exited -> "exit " + exited.value();
            case Unknown _ -> "exit status unknown";
            case Signaled(Signal signal, boolean core) -> signal + (core ? ", core dumped" : "");
        };
    }
}
