package dev.soleinit.pidns;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.soleinit.RequiredTier;
import dev.soleinit.control.client.RpcException;
import dev.soleinit.json.Json;
import dev.soleinit.json.JsonException;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The reference daemon, and with it the library, under a real supervisor. */
@ExtendWith(RequiredTier.PidNamespace.class)
class NodeIT {
    private static final int RESTARTS = Integer.getInteger("restarts", 8);

    @TempDir
    Path dir;

    private Path config;
    private int port;

    private void configure(String text) throws IOException {
        Path next = Files.writeString(dir.resolve("next.json"), text);
        Files.move(next, config, StandardCopyOption.REPLACE_EXISTING);
    }

    private PidNamespace start(String... options) throws IOException {
        port = PidNamespace.freePort();
        config = dir.resolve("node.json");
        configure("{\"host\": \"127.0.0.1\", \"port\": " + port + "}");
        return supervise(options);
    }

    /** {@code options} in which PORT stands for the port. */
    private PidNamespace supervise(String... options) throws IOException {
        List<String> words = new ArrayList<>(List.of("--ready", "attach", "--watch",
                config.toString(), "--watch-quiet", "50ms", "--on-change", "reload"));
        List.of(options).forEach(option -> words.add(option.replace("PORT", "" + port)));
        words.addAll(List.of("--", PidNamespace.NODE.resolve("bin/node").toString(), "--config",
                config.toString()));
        return PidNamespace.start(dir, words.toArray(String[]::new)).waitForState("ready");
    }

    private String ask(String method, String path) throws IOException {
        HttpURLConnection http = (HttpURLConnection) URI.create("http://127.0.0.1:" + port + path)
                .toURL().openConnection();
        http.setRequestMethod(method);
        try {
            int code = http.getResponseCode();
            byte[] body = (code < 400 ? http.getInputStream() : http.getErrorStream()).readAllBytes();
            return code + " " + http.getHeaderField("X-Generation") + " " + new String(body).strip();
        } finally {
            http.disconnect();
        }
    }

    private Map<?, ?> work() throws IOException {
        try {
            return (Map<?, ?>) Json.parse(ask("GET", "/work").split(" ", 3)[2]);
        } catch (JsonException broken) {
            throw new IOException(broken);
        }
    }

    private static Map<?, ?> outcome(Map<String, Object> answer) {
        return (Map<?, ?>) answer.get("outcome");
    }

    /** The JVM refuses to run without the cache, instead of going on slowly. */
    @Test
    void itComesFromItsAotCache() throws IOException {
        PidNamespace.Finished node = PidNamespace.command(Map.of("JDK_JAVA_OPTIONS", "-XX:AOTMode=on"),
                PidNamespace.NODE.resolve("bin/node").toString(), "--port", "nonsense");
        assertEquals(78, node.code(), node.output());
    }

    @Test
    void aChangedPortIsServedByTheSameProcessAndTheOldOneIsNot() throws IOException {
        try (PidNamespace node = start()) {
            Object pid = node.status().get("pid");
            assertEquals("200 1 ready", ask("GET", "/health/ready"));
            assertEquals("200 null hello", ask("GET", "/"));
            int old = port;
            int next = PidNamespace.freePort();
            configure("{\"host\": \"127.0.0.1\", \"port\": " + next + ", \"greeting\": \"hi\"}");
            node.waitForStatus("generation 2 is ready", now -> Long.valueOf(2).equals(
                    now.get("generation")) && "ready".equals(now.get("state")));
            port = next;
            assertEquals("200 2 ready", ask("GET", "/health/ready"));
            assertEquals("200 null hi", ask("GET", "/"));
            assertEquals(pid, node.status().get("pid"));
            assertEquals(List.of(), node.status().get("exits"));
            port = old;
            assertThrows(IOException.class,
                    () -> ask("GET", "/health/live"));
        }
    }

    @Test
    void aBadFileEndsItWith78AndAGoodOneBringsItBackAtOnce() throws IOException {
        try (PidNamespace node = start()) {
            configure("{\"port\": \"eighty\"}");
            node.waitForState("backing-off");
            node.waitForLog("'port' must be 0 to 65535");
            assertEquals(78L, ((Map<?, ?>) node.status().get("lastExit")).get("code"));
            configure("{\"prot\": 80}");
            node.waitForLog("unknown key 'prot'");
            configure("{\"host\": \"127.0.0.1\", \"port\": " + port + "}");
            node.waitForState("ready");
            assertTrue(ask("GET", "/health/ready").startsWith("200"));
        }
    }

    @Test
    void whatARestartCutsIsResumedWhereItsCheckpointSays() throws Exception {
        try (PidNamespace node = start()) {
            Thread.ofVirtual().start(() -> {
                try {
                    ask("POST", "/sessions?ms=2000&id=long");
                } catch (IOException cut) {
                    // its client is gone, its work is not
                }
            });
            node.waitFor("it is admitted", () -> node.status().toString().contains("session long"));
            Map<String, Object> answer = node.call("restart.request", Map.of("timeout", 0.2));
            assertEquals(1, ((List<?>) outcome(answer).get("cut")).size(), answer.toString());
            node.waitFor("it has ended", () -> {
                try {
                    return work().get("ended").equals(1L) && work().get("resumed").equals(1L);
                } catch (IOException notYet) {
                    return false;
                }
            });
            assertEquals(0L, node.status().get("resumable"));
            assertEquals(2L, work().get("generation"));
        }
    }

    @Test
    void gracefulRestartsUnderLoadLoseNoSession() throws IOException, RpcException {
        try (PidNamespace node = start(); LoadGenerator load = new LoadGenerator(port, 200, 500, 0)) {
            for (int i = 0; i < RESTARTS; i++) {
                PidNamespace.pause(300);
                Map<?, ?> outcome = outcome(node.daemonJson("restart"));
                assertEquals("complete", outcome.get("restartStatus"), outcome.toString());
                assertEquals(List.of(), outcome.get("cut"));
            }
            none(load.finish());
        }
    }

    @Test
    void safeRestartsUnderLoadLoseNoSession() throws IOException, RpcException {
        try (PidNamespace node = start(); LoadGenerator load = new LoadGenerator(port, 200, 300, 700)) {
            for (int i = 0; i < RESTARTS / 2; i++) {
                Map<?, ?> outcome = outcome(node.daemonJson("restart", "--safe"));
                assertEquals("complete", outcome.get("restartStatus"), outcome.toString());
                assertEquals(List.of(), outcome.get("cut"));
            }
            none(load.finish());
        }
    }

    /** Nobody is refused by the kernel; who was accepted right before the fence may be told 503. */
    @Test
    void keptSocketNeverRefuses() throws IOException, RpcException {
        try (PidNamespace node = start("--listen", "tcp:127.0.0.1:PORT");
                LoadGenerator load = new LoadGenerator(port, 200, 500, 0)) {
            for (int i = 0; i < RESTARTS; i++) {
                PidNamespace.pause(300);
                assertEquals("complete", outcome(node.daemonJson("restart")).get("restartStatus"));
            }
            Map<String, Integer> counts = load.finish();
            none(counts);
            assertEquals(null, counts.get("nobody there"), counts.toString());
            assertEquals(null, counts.get("no answer"), counts.toString());
            int refused = counts.getOrDefault("refused", 0);
            assertTrue(refused <= 10 * RESTARTS, counts.toString());
        }
    }

    /** Each session that the daemon counts has been answered, and the other way round. */
    private void none(Map<String, Integer> counts) throws IOException {
        System.out.println("load: " + counts);
        assertTrue(counts.getOrDefault("ended", 0) > 100, counts.toString());
        assertEquals((long) counts.get("ended"), work().get("ended"),
                "ended according to the clients, and to the daemon; " + counts);
        assertEquals(0L, work().get("resumed"));
    }
}
