package dev.soleinit.lifecycle;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads and writes JSON text (RFC 8259), so that a daemon need not bring a library for it. Values are
 * maps, lists, strings, booleans, null, and numbers: Long where they fit, else Double. Stateless.
 */
final class Json {
    /** Deeper nesting is no message and no state of ours. */
    private static final int MAX_DEPTH = 32;

    private Json() {}

    // ---- writing

    /** One line without a line break; what is no JSON value is written as its text. */
    static String write(Object value) {
        StringBuilder out = new StringBuilder(256);
        write(out, value);
        return out.toString();
    }

    private static void write(StringBuilder out, Object value) {
        if (value == null || value instanceof Boolean || value instanceof Integer
                || value instanceof Long) {
            out.append(value);
        } else if (value instanceof Double number) {
            if (number.isNaN() || number.isInfinite()) {
                throw new IllegalArgumentException("JSON has no form for the number " + number);
            }
            out.append(number.doubleValue());
        } else if (value instanceof List<?> list) {
            out.append('[');
            String separator = "";
            for (Object element : list) {
                out.append(separator);
                write(out, element);
                separator = ",";
            }
            out.append(']');
        } else if (value instanceof Map<?, ?> map) {
            out.append('{');
            String separator = "";
            for (Map.Entry<?, ?> entry : map.entrySet()) {
                out.append(separator);
                string(out, entry.getKey().toString());
                out.append(':');
                write(out, entry.getValue());
                separator = ",";
            }
            out.append('}');
        } else {
            string(out, value.toString());
        }
    }

    private static void string(StringBuilder out, String text) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char one = text.charAt(i);
            boolean pair = Character.isHighSurrogate(one) && i + 1 < text.length()
                    && Character.isLowSurrogate(text.charAt(i + 1));
            if (pair) {
                out.append(one).append(text.charAt(++i));
            } else if (one == '"' || one == '\\') {
                out.append('\\').append(one);
            } else if (Character.isISOControl(one) || Character.isSurrogate(one)) {
                // UTF-8 has no form for half a pair, but JSON has
                out.append(String.format("\\u%04x", (int) one));
            } else {
                out.append(one);
            }
        }
        out.append('"');
    }

    // ---- reading

    /**
     * Parses one value; anything after it is an error.
     *
     * @throws IllegalArgumentException if it is no JSON; says where
     */
    static Object parse(String text) {
        Parser parser = new Parser(text);
        Object value = parser.value(0);
        parser.skipBlanks();
        if (parser.at < text.length()) {
            throw parser.wrong("something follows the value");
        }
        return value;
    }

    /** One pass over one text. */
    private static final class Parser {
        private final String text;
        private int at;

        Parser(String text) {
            this.text = text;
        }

        IllegalArgumentException wrong(String why) {
            return new IllegalArgumentException("no JSON at character " + (at + 1) + ": " + why);
        }

        void skipBlanks() {
            while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
                at++;
            }
        }

        private char peek() {
            if (at == text.length()) {
                throw wrong("it ends early");
            }
            return text.charAt(at);
        }

        private boolean skip(char wanted) {
            skipBlanks();
            boolean found = peek() == wanted;
            at += found ? 1 : 0;
            return found;
        }

        private void expect(char wanted) {
            if (!skip(wanted)) {
                throw wrong("expected '" + wanted + "'");
            }
        }

        Object value(int depth) {
            if (depth > MAX_DEPTH) {
                throw wrong("nested deeper than " + MAX_DEPTH);
            }
            skipBlanks();
            switch (peek()) {
                case '{': return object(depth);
                case '[': return array(depth);
                case '"': return string();
                case 't': return word("true", true);
                case 'f': return word("false", false);
                case 'n': return word("null", null);
                default: return number();
            }
        }

        private Object word(String word, Object value) {
            if (!text.startsWith(word, at)) {
                throw wrong("an unknown word");
            }
            at += word.length();
            return value;
        }

        private Map<String, Object> object(int depth) {
            Map<String, Object> map = new LinkedHashMap<>();
            expect('{');
            if (skip('}')) {
                return map;
            }
            do {
                skipBlanks();
                String name = string();
                expect(':');
                Object value = value(depth + 1);
                if (map.containsKey(name)) {
                    throw wrong("a second member '" + name + "'");
                }
                map.put(name, value);
            } while (skip(','));
            expect('}');
            return map;
        }

        private List<Object> array(int depth) {
            List<Object> list = new ArrayList<>();
            expect('[');
            if (skip(']')) {
                return list;
            }
            do {
                list.add(value(depth + 1));
            } while (skip(','));
            expect(']');
            return list;
        }

        private String string() {
            expect('"');
            StringBuilder value = new StringBuilder();
            for (char one = peek(); one != '"'; one = peek()) {
                if (one < ' ') {
                    throw wrong("a control character in a string");
                }
                at++;
                value.append(one == '\\' ? escaped() : one);
            }
            at++;
            return value.toString();
        }

        private char escaped() {
            char one = peek();
            at++;
            int index = "\"\\/bfnrt".indexOf(one);
            if (index >= 0) {
                return "\"\\/\b\f\n\r\t".charAt(index);
            }
            if (one != 'u') {
                throw wrong("an unknown escape");
            }
            int code = 0;
            for (int i = 0; i < 4; i++, at++) {
                char digit = peek();
                if (digit > 'f' || Character.digit(digit, 16) < 0) {
                    throw wrong("an escape without four hexadecimal digits");
                }
                code = code * 16 + Character.digit(digit, 16);
            }
            return (char) code;
        }

        private Object number() {
            int from = at;
            at += peek() == '-' ? 1 : 0;
            if (at < text.length() && text.charAt(at) == '0') {
                at++;
            } else {
                digits();
            }
            boolean whole = true;
            if (at < text.length() && text.charAt(at) == '.') {
                whole = false;
                at++;
                digits();
            }
            if (at < text.length() && (text.charAt(at) | ' ') == 'e') {
                whole = false;
                at++;
                at += at < text.length() && "+-".indexOf(text.charAt(at)) >= 0 ? 1 : 0;
                digits();
            }
            String digits = text.substring(from, at);
            try {
                return whole ? (Object) Long.valueOf(digits) : (Object) finite(digits);
            } catch (NumberFormatException beyondLong) {
                return finite(digits);
            }
        }

        private void digits() {
            int from = at;
            while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
                at++;
            }
            if (at == from) {
                throw wrong("expected a value or a digit");
            }
        }

        /** Infinity is a number that JSON has no form for. */
        private Double finite(String digits) {
            double number = Double.parseDouble(digits);
            if (Double.isInfinite(number)) {
                throw wrong("a number is too large");
            }
            return number;
        }
    }
}
