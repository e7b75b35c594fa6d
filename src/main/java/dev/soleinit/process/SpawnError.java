package dev.soleinit.process;

/**
 * Why a program could not be started.
 *
 * @param kind    what sort of failure, which decides the exit code
 * @param message one line for people, naming the program and the remedy
 */
public record SpawnError(Kind kind, String message) {
    /** The sorts of failure a caller can act on. */
    public enum Kind {
        /** No such program (ENOENT, ENOTDIR, ELOOP): exit code 127. */
        NOT_FOUND(SupervisorExit.NOT_FOUND),
        /** It is there but cannot be executed (EACCES, ENOEXEC, EISDIR and the like): 126. */
        NOT_EXECUTABLE(SupervisorExit.NOT_EXECUTABLE),
        /** The kernel has nothing left to start it with (EAGAIN, ENOMEM, EMFILE): try later. */
        RESOURCES(SupervisorExit.NOT_EXECUTABLE);

        private final int exitCode;

        Kind(int exitCode) {
            this.exitCode = exitCode;
        }

        public int exitCode() {
            return exitCode;
        }
    }
}
