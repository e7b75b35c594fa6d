package dev.soleinit.cli;

import dev.soleinit.process.text.PlainText;


/**
 * The only way from here to standard output and standard error for what people read: nothing that
 * came from outside reaches a terminal as a command to it. Texts are sent line by line as they are
 * made here; a value within them that may have line breaks of its own is for {@link #value}.
 */
public final class Terminal {
    private Terminal() {}

    public static void out(String text) {
        System.out.println(PlainText.lines(text));
    }

    public static void err(String text) {
        System.err.println(PlainText.lines(text));
    }

    /** To be put into one line. */
    public static String value(Object value) {
        return PlainText.line(String.valueOf(value));
    }
}
