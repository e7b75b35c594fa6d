package dev.soleinit.process.text;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;

/**
 * Text that keeps every byte: arguments and environment of a process are bytes, of which most but not
 * all are UTF-8. A byte that is not becomes the lone surrogate U+DC00 plus its value, which no UTF-8
 * decodes to, and becomes that byte again. Stateless. Source: Python's PEP 383 (surrogateescape).
 */
public final class Bytes {
    private static final char ESCAPE = '\uDC00';
    private static final int FIRST_ESCAPED = 0x80;

    private Bytes() {}

    /** Decodes UTF-8, and escapes what is none. */
    public static String decode(byte[] bytes) {
        for (byte one : bytes) {
            if (one < 0) {
                return decodeEscaping(bytes);
            }
        }
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    private static String decodeEscaping(byte[] bytes) {
        CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
        ByteBuffer in = ByteBuffer.wrap(bytes);
        CharBuffer out = CharBuffer.allocate(bytes.length);
        CoderResult result = decoder.decode(in, out, true);
        while (result.isError()) {
            for (int i = 0; i < result.length(); i++) {
                out.put((char) (ESCAPE + (in.get() & 0xFF)));
            }
            result = decoder.decode(in, out, true);
        }
        return out.flip().toString();
    }

    /** Encodes as UTF-8, and makes escaped bytes what they were. */
    public static byte[] encode(String text) {
        return hasEscaped(text) ? encodeEscaped(text) : text.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] encodeEscaped(String text) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(text.length() + 16);
        int begin = 0;
        for (int i = 0; i < text.length(); i++) {
            if (isEscaped(text, i)) {
                out.writeBytes(text.substring(begin, i).getBytes(StandardCharsets.UTF_8));
                out.write(text.charAt(i) - ESCAPE);
                begin = i + 1;
            }
        }
        out.writeBytes(text.substring(begin).getBytes(StandardCharsets.UTF_8));
        return out.toByteArray();
    }

    /** Whether some of it is no text: what then cannot be shown or be a path of Java's. */
    public static boolean hasEscaped(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (isEscaped(text, i)) {
                return true;
            }
        }
        return false;
    }

    private static boolean isEscaped(String text, int at) {
        char one = text.charAt(at);
        return one >= ESCAPE + FIRST_ESCAPED && one <= ESCAPE + 0xFF
                && (at == 0 || !Character.isHighSurrogate(text.charAt(at - 1)));
    }
}
