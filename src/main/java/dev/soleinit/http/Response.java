package dev.soleinit.http;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * An answer, made once and sent to any number of clients.
 *
 * @param code    of HTTP
 * @param type    its media type
 * @param body    never changed
 * @param headers further ones, each with its line end
 */
record Response(int code, String type, byte[] body, String headers) {
    static final String TEXT = "text/plain; charset=utf-8";

    static Response text(int code, String line) {
        return new Response(code, TEXT, (line + "\n").getBytes(StandardCharsets.UTF_8), "");
    }

    Response with(String header) {
        return new Response(code, type, body, headers + header + "\r\n");
    }

    /** All of it; a HEAD gets the head alone. Nothing of it is to be kept or guessed at by a browser. */
    ByteBuffer[] bytes(boolean headOnly, boolean keepAlive) {
        String head = "HTTP/1.1 " + code + " " + phrase() + "\r\nContent-Type: " + type
                + "\r\nContent-Length: " + body.length + "\r\nCache-Control: no-store\r\n"
                + "X-Content-Type-Options: nosniff\r\n" + headers
                + (keepAlive ? "\r\n" : "Connection: close\r\n\r\n");
        ByteBuffer first = ByteBuffer.wrap(head.getBytes(StandardCharsets.UTF_8));
        return headOnly ? new ByteBuffer[] {first}
                : new ByteBuffer[] {first, ByteBuffer.wrap(body)};
    }

    private String phrase() {
        return switch (code) {
            case 200 -> "OK";
            case 400 -> "Bad Request";
            case 404 -> "Not Found";
            case 405 -> "Method Not Allowed";
            case 408 -> "Request Timeout";
            case 431 -> "Request Header Fields Too Large";
            case 500 -> "Internal Server Error";
            case 503 -> "Service Unavailable";
            case 505 -> "HTTP Version Not Supported";
            default -> throw new IllegalArgumentException("no phrase for " + code);
        };
    }
}
