package dev.soleinit.example;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole daemon as a process without a supervisor, with a socket at descriptor 3 and without. */
class NodeTest {
    private static final String OPENS = "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED";

    @TempDir
    Path dir;

    private int port;
    private Process node;

    @BeforeEach
    void choosePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            port = socket.getLocalPort();
        }
        configure("\"greeting\": \"hello\"");
    }

    @AfterEach
    void end() throws InterruptedException {
        if (node != null) {
            node.destroyForcibly().waitFor();
        }
    }

    private void configure(String more) throws IOException {
        Path next = Files.writeString(dir.resolve("next.json"), "{\"host\": \"127.0.0.1\", \"port\": "
                + port + ", " + more + "}");
        Files.move(next, dir.resolve("node.json"), StandardCopyOption.REPLACE_EXISTING);
    }

    private List<String> java(String... options) {
        List<String> words = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"),
                "bin/java").toString(), "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp",
                System.getProperty("java.class.path")));
        words.addAll(List.of(options));
        return words;
    }

    private List<String> nodeWords(String... options) {
        List<String> words = java(options);
        words.addAll(List.of(Node.class.getName(), "--config", dir.resolve("node.json").toString()));
        return words;
    }

    private void start(List<String> words) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(words).directory(dir.toFile())
                .redirectErrorStream(true).redirectOutput(dir.resolve("log").toFile());
        builder.environment().put("DAEMON_STATE_DIR", dir.toString());
        builder.environment().keySet().removeIf(name -> name.startsWith("LISTEN_"));
        node = builder.start();
    }

    private void startWithKeptSocket(String... options) throws IOException {
        List<String> words = java(OPENS, "--enable-native-access=ALL-UNNAMED",
                InheritedSocket.class.getName(), Integer.toString(port));
        words.addAll(nodeWords(options));
        start(words);
    }

    private String log() throws IOException {
        return Files.readString(dir.resolve("log"));
    }

    private static String lastLine(String answer) {
        return answer.lines().reduce((one, other) -> other).orElse("");
    }

    /** Asks until the answer is the one that is waited for; nobody there counts as no answer. */
    private void waitForGreeting(String path, String last) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + 20_000_000_000L;
        String answer = "";
        while (!last.equals(lastLine(answer))) {
            assertTrue(System.nanoTime() < deadline, "last: " + answer + "\n" + log());
            try {
                answer = HttpTestClient.get(port, path);
            } catch (IOException notYet) {
                answer = "";
            }
            Thread.sleep(20);
        }
    }

    /** Posts sessions all the while a session of 1.5 s keeps a reload waiting: code and number. */
    private Map<String, Integer> sessionsDuringAReload() throws Exception {
        waitForGreeting("/", "hello");
        CompletableFuture<String> blocker = CompletableFuture.supplyAsync(() -> {
            try {
                return HttpTestClient.post(port, "/sessions?ms=1500&id=blocker");
            } catch (IOException cut) {
                return cut.toString();
            }
        }, Thread.ofVirtual()::start);
        configure("\"greeting\": \"hi\"");
        Map<String, Integer> ends = new TreeMap<>();
        long deadline = System.nanoTime() + 20_000_000_000L;
        String greeting = "hello";
        while (!greeting.equals("hi")) {
            assertTrue(System.nanoTime() < deadline, ends + "\n" + log());
            String end;
            try {
                String answer = HttpTestClient.post(port, "/sessions?ms=0");
                end = answer.startsWith("HTTP/1.1 503 ") && !answer.contains("\r\nRetry-After: 1\r\n")
                        ? answer : answer.split(" ")[1];
                greeting = lastLine(HttpTestClient.get(port, "/"));
            } catch (IOException gone) {
                end = "gone";
            }
            ends.merge(end, 1, Integer::sum);
            Thread.sleep(10);
        }
        assertTrue(blocker.get(10, TimeUnit.SECONDS).startsWith("HTTP/1.1 200 "));
        return ends;
    }

    @Test
    void withAKeptSocketAReloadRefusesAtMostWhoWasAcceptedRightBeforeIt() throws Exception {
        startWithKeptSocket(OPENS);
        Map<String, Integer> ends = sessionsDuringAReload();
        assertTrue(List.of("200", "503").containsAll(ends.keySet()), ends.toString());
        assertTrue(ends.getOrDefault("503", 0) < 3, ends.toString());
        assertTrue(lastLine(HttpTestClient.get(port, "/work")).contains("\"ended\":"));
    }

    @Test
    void withoutOneSessionsAreRefusedAloudDuringAReload() throws Exception {
        start(nodeWords());
        Map<String, Integer> ends = sessionsDuringAReload();
        assertTrue(ends.getOrDefault("503", 0) > 10, ends.toString());
        assertTrue(List.of("200", "503", "gone").containsAll(ends.keySet()), ends.toString());
    }

    @Test
    void withoutTheFlagItEndsWith78AndSaysWhichOne() throws Exception {
        startWithKeptSocket();
        assertTrue(node.waitFor(20, TimeUnit.SECONDS));
        assertEquals(78, node.exitValue(), log());
        assertTrue(log().contains("Cannot listen on 127.0.0.1:" + port
                + ": Address already in use. Sockets are kept for this daemon: taking one over needs "
                + "--add-opens java.base/sun.nio.ch=ALL-UNNAMED on the java command line"), log());
    }

    private void isSorryUntilItIsGood() throws Exception {
        waitForGreeting("/", "hello");
        configure("\"prot\": 1");
        waitForGreeting("/health/ready", dir.resolve("node.json")
                + ": unknown key 'prot'; known are [host, port, greeting]");
        assertTrue(HttpTestClient.get(port, "/").startsWith("HTTP/1.1 503 "));
        assertTrue(HttpTestClient.get(port, "/health/live").startsWith("HTTP/1.1 200 "));
        configure("\"greeting\": \"again\"");
        waitForGreeting("/", "again");
        // nothing of the life that failed is left to ask for more
        assertTrue(HttpTestClient.post(port, "/sessions?ms=700").startsWith("HTTP/1.1 200 "));
    }

    @Test
    void afterAFailedRebuildItSaysSoOnTheOldPlaceUntilAGoodOne() throws Exception {
        start(nodeWords());
        isSorryUntilItIsGood();
    }

    @Test
    void andSoItDoesOnAKeptSocket() throws Exception {
        startWithKeptSocket(OPENS);
        isSorryUntilItIsGood();
        assertFalse(log().contains("LISTEN_FDS is ignored"), log());
    }

    @Test
    void aPortThatIsTakenIsSaidInTheSameWords() throws Exception {
        try (ServerSocket taken = new ServerSocket()) {
            taken.bind(new InetSocketAddress("127.0.0.1", port));
            start(nodeWords());
            assertTrue(node.waitFor(20, TimeUnit.SECONDS));
            assertEquals(78, node.exitValue());
            assertTrue(log().contains("Cannot start: Cannot listen on 127.0.0.1:" + port
                    + ": Address already in use\n"), log());
        }
    }
}
