package dev.soleinit.control;

import dev.soleinit.json.Json;
import dev.soleinit.json.JsonException;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.SocketException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Predicate;

/** The caller's side of the control socket: one request at a time. For one thread. */
public final class ControlClient implements AutoCloseable {
    static {
        // while the first connection is made
        Json.prepare();
    }

    private final SocketChannel channel;
    private final BufferedReader lines;
    private volatile boolean late;

    private ControlClient(SocketChannel channel) {
        this.channel = channel;
        this.lines = new BufferedReader(Channels.newReader(channel, StandardCharsets.UTF_8));
    }

    /** Connects, or says that nobody listens there. */
    public static ControlClient connect(Path socket) throws NoSupervisorException {
        try {
            return new ControlClient(SocketChannel.open(UnixDomainSocketAddress.of(socket)));
        } catch (IOException | IllegalArgumentException nobody) {
            throw new NoSupervisorException("no supervisor answers on " + socket + " ("
                    + nobody.getMessage() + ")", nobody);
        }
    }

    /** Asks and waits for the answer. */
    public Map<String, Object> call(String method, Map<String, Object> params)
            throws IOException, CallException {
        try {
            send(method, params);
        } catch (IOException refused) {
            // a server with no room says so and closes without reading; its word is still there
        }
        while (true) {
            Map<String, Object> message = next();
            if (message.get("error") instanceof Map<?, ?> error) {
                throw failure(error);
            }
            if (message.get("result") instanceof Map<?, ?> result) {
                return typed(result);
            }
        }
    }

    /** The same, unless the answer takes longer than {@code patience}: then nobody is there. */
    public Map<String, Object> call(String method, Map<String, Object> params, Duration patience)
            throws IOException, CallException {
        Thread watch = Thread.ofPlatform().daemon().name("patience").start(() -> endAfter(patience));
        try {
            return call(method, params);
        } catch (NoSupervisorException silent) {
            throw late ? new NoSupervisorException("the supervisor has not answered within "
                    + patience.toSeconds() + " s", silent) : silent;
        } finally {
            watch.interrupt();
        }
    }

    /** Unlike a close this ends a read without a signal, which may be blocked here. */
    private void endAfter(Duration patience) {
        try {
            Thread.sleep(patience);
            late = true;
            channel.shutdownInput();
        } catch (InterruptedException answered) {
            Thread.currentThread().interrupt();
        } catch (IOException closed) {
            // it has ended already
        }
    }

    /** Hands over the supervisor's notices until the taker says false or the supervisor leaves. */
    public void listen(Predicate<Map<String, Object>> taker) throws IOException {
        boolean more = true;
        while (more) {
            more = taker.test(next());
        }
    }

    private void send(String method, Map<String, Object> params) throws IOException {
        Map<String, Object> request = new LinkedHashMap<>();
        request.put("jsonrpc", "2.0");
        request.put("id", 1L);
        request.put("method", method);
        request.put("params", params);
        ByteBuffer bytes = ByteBuffer.wrap((Json.write(request) + "\n")
                .getBytes(StandardCharsets.UTF_8));
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    /** One that ends with our request unread resets the connection; that is no other news. */
    private String line() throws IOException {
        try {
            return lines.readLine();
        } catch (SocketException reset) {
            throw new NoSupervisorException("the supervisor closed the connection", reset);
        }
    }

    private Map<String, Object> next() throws IOException {
        String line = line();
        if (line == null) {
            throw new NoSupervisorException("the supervisor closed the connection", null);
        }
        try {
            return Json.parse(line) instanceof Map<?, ?> map ? typed(map) : Map.of();
        } catch (JsonException broken) {
            throw new IOException("the supervisor sent no JSON: " + broken.getMessage(), broken);
        }
    }

    private static CallException failure(Map<?, ?> error) {
        int code = error.get("code") instanceof Long number ? number.intValue() : 0;
        Map<String, Object> data = error.get("data") instanceof Map<?, ?> map ? typed(map) : Map.of();
        return new CallException(code, String.valueOf(error.get("message")), data);
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> typed(Map<?, ?> map) {
        return (Map<String, Object>) map;
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
