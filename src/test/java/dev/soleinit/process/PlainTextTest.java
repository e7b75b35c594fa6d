package dev.soleinit.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;

import dev.soleinit.json.Json;
import dev.soleinit.process.text.PlainText;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PlainTextTest {
    @Test
    void ordinaryTextStaysAsItIs() {
        String text = "naïve – “Größe” 日本語 🙂 עברית";
        assertSame(text, PlainText.line(text));
    }

    @Test
    void whatATerminalMightObeyIsEscaped() {
        assertEquals("\\u001b]0;title\\u0007", PlainText.line("\u001b]0;title\u0007"));
        assertEquals("\\u009b31m\\u007f\\u0000", PlainText.line("\u009b31m\u007f\0"));
        assertEquals("a\\nb\\u000dc d", PlainText.line("a\nb\rc\td"));
        assertEquals("\\u202ex\\u2069\\u200f\\u2028", PlainText.line("\u202ex\u2069\u200f\u2028"));
    }

    @Test
    void linesKeepTheirBreaks() {
        assertEquals("a\nb\\u001bc", PlainText.lines("a\nb\u001bc"));
    }

    @Test
    void jsonEscapesTheSameAndLosesNothing() throws Exception {
        StringBuilder all = new StringBuilder();
        for (char next = 0; next < 0x3000; next++) {
            all.append(next);
        }
        String json = Json.write(Map.of("text", all.toString()));
        assertFalse(json.chars().anyMatch(next -> PlainText.isUnsafe((char) next)), "one is left");
        assertEquals(Map.of("text", all.toString()), Json.parse(json));
        assertSame(json, PlainText.lines(json));
    }
}
