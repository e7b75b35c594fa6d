package dev.soleinit.os.spawn;

import dev.soleinit.os.ffi.Errno;
import dev.soleinit.process.SpawnError;
import dev.soleinit.process.SpawnError.Kind;

/**
 * Says in words why a program could not be started, from what the launcher reports between spawn and
 * exec. Stateless. Sources: execve(2), docker/entrypoint/exec.c.
 */
final class SpawnErrors {
    private SpawnErrors() {}

    /** From the launcher's record "STAGE ERRNO PATH". */
    static SpawnError parse(String program, String record) {
        String[] parts = record.split(" ", 3);
        if (parts.length < 3 || !parts[1].matches("[0-9]{1,4}")) {
            return error(Kind.NOT_EXECUTABLE, program, "the launcher reports '" + record + "'");
        }
        int errno = Integer.parseInt(parts[1]);
        return switch (parts[0]) {
            case "search" -> error(Kind.NOT_FOUND, program, "no such program in PATH (" + parts[2]
                    + "); install it or give its full path");
            case "interpreter" -> interpreter(program, parts[2]);
            case "directory" -> error(Kind.NOT_EXECUTABLE, program, "its working directory "
                    + parts[2] + " cannot be entered (" + Errno.name(errno)
                    + "); create it or change --chdir");
            case "user", "group", "groups" -> error(Kind.NOT_EXECUTABLE, program, "the kernel does not "
                    + "permit another user (" + parts[0] + " " + parts[2] + ", " + Errno.name(errno)
                    + "); run the supervisor as root with CAP_SETUID and CAP_SETGID, or leave "
                    + "out --user");
            default -> exec(program, parts[2], errno);
        };
    }

    /** The kernel made no process for it. */
    static SpawnError noProcess(String program, int errno) {
        return switch (errno) {
            case Errno.EAGAIN, Errno.ENOMEM, Errno.EMFILE, Errno.ENFILE -> resources(program, errno);
            case Errno.E2BIG -> error(Kind.NOT_EXECUTABLE, program, "its arguments and environment are "
                    + "too long");
            default -> error(Kind.NOT_EXECUTABLE, program, "the launcher cannot be executed ("
                    + Errno.name(errno) + "); is soleinit's folder complete?");
        };
    }

    static SpawnError badName(String program) {
        return error(Kind.NOT_FOUND, program, "not a name of a program");
    }

    private static SpawnError exec(String program, String file, int errno) {
        return switch (errno) {
            case Errno.ENOENT -> error(Kind.NOT_FOUND, program, "no such file; check the path");
            case Errno.EACCES -> error(Kind.NOT_EXECUTABLE, program, "permission denied; is " + file
                    + " executable (chmod +x) and on a file system without noexec?");
            case Errno.EISDIR -> error(Kind.NOT_EXECUTABLE, program, file + " is a directory");
            case Errno.ENOEXEC -> error(Kind.NOT_EXECUTABLE, program, file + " is not a program for this "
                    + "machine, or a script without a #! line");
            case Errno.EAGAIN, Errno.ENOMEM, Errno.EMFILE, Errno.ENFILE -> resources(program, errno);
            case Errno.E2BIG -> error(Kind.NOT_EXECUTABLE, program, "its arguments and environment are "
                    + "too long");
            case Errno.ENOTDIR, Errno.ELOOP, Errno.ENAMETOOLONG -> error(Kind.NOT_FOUND, program, file
                    + " cannot be reached (" + Errno.name(errno) + ")");
            default -> error(Kind.NOT_EXECUTABLE, program, "the kernel refuses " + file + " ("
                    + Errno.name(errno) + ")");
        };
    }

    private static SpawnError interpreter(String program, String fileAndInterpreter) {
        int space = fileAndInterpreter.lastIndexOf(' ');
        String file = fileAndInterpreter.substring(0, space);
        String interpreter = fileAndInterpreter.substring(space + 1);
        return error(Kind.NOT_FOUND, program, file + " is there, but "
                + (interpreter.isEmpty() ? "its dynamic loader" : interpreter)
                + ", which is to run it, is not");
    }

    private static SpawnError resources(String program, int errno) {
        return error(Kind.RESOURCES, program, "the kernel has no process, memory or file left for it ("
                + Errno.name(errno) + "); raise the container's limits");
    }

    private static SpawnError error(Kind kind, String program, String why) {
        return new SpawnError(kind, "Cannot start '" + program + "': " + why);
    }
}
