package dev.soleinit.example;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/**
 * One HTTP/1.x request: at most 8 KiB of request line and headers, at most 64 KiB of body, which is
 * read and dropped.
 *
 * @param method as it was sent
 * @param path   decoded, begins with a slash
 * @param query  as it was sent; empty if there was none
 */
record Request(String method, String path, String query) {
    private static final int LONGEST_HEAD = 8_192;
    private static final int LONGEST_BODY = 65_536;
    private static final String TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";

    /** Where it comes from: reads at least one byte to {@code into[from]} and on; -1 at the end. */
    @FunctionalInterface
    interface Source {
        int read(byte[] into, int from) throws IOException;
    }

    /** It cannot be understood, or is too much. */
    static final class Refused extends Exception {
        private static final long serialVersionUID = 1L;

        private final int code;

        Refused(int code, String message) {
            super(message);
            this.code = code;
        }

        int code() {
            return code;
        }
    }

    /** Reads one, body and all; null if the client closes without a word. */
    static Request read(Source source) throws IOException, Refused {
        byte[] bytes = new byte[LONGEST_HEAD];
        int filled = 0;
        int end = -1;
        while (end < 0) {
            if (filled == bytes.length) {
                throw new Refused(431, "request line and headers have more than " + LONGEST_HEAD
                        + " bytes");
            }
            int count = source.read(bytes, filled);
            if (count < 0 && filled == 0) {
                return null;
            }
            if (count < 0) {
                throw new Refused(400, "the request is cut off");
            }
            end = endOfHead(bytes, Math.max(0, filled - 2), filled + count);
            filled += count;
        }
        String head = new String(bytes, 0, end, StandardCharsets.ISO_8859_1);
        String[] lines = head.split("\r?\n");
        Request request = parse(lines.length == 0 ? "" : lines[0]);
        drop(source, bodyLength(headers(lines)) - (filled - end));
        return request;
    }

    /** Just after the first empty line; a bare line feed ends a line, too. */
    private static int endOfHead(byte[] bytes, int from, int filled) {
        for (int i = from; i < filled - 1; i++) {
            int next = bytes[i + 1] == '\r' ? i + 2 : i + 1;
            if (bytes[i] == '\n' && next < filled && bytes[next] == '\n') {
                return next + 1;
            }
        }
        return -1;
    }

    private static Request parse(String line) throws Refused {
        if (!line.matches(TOKEN + " [!-~]+ HTTP/1\\.[0-9]")) {
            throw new Refused(400, "no request line of HTTP/1.1");
        }
        String[] words = line.split(" ");
        try {
            // a target that begins with two slashes is a path all the same
            URI target = new URI(words[1].startsWith("/") ? "http://here" + words[1] : words[1]);
            if (target.getRawPath() == null || target.getHost() == null) {
                throw new Refused(400, "the target is neither a path nor a whole address");
            }
            return new Request(words[0], target.getPath().isEmpty() ? "/" : target.getPath(),
                    target.getRawQuery() == null ? "" : target.getRawQuery());
        } catch (URISyntaxException malformed) {
            throw new Refused(400, "the target is malformed");
        }
    }

    private static Map<String, String> headers(String[] lines) throws Refused {
        Map<String, String> headers = new HashMap<>();
        for (String line : Arrays.asList(lines).subList(1, lines.length)) {
            if (!line.matches(TOKEN + ":[\t -~\u0080-\u00ff]*")) {
                throw new Refused(400, "a header is malformed");
            }
            int colon = line.indexOf(':');
            headers.merge(line.substring(0, colon).toLowerCase(Locale.ROOT),
                    line.substring(colon + 1).strip(), (one, other) -> one + ", " + other);
        }
        return headers;
    }

    private static int bodyLength(Map<String, String> headers) throws Refused {
        if (headers.containsKey("transfer-encoding")) {
            throw new Refused(411, "a body needs a Content-Length");
        }
        String length = headers.getOrDefault("content-length", "0");
        if (!length.matches("[0-9]{1,18}")) {
            throw new Refused(400, "Content-Length is no number");
        }
        if (Long.parseLong(length) > LONGEST_BODY) {
            throw new Refused(413, "the body has more than " + LONGEST_BODY + " bytes");
        }
        if (headers.containsKey("expect")) {
            throw new Refused(417, "send the body without Expect");
        }
        return Integer.parseInt(length);
    }

    private static void drop(Source source, int length) throws IOException, Refused {
        byte[] bytes = new byte[Math.clamp(length, 0, LONGEST_HEAD)];
        for (int left = length; left > 0; ) {
            int count = source.read(bytes, 0);
            if (count < 0) {
                throw new Refused(400, "the body is cut off");
            }
            left -= count;
        }
    }

    /** The first one of that name, decoded. */
    String parameter(String name, String otherwise) {
        for (String pair : query.split("&")) {
            if (pair.startsWith(name + "=")) {
                // a plus is a plus: only forms mean a blank by it
                return URLDecoder.decode(pair.substring(name.length() + 1).replace("+", "%2B"),
                        StandardCharsets.UTF_8);
            }
        }
        return otherwise;
    }
}
