package dev.soleinit.control.text;

import dev.soleinit.control.ErrorCodes;
import dev.soleinit.process.text.PlainText;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * What a command prints, and its exit code. The texts are without their last line break; an empty one
 * is not printed.
 */
public record CommandOutput(int exitCode, String out, String err) {
    public static final int OK = 0;
    public static final int FAILED = 1;
    public static final int USAGE = 2;
    /** {@code status} alone: held or ended. */
    public static final int DOWN = 3;
    /** {@code reload} alone: nothing has shown that it was done. */
    public static final int UNCONFIRMED = 5;
    public static final int TRY_LATER = 75;

    /** That which begins an answer to the launcher; whatever else comes is no answer to it. */
    private static final String FRAME = "soleinit 1 ";

    static CommandOutput of(int exitCode, String out) {
        return new CommandOutput(exitCode, out, "");
    }

    /** What a command says that was answered with an error; the code is one of {@link ErrorCodes}. */
    public static CommandOutput refusal(String verb, int code, String why) {
        int exitCode = switch (code) {
            case ErrorCodes.BUSY, ErrorCodes.TIMEOUT, ErrorCodes.GAVE_UP -> TRY_LATER;
            case ErrorCodes.INVALID_PARAMS, ErrorCodes.NO_METHOD -> USAGE;
            default -> FAILED;
        };
        String message = value(why);
        return new CommandOutput(exitCode, "", message.startsWith("Cannot") ? message
                : "Cannot " + verb + ": " + message);
    }

    /** To be put into one line. */
    static String value(Object value) {
        return PlainText.line(String.valueOf(value));
    }

    /** The object of that name; an empty one if there is none. */
    public static Map<?, ?> object(Map<?, ?> from, String name) {
        return from.get(name) instanceof Map<?, ?> map ? map : Map.of();
    }

    /**
     * For the launcher: a line with the exit code and how many bytes follow for standard output and for
     * standard error, then these.
     */
    public byte[] frame() {
        byte[] first = printed(out);
        byte[] second = printed(err);
        ByteArrayOutputStream frame = new ByteArrayOutputStream(64 + first.length + second.length);
        frame.writeBytes((FRAME + exitCode + " " + first.length + " " + second.length + "\n")
                .getBytes(StandardCharsets.UTF_8));
        frame.writeBytes(first);
        frame.writeBytes(second);
        return frame.toByteArray();
    }

    private static byte[] printed(String text) {
        return text.isEmpty() ? new byte[0]
                : (PlainText.lines(text) + "\n").getBytes(StandardCharsets.UTF_8);
    }
}
