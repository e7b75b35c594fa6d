package dev.soleinit.lifecycle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Kept sockets; what needs {@code --add-opens} runs in a JVM of its own, {@link InheritedSocketsMain}. */
class InheritedSocketsTest {
    private static final String FLAG = "--add-opens java.base/sun.nio.ch=ALL-UNNAMED";
    private static final String SELF = Long.toString(ProcessHandle.current().pid());
    private static final InetSocketAddress ANY_PORT = new InetSocketAddress("127.0.0.1", 0);

    @TempDir
    Path dir;

    private void passes(String scenario) throws Exception {
        Process child = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin/java")
                .toString(), "-ea", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "--add-opens",
                "java.base/sun.nio.ch=ALL-UNNAMED", "-cp", System.getProperty("java.class.path"),
                InheritedSocketsMain.class.getName(), scenario, dir.toString())
                .redirectErrorStream(true).start();
        String output = new String(child.getInputStream().readAllBytes());
        assertEquals(0, child.waitFor(), output);
        assertTrue(output.contains("as expected: " + scenario), output);
    }

    @Test
    void whoConnectsBetweenTwoLivesWaitsAndIsServed() throws Exception {
        passes("handsOut");
    }

    @Test
    void closingAChannelNeverClosesTheKeptSocket() throws Exception {
        passes("closes");
    }

    @Test
    void severalSocketsAreToldApartByNameAndByAddress() throws Exception {
        passes("several");
    }

    @Test
    void aWildcardIsNoHostAndTheOtherWayRound() throws Exception {
        passes("hosts");
    }

    @Test
    void aDescriptorThatIsNoStreamSocketIsPassedOver() throws Exception {
        passes("unusable");
    }

    @Test
    void clientsThatComeDuringAReloadWaitForTheNextLife() throws Exception {
        passes("reload");
    }

    // ---- without the flag

    private static InheritedSockets one(String pid) {
        return new InheritedSockets(Map.of("LISTEN_FDS", "1", "LISTEN_PID", pid, "LISTEN_FDNAMES",
                "http"));
    }

    @Test
    void withoutTheFlagOnlyAKeptSocketIsRefusedAndTheMessageNamesTheFlag() throws IOException {
        InheritedSockets sockets = one(SELF);
        assertTrue(sockets.named("other").isEmpty());
        assertTrue(assertThrows(IOException.class, () -> sockets.named("http")).getMessage()
                .endsWith(FLAG + " on the java command line"));
        try (ServerSocketChannel taken = sockets.listen(ANY_PORT)) {
            assertFalse(sockets.isInherited(taken));
            String message = assertThrows(BindException.class, () -> sockets.listen(
                    taken.getLocalAddress())).getMessage();
            assertTrue(message.startsWith("Address already in use. Sockets are kept"), message);
            assertTrue(message.contains(FLAG), message);
        }
    }

    @Test
    void socketsForAnotherProcessAreIgnored() throws IOException {
        for (String pid : List.of("1", "", "x", SELF + "0", " " + SELF)) {
            InheritedSockets sockets = one(pid);
            assertTrue(sockets.named("http").isEmpty(), pid);
            try (ServerSocketChannel taken = sockets.listen(ANY_PORT)) {
                assertEquals("Address already in use", assertThrows(BindException.class,
                        () -> sockets.listen(taken.getLocalAddress())).getMessage());
            }
        }
    }

    @Test
    void malformedNumbersAreNoSockets() throws IOException {
        for (String count : List.of("0", "", "-1", "x", "1000", "99999999999999999999", "1.5")) {
            InheritedSockets sockets = new InheritedSockets(Map.of("LISTEN_FDS", count, "LISTEN_PID", SELF));
            assertTrue(sockets.named("unknown").isEmpty(), count);
            sockets.listen(ANY_PORT).close();
        }
        assertTrue(new InheritedSockets(Map.of()).named("unknown").isEmpty());
    }

    @Test
    void namesThatDoNotFitTheNumberAreNoTrouble() throws IOException {
        InheritedSockets sockets = new InheritedSockets(Map.of("LISTEN_FDS", "3", "LISTEN_PID", SELF,
                "LISTEN_FDNAMES", ":b:c:d:"));
        assertThrows(IOException.class, () -> sockets.named("unknown"), "the first has no name");
        assertThrows(IOException.class, () -> sockets.named("c"));
        assertTrue(sockets.named("d").isEmpty(), "there is no fourth");
        assertTrue(sockets.named("").isEmpty());
    }

    @Test
    void aUnixSocketThatAnEarlierLifeLeftIsReplacedAndNothingElseIs() throws IOException {
        InheritedSockets sockets = new InheritedSockets(Map.of());
        UnixDomainSocketAddress address = UnixDomainSocketAddress.of(dir.resolve("s"));
        sockets.listen(address).close();
        try (ServerSocketChannel second = sockets.listen(address)) {
            assertTrue(second.isOpen());
            assertThrows(BindException.class, () -> sockets.listen(address), "somebody listens");
        }
        UnixDomainSocketAddress file = UnixDomainSocketAddress.of(Files.writeString(
                dir.resolve("file"), "precious"));
        assertThrows(BindException.class, () -> sockets.listen(file));
        assertEquals("precious", Files.readString(file.getPath()));
    }

    @Test
    void aHostThatNobodyKnowsIsSaid() {
        assertEquals("Unresolved address", assertThrows(SocketException.class, () -> new InheritedSockets(
                Map.of()).listen(InetSocketAddress.createUnresolved("nowhere", 80))).getMessage());
    }
}
