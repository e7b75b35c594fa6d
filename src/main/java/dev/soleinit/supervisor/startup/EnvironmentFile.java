package dev.soleinit.supervisor.startup;

import dev.soleinit.process.text.Bytes;
import java.nio.file.Path;
import java.util.Map;

/**
 * Reads a file of variables: a {@code NAME=VALUE} a line, with or without {@code export} in front.
 * Empty lines and those that begin with # do not count, lines may end in CRLF, and of a variable that
 * is there twice the last one counts. A value is taken to the end of its line, without blanks around
 * it; in '…' as it stands; in "…" with \n, \r, \t, \\, \" and \$. Nothing is expanded. Used once.
 */
final class EnvironmentFile {
    static final String SETTING = "env-file";
    private static final int MAX_BYTES = 1 << 20;

    private final Path file;
    private final Map<String, String> variables;
    private int line;

    EnvironmentFile(Path file, Map<String, String> variables) {
        this.file = file;
        this.variables = variables;
    }

    /** Adds its variables to those that are there. */
    void read() {
        String text = Bytes.decode(GivenFile.read(SETTING, file, MAX_BYTES));
        for (String one : (text.startsWith("\uFEFF") ? text.substring(1) : text).split("\n", -1)) {
            line++;
            if (one.indexOf('\0') >= 0) {
                throw wrong("it has a NUL, which no variable can have");
            }
            String content = one.strip();
            if (!content.isEmpty() && content.charAt(0) != '#') {
                add(content.startsWith("export ") ? content.substring(7).strip() : content);
            }
        }
    }

    private void add(String content) {
        int equals = content.indexOf('=');
        String name = equals < 0 ? content : content.substring(0, equals).strip();
        if (equals < 0 || name.isEmpty() || name.chars().anyMatch(EnvironmentFile::isOddInAName)) {
            throw wrong("give NAME=VALUE");
        }
        String value = content.substring(equals + 1).strip();
        char quote = value.isEmpty() ? ' ' : value.charAt(0);
        variables.put(name, quote == '\'' || quote == '"' ? unquoted(value, quote) : value);
    }

    private static boolean isOddInAName(int one) {
        return Character.isWhitespace(one) || one == '\'' || one == '"';
    }

    private String unquoted(String value, char quote) {
        StringBuilder plain = new StringBuilder();
        int at = 1;
        while (at < value.length() && value.charAt(at) != quote) {
            char one = value.charAt(at++);
            boolean escapes = one == '\\' && quote == '"' && at < value.length();
            plain.append(escapes ? escaped(value.charAt(at++)) : one);
        }
        if (at >= value.length()) {
            throw wrong("a " + quote + " is not closed; a line break within a value is \\n in \"…\"");
        }
        String rest = value.substring(at + 1).strip();
        if (!rest.isEmpty() && rest.charAt(0) != '#') {
            throw wrong("something follows the closing " + quote);
        }
        return plain.toString();
    }

    private char escaped(char one) {
        return switch (one) {
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case '\\', '"', '$' -> one;
            default -> throw wrong("\\" + one + " is none of \\n, \\r, \\t, \\\\, \\\" and \\$");
        };
    }

    private StartupException wrong(String why) {
        return GivenFile.unusable(SETTING, file + " line " + line, why);
    }
}
