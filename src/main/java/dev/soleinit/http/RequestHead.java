package dev.soleinit.http;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * The first line of a request and what matters of its header. Source: RFC 9112.
 *
 * @param method      GET or HEAD
 * @param path        without the query
 * @param keepAlive   the client wants the connection to stay
 * @param accept      the media types that it takes, in lower case
 * @param lastEventId the number of the last event that it has seen
 */
record RequestHead(String method, String path, boolean keepAlive, String accept,
        Optional<Long> lastEventId) {
    /** Longer ones are refused. */
    static final int MAX_BYTES = 8 * 1024;
    private static final int MAX_ID_DIGITS = 18;

    /** Why a request is not answered as it wishes; the connection ends with it. */
    static final class Unacceptable extends Exception {
        private static final long serialVersionUID = 1;
        private final transient Response response;

        Unacceptable(Response response) {
            super(null, null, false, false);
            this.response = response;
        }

        Response response() {
            return response;
        }
    }

    /** How many bytes the head has with the empty line behind it, 0 if that has not come yet. */
    static int length(byte[] bytes, int used) {
        for (int i = 0; i < used; i++) {
            if (bytes[i] == '\n' && i + 1 < used && bytes[i + 1] == '\n') {
                return i + 2;
            }
            if (bytes[i] == '\n' && i + 2 < used && bytes[i + 1] == '\r' && bytes[i + 2] == '\n') {
                return i + 3;
            }
        }
        return 0;
    }

    static RequestHead parse(byte[] bytes, int length) throws Unacceptable {
        String[] lines = lines(new String(bytes, 0, length, StandardCharsets.ISO_8859_1));
        String[] first = lines.length == 0 ? new String[0] : lines[0].split(" ", -1);
        if (first.length != 3 || !first[1].startsWith("/")) {
            throw broken("the first line is no request");
        }
        boolean modern = first[2].equals("HTTP/1.1");
        if (!modern && !first[2].equals("HTTP/1.0")) {
            throw first[2].startsWith("HTTP/")
                    ? new Unacceptable(Response.text(505, "HTTP/1.1 is spoken here"))
                    : broken("the first line is no request");
        }
        if (!first[0].equals("GET") && !first[0].equals("HEAD")) {
            throw new Unacceptable(Response.text(405, "this address is read only")
                    .with("Allow: GET, HEAD"));
        }
        int query = first[1].indexOf('?');
        Fields fields = Fields.of(lines);
        if (modern && !fields.host) {
            throw broken("there is no Host");
        }
        return new RequestHead(first[0], query < 0 ? first[1] : first[1].substring(0, query),
                modern ? !fields.connection.contains("close")
                        : fields.connection.contains("keep-alive"), fields.accept, fields.lastEventId);
    }

    /** Those before the empty one, without their ends. */
    private static String[] lines(String head) {
        String[] lines = head.split("\n");
        int count = 0;
        for (int i = 0; i < lines.length; i++) {
            lines[i] = lines[i].endsWith("\r") ? lines[i].substring(0, lines[i].length() - 1) : lines[i];
            count = lines[i].isEmpty() ? count : i + 1;
        }
        return Arrays.copyOf(lines, count);
    }

    private static Unacceptable broken(String why) {
        return new Unacceptable(Response.text(400, why));
    }

    /** What is read of the header's fields. */
    private static final class Fields {
        private String accept = "";
        private String connection = "";
        private boolean host;
        private Optional<Long> lastEventId = Optional.empty();

        static Fields of(String[] lines) throws Unacceptable {
            Fields fields = new Fields();
            for (int i = 1; i < lines.length; i++) {
                int colon = lines[i].indexOf(':');
                if (colon <= 0 || lines[i].charAt(colon - 1) == ' ') {
                    throw broken("a field of the header has no name");
                }
                fields.take(lines[i].substring(0, colon).toLowerCase(Locale.ROOT),
                        lines[i].substring(colon + 1).strip());
            }
            return fields;
        }

        /** A body would have to be read to find the next request: nothing here takes one. */
        private void take(String name, String value) throws Unacceptable {
            switch (name) {
                case "accept" -> accept += value.toLowerCase(Locale.ROOT);
                case "connection" -> connection += value.toLowerCase(Locale.ROOT);
                case "host" -> host = true;
                case "last-event-id" -> lastEventId = number(value);
                case "transfer-encoding" -> throw broken("a GET has no body");
                case "content-length" -> {
                    if (!value.equals("0")) {
                        throw broken("a GET has no body");
                    }
                }
                default -> {
                    // nothing here depends on it
                }
            }
        }

        private static Optional<Long> number(String text) {
            boolean digits = !text.isEmpty() && text.length() <= MAX_ID_DIGITS;
            for (int i = 0; i < text.length(); i++) {
                digits &= text.charAt(i) >= '0' && text.charAt(i) <= '9';
            }
            return digits ? Optional.of(Long.parseLong(text)) : Optional.empty();
        }
    }
}
