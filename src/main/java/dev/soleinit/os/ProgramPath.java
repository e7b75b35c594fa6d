package dev.soleinit.os;

import dev.soleinit.process.SpawnError;
import dev.soleinit.process.SpawnError.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Finds the program of a command in the PATH of the child, not of the supervisor, and says in
 * words why it cannot be started. Stateless. Sources: execvp(3), execve(2).
 */
final class ProgramPath {
    private static final int ENOENT = 2;
    private static final int E2BIG = 7;
    private static final int ENOEXEC = 8;
    private static final int EAGAIN = 11;
    private static final int ENOMEM = 12;
    private static final int EACCES = 13;
    private static final int ENFILE = 23;
    private static final int EMFILE = 24;
    private static final String USUAL = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    private ProgramPath() {}

    /** The file that a name stands for: itself if it has a slash, else the first in PATH. */
    static Optional<String> find(String program, Map<String, String> environment) {
        if (program.contains("/")) {
            return Optional.of(program);
        }
        Optional<String> unusable = Optional.empty();
        for (String folder : searchPath(environment).split(":", -1)) {
            String candidate = (folder.isEmpty() ? "." : folder) + "/" + program;
            if (isProgram(candidate)) {
                return Optional.of(candidate);
            }
            if (unusable.isEmpty() && Files.isRegularFile(Path.of(candidate))) {
                unusable = Optional.of(candidate);
            }
        }
        return unusable;
    }

    private static boolean isProgram(String file) {
        return Files.isRegularFile(Path.of(file)) && Files.isExecutable(Path.of(file));
    }

    private static String searchPath(Map<String, String> environment) {
        return environment.getOrDefault("PATH", USUAL);
    }

    static SpawnError notInPath(String program, Map<String, String> environment) {
        return error(Kind.NOT_FOUND, program, "no such program in PATH (" + searchPath(environment)
                + "); install it or give its full path");
    }

    static SpawnError badName(String program) {
        return error(Kind.NOT_FOUND, program, "not a name of a program");
    }

    static SpawnError noDirectory(String program, Path directory) {
        return error(Kind.NOT_EXECUTABLE, program, "no such working directory as " + directory
                + "; create it or change --chdir");
    }

    /** What the kernel's answer to a start means. */
    static SpawnError explain(String program, String file, int errno) {
        return switch (errno) {
            case ENOENT -> missing(program, file);
            case EACCES -> refused(program, file);
            case ENOEXEC -> error(Kind.NOT_EXECUTABLE, program, file + " is not a program for this "
                    + "machine, or a script without a #! line");
            case EAGAIN, ENOMEM, EMFILE, ENFILE -> error(Kind.RESOURCES, program, "the kernel has "
                    + "no process, memory or file left for it (" + name(errno) + "); raise the "
                    + "container's limits");
            case E2BIG -> error(Kind.NOT_EXECUTABLE, program, "its arguments and environment are "
                    + "too long");
            case 20, 40, 36 -> error(Kind.NOT_FOUND, program, file + " cannot be reached ("
                    + name(errno) + ")");
            case 1 -> error(Kind.NOT_EXECUTABLE, program, "the kernel does not permit it (EPERM); "
                    + "changing the user needs root");
            default -> error(Kind.NOT_EXECUTABLE, program, "the kernel refuses it (" + name(errno)
                    + ")");
        };
    }

    private static SpawnError missing(String program, String file) {
        if (!Files.exists(Path.of(file))) {
            return error(Kind.NOT_FOUND, program, "no such file; check the path");
        }
        String interpreter = interpreter(file).orElse("its dynamic loader");
        return error(Kind.NOT_FOUND, program, file + " is there, but " + interpreter
                + ", which is to run it, is not");
    }

    private static SpawnError refused(String program, String file) {
        if (Files.isDirectory(Path.of(file))) {
            return error(Kind.NOT_EXECUTABLE, program, file + " is a directory");
        }
        return error(Kind.NOT_EXECUTABLE, program, "permission denied; is " + file
                + " executable (chmod +x) and on a file system without noexec?");
    }

    private static Optional<String> interpreter(String file) {
        try (InputStream in = Files.newInputStream(Path.of(file))) {
            String head = new String(in.readNBytes(256), StandardCharsets.ISO_8859_1);
            return head.startsWith("#!")
                    ? Optional.of(head.substring(2).strip().split("\\s", 2)[0]) : Optional.empty();
        } catch (IOException unreadable) {
            return Optional.empty();
        }
    }

    private static SpawnError error(Kind kind, String program, String why) {
        return new SpawnError(kind, "Cannot start '" + program + "': " + why);
    }

    private static String name(int errno) {
        return switch (errno) {
            case EAGAIN -> "EAGAIN";
            case ENOMEM -> "ENOMEM";
            case ENFILE -> "ENFILE";
            case EMFILE -> "EMFILE";
            case 20 -> "ENOTDIR";
            case 26 -> "ETXTBSY";
            case 36 -> "ENAMETOOLONG";
            case 40 -> "ELOOP";
            default -> "errno " + errno;
        };
    }

    /** A NUL would end the word for the kernel. */
    static boolean hasNul(List<String> words) {
        return words.stream().anyMatch(word -> word.indexOf('\0') >= 0);
    }

    static boolean isPath(String text) {
        try {
            return !Path.of(text).toString().isEmpty();
        } catch (InvalidPathException bad) {
            return false;
        }
    }
}
