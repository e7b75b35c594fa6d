package dev.soleinit.supervisor.probes;

import static dev.soleinit.fuzz.Fuzzing.require;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;

/** What a daemon answers to a probe: a status, or no HTTP; never more than a head is read. */
public final class HttpProbeFuzz {
    private static final URI ADDRESS = URI.create("http://127.0.0.1/");
    private static final int MAX_HEAD = 16 * 1024;

    private HttpProbeFuzz() {}

    public static void fuzzerTestOneInput(byte[] input) {
        ByteArrayInputStream in = new ByteArrayInputStream(input);
        Socket socket = new Socket() {
            @Override
            public InputStream getInputStream() {
                return in;
            }

            @Override
            public void setSoTimeout(int millis) {
                require(millis > 0, "each read has a bound");
            }
        };
        try {
            int code = new HttpProbe(ADDRESS, Duration.ofSeconds(5)).answer(socket);
            require(code >= 200 && code <= 999, "a final status has three digits");
        } catch (IOException expected) {
            require(expected.getMessage().length() < 200, "a message fits a line");
        }
        require(input.length - in.available() <= MAX_HEAD + 1, "more than a head is not read");
    }
}
