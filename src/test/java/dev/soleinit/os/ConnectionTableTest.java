package dev.soleinit.os;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.soleinit.os.ConnectionTable.Count;
import java.io.BufferedWriter;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConnectionTableTest {
    private static final String HEAD = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when "
            + "retrnsmt   uid  timeout inode\n";
    private static final String LISTENS = entry("00000000:0050", "00000000:0000", "0A", 7);

    @TempDir
    Path dir;

    private static String entry(String local, String remote, String state, int inode) {
        return "   0: " + local + " " + remote + " " + state + " 00000000:00000000 00:00000000 00000000"
                + "     0        0 " + inode + " 1 0000000023619705 100 0 0 10 0                      \n";
    }

    @BeforeEach
    void emptyTables() throws IOException {
        table("tcp", HEAD);
        table("tcp6", HEAD);
        table("unix", "Num       RefCount Protocol Flags    Type St Inode Path\n");
    }

    private void table(String name, String text) throws IOException {
        Files.writeString(dir.resolve(name), text);
    }

    private Map<String, Count> read(Set<Integer> named, Set<Integer> kept, String... paths) throws IOException {
        return read(dir, named, kept, paths);
    }

    private static Map<String, Count> read(Path tables, Set<Integer> named, Set<Integer> kept, String... paths)
            throws IOException {
        return ConnectionTable.read(tables, named, kept, Set.of(paths), Duration.ofSeconds(60));
    }

    private int on80(String... entries) throws IOException {
        table("tcp", HEAD + String.join("", entries));
        return read(Set.of(80), Set.of()).get("port 80").connections();
    }

    @Test
    void whoseAnswerMayBeUnderWayCounts() throws IOException {
        String peer = "0100007F:D431";
        assertEquals(0, on80(LISTENS));
        assertEquals(1, on80(LISTENS, entry("0100007F:0050", peer, "01", 9)));
        assertEquals(1, on80(entry("0100007F:0050", peer, "08", 9)), "its client has only stopped sending");
        for (String ending : new String[] {"02", "03", "04", "05", "06", "07", "09", "0A", "0B"}) {
            assertEquals(0, on80(entry("0100007F:0050", peer, ending, 9)), ending);
        }
    }

    @Test
    void anotherPortOrAClientOfOursDoesNotCount() throws IOException {
        assertEquals(0, on80(entry("0100007F:0051", "0100007F:D431", "01", 9),
                entry("0100007F:D431", "0100007F:0050", "01", 9)));
    }

    @Test
    void whatWaitsToBeAcceptedCountsUnlessItsSocketIsKept() throws IOException {
        table("tcp", HEAD + entry("0100007F:0050", "0100007F:D431", "01", 0));
        assertEquals(1, read(Set.of(80), Set.of()).get("port 80").connections());
        assertEquals(0, read(Set.of(), Set.of(80)).get("port 80").connections());
        assertEquals(0, read(Set.of(80), Set.of(80)).get("port 80").connections());
    }

    @Test
    void aFewPeersAreNamedInBothFamilies() throws IOException {
        table("tcp", HEAD + entry("0100007F:0050", "0700000A:D431", "01", 9));
        table("tcp6", HEAD + entry("0000000000000000FFFF00000100007F:0050",
                "0000000000000000FFFF00000200007F:0001", "01", 9)
                + entry("B80D0120000000000000000001000000:0050",
                "B80D0120000000000000000002000000:0002", "01", 9)
                + entry("00000000000000000000000001000000:0050",
                "00000000000000000000000001000000:0003", "01", 9));
        Count count = read(Set.of(80), Set.of()).get("port 80");
        assertEquals(4, count.connections());
        assertEquals("[10.0.0.7:54321, 127.0.0.2:1, [2001:db8:0:0:0:0:0:2]:2]", count.peers().toString());
    }

    @Test
    void anAcceptedConnectionOfAKeptSocketFileCounts() throws IOException {
        String line = "0000000000000000: 00000003 00000000 00000000 0001 %s 12345 %s\n";
        table("unix", "Num       RefCount Protocol Flags    Type St Inode Path\n"
                + line.formatted("01", "/run/a b.sock") + line.formatted("03", "/run/a b.sock")
                + line.formatted("02", "/run/a b.sock") + line.formatted("03", "/run/other")
                + "0000000000000000: 00000003 00000000 00000000 0001 03 12346\n");
        Map<String, Count> counted = read(Set.of(), Set.of(), "/run/a b.sock");
        assertEquals(1, counted.get("/run/a b.sock").connections());
        assertEquals(Set.of("/run/a b.sock"), counted.keySet());
    }

    @Test
    void linesOfAnyOtherKindArePassedOver() throws IOException {
        assertEquals(1, on80("\n", "x\n", "   0:\n", "   0: 0050 0050 01 a b c d e 9\n", "y".repeat(100_000) + "\n",
                "   0: :0050 :D431 01 a b c d e\n", entry("0100007F:0050", "zz:zz", "01", 9)));
    }

    @Test
    void aHundredThousandConnectionsAreCountedInASmallRoom() throws IOException {
        try (BufferedWriter out = Files.newBufferedWriter(dir.resolve("tcp"))) {
            out.write(HEAD);
            for (int i = 0; i < 200_000; i++) {
                out.write(entry(i % 2 == 0 ? "0100007F:0050" : "0100007F:D431", "0100007F:0050", "01", 9));
            }
        }
        long begin = System.nanoTime();
        Count count = read(Set.of(80), Set.of()).get("port 80");
        long millis = (System.nanoTime() - begin) / 1_000_000;
        assertEquals(100_000, count.connections());
        assertEquals(3, count.peers().size());
        assertTrue(millis < 5_000, millis + " ms");
    }

    @Test
    void whatTakesTooLongAndAMissingTableAreNoZero() throws IOException {
        assertThrows(IOException.class, () ->
                ConnectionTable.read(dir, Set.of(80), Set.of(), Set.of(), Duration.ofSeconds(-1)));
        Files.delete(dir.resolve("tcp6"));
        assertEquals(0, on80(LISTENS), "there are kernels without IPv6");
        Files.delete(dir.resolve("tcp"));
        assertThrows(NoSuchFileException.class, () -> read(Set.of(80), Set.of()));
    }

    /** What this kernel writes is what is read. */
    @Test
    void aRealConnectionIsFound() throws IOException {
        Path real = Path.of("/proc/self/net");
        try (ServerSocket server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            Set<Integer> port = Set.of(server.getLocalPort());
            String name = "port " + server.getLocalPort();
            assertEquals(0, read(real, port, Set.of()).get(name).connections());
            try (Socket client = new Socket(server.getInetAddress(), server.getLocalPort())) {
                assertEquals(1, read(real, port, Set.of()).get(name).connections());
                assertEquals(0, read(real, Set.of(), port).get(name).connections());
                try (Socket accepted = server.accept()) {
                    Count count = read(real, Set.of(), port).get(name);
                    assertEquals(1, count.connections());
                    assertTrue(count.peers().getFirst().endsWith("127.0.0.1:" + client.getLocalPort()),
                            count.peers().toString());
                    assertTrue(accepted.isConnected());
                }
            }
        }
    }
}
