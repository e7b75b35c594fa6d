package dev.soleinit.process.text;

/**
 * Makes text from outside fit for people's eyes. What a daemon, a probe or a caller says may hold
 * characters that move a terminal's cursor, change its title, forge a line of the log or turn the
 * order of letters around; here each becomes its escape, in the form that JSON uses. To be used
 * where text leaves for a log or a terminal, and nowhere before. Stateless.
 */
public final class PlainText {
    private static final int DELETE = 0x7f;
    private static final int LAST_C1 = 0x9f;

    private PlainText() {}

    /** One line: line breaks are escaped, too, and a tab becomes a space. */
    public static String line(String text) {
        return clean(text, false);
    }

    /** The same, for text that has lines of its own. */
    public static String lines(String text) {
        return clean(text, true);
    }

    /** Whether a terminal or a reader could be misled by it. */
    public static boolean isUnsafe(char character) {
        return character < ' ' || character >= DELETE && character <= LAST_C1
                || character >= 0x200e && isUnsafeFormat(character);
    }

    /** Line and paragraph separators, and what directs the order of letters. Source: Unicode, UAX 9. */
    private static boolean isUnsafeFormat(char character) {
        return character <= 0x200f || character >= 0x2028 && character <= 0x202e
                || character >= 0x2066 && character <= 0x2069;
    }

    private static String clean(String text, boolean manyLines) {
        for (int i = 0; i < text.length(); i++) {
            char next = text.charAt(i);
            if (isUnsafe(next) && !(manyLines && next == '\n')) {
                return clean(text, i, manyLines);
            }
        }
        return text;
    }

    private static String clean(String text, int from, boolean manyLines) {
        StringBuilder clean = new StringBuilder(text.length() + 16).append(text, 0, from);
        for (int i = from; i < text.length(); i++) {
            char next = text.charAt(i);
            if (!isUnsafe(next) || manyLines && next == '\n') {
                clean.append(next);
            } else if (next == '\t') {
                clean.append(' ');
            } else if (next == '\n') {
                clean.append("\\n");
            } else {
                clean.append(escape(next));
            }
        }
        return clean.toString();
    }

    /** For example {@code \}{@code u001b}. */
    public static String escape(char character) {
        StringBuilder escape = new StringBuilder("\\u");
        for (int shift = 12; shift >= 0; shift -= 4) {
            escape.append(Character.forDigit(character >> shift & 0xf, 16));
        }
        return escape.toString();
    }
}
