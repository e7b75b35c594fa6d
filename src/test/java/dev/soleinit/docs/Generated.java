package dev.soleinit.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Parts of pages, and pictures, that are made from the code: {@code -Ddocs.rewrite=true} writes them
 * anew; read them before committing.
 */
public final class Generated {
    private static final String END = "<!-- end of the generated part -->\n";

    private Generated() {}

    /** The part {@code name} of a page must be this text. */
    public static void check(Path page, String name, String text) throws IOException {
        String begin = "<!-- generated from the code: " + name + " -->\n";
        String all = Files.readString(page);
        int from = all.indexOf(begin);
        if (from < 0) {
            throw new AssertionError(page + " has no line: " + begin.strip());
        }
        from += begin.length();
        int to = all.indexOf(END, from);
        if (Boolean.getBoolean("docs.rewrite")) {
            Files.writeString(page, all.substring(0, from) + text + all.substring(to));
            return;
        }
        assertEquals(all.substring(from, to), text, page + ", part '" + name + "', is not what the code "
                + "says; mvn test -Ddocs.rewrite=true writes it anew");
    }

    /** A whole file must be this text. */
    public static void check(Path file, String text) throws IOException {
        if (Boolean.getBoolean("docs.rewrite")) {
            Files.writeString(file, text);
            return;
        }
        assertEquals(Files.exists(file) ? Files.readString(file) : "", text, file + " is not what the "
                + "code says; mvn test -Ddocs.rewrite=true writes it anew");
    }

    /** A cell of a table. */
    public static String cell(String text) {
        return text.replace("|", "\\|");
    }

    /** A cell in the letters of a program; empty if it has nothing. */
    public static String code(String text) {
        return text.isEmpty() ? "" : "`" + cell(text) + "`";
    }
}
