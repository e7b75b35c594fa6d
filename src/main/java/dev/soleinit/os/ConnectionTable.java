package dev.soleinit.os;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Counts connections in the kernel's tables of the supervisor's network namespace. A table has a line
 * for every socket of the namespace, some 150 bytes each: its size is others' to choose, so it is read
 * in a small room, whatever there is, and never on the loop's thread. Stateless. Source: proc_net(5).
 */
public final class ConnectionTable {
    private static final int BUFFER_BYTES = 1 << 16;
    private static final int MAX_LINE = 512;
    private static final int MAX_PEERS = 3;
    private static final byte[] ESTABLISHED = {'0', '1'};
    /** The peer sends no more, and may well wait for an answer. */
    private static final byte[] CLOSE_WAIT = {'0', '8'};
    /** Of a Unix socket, SS_CONNECTED: accepted, or the client's end, which has no path. */
    private static final byte[] CONNECTED = {'0', '3'};

    private final Path directory;
    private final Map<Integer, Count> ports = new LinkedHashMap<>();
    private final Map<String, Count> files = new LinkedHashMap<>();
    private final long giveUpAt;
    private final Set<Integer> kept;
    private final byte[] line = new byte[MAX_LINE];
    /** Where each field of the line begins and ends; more of them are not needed. */
    private final int[] fields = new int[20];

    /** How many connections one port or socket file has, and from where a few of them come. */
    public static final class Count {
        private int connections;
        private final List<String> peers = new ArrayList<>();

        public int connections() {
            return connections;
        }

        public List<String> peers() {
            return peers;
        }
    }

    private ConnectionTable(Path directory, Set<Integer> kept, Duration max) {
        this.directory = directory;
        this.giveUpAt = System.nanoTime() + max.toNanos();
        this.kept = kept;
    }

    /**
     * Counts those of some ports and socket files.
     *
     * @param directory {@code /proc/self/net}, or where tests have their tables
     * @param named     ports of the daemon's own listening sockets: a stop resets what waits there to be
     *                  accepted, so that counts
     * @param kept      ports of sockets that outlive the daemon: what waits there is for the next one
     * @param paths     kept socket files
     * @param max       how long it may take
     * @return by port or path, with a zero where there is none
     * @throws IOException if a table cannot be read, or not in that time
     */
    public static Map<String, Count> read(Path directory, Set<Integer> named, Set<Integer> kept,
            Set<String> paths, Duration max) throws IOException {
        ConnectionTable table = new ConnectionTable(directory, kept, max);
        kept.forEach(port -> table.ports.put(port, new Count()));
        named.forEach(port -> table.ports.put(port, new Count()));
        paths.forEach(path -> table.files.put(path, new Count()));
        if (!table.ports.isEmpty()) {
            table.read("tcp", false);
            table.read("tcp6", false);
        }
        if (!table.files.isEmpty()) {
            table.read("unix", true);
        }
        Map<String, Count> all = new LinkedHashMap<>();
        table.ports.forEach((port, count) -> all.put("port " + port, count));
        all.putAll(table.files);
        return all;
    }

    private void read(String name, boolean unix) throws IOException {
        try (InputStream in = Files.newInputStream(directory.resolve(name))) {
            byte[] buffer = new byte[BUFFER_BYTES];
            int length = 0;
            for (int size = in.read(buffer); size > 0; size = in.read(buffer)) {
                if (System.nanoTime() - giveUpAt > 0) {
                    throw new IOException("it takes too long");
                }
                for (int i = 0; i < size; i++) {
                    if (buffer[i] == '\n') {
                        take(length, unix);
                        length = 0;
                    } else if (length < MAX_LINE) {
                        line[length++] = buffer[i];
                    }
                }
            }
        } catch (NoSuchFileException none) {
            // a kernel without IPv6 has no tcp6
            if (!name.equals("tcp6")) {
                throw none;
            }
        }
    }

    private void take(int length, boolean unix) {
        int found = split(length);
        if (unix && found > 7 && is(5, CONNECTED)) {
            Count count = files.get(text(fields[14], length));
            if (count != null) {
                count.connections++;
            }
        } else if (!unix && found > 9 && (is(3, ESTABLISHED) || is(3, CLOSE_WAIT))) {
            takeConnection();
        }
    }

    /** {@code sl local_address rem_address st queues timer retransmits uid timeout inode …} */
    private void takeConnection() {
        int colon = Math.max(0, fields[3] - 5);
        int port = number(colon + 1, fields[3]);
        Count count = line[colon] == ':' ? ports.get(port) : null;
        // in the backlog: a socket that nobody has accepted has no inode yet
        boolean waits = fields[19] - fields[18] == 1 && line[fields[18]] == '0';
        if (count == null || waits && kept.contains(port)) {
            return;
        }
        count.connections++;
        if (count.peers.size() < MAX_PEERS) {
            count.peers.add(address(text(fields[4], fields[5])));
        }
    }

    private int split(int length) {
        int found = 0;
        boolean inside = false;
        for (int i = 0; i < length && found * 2 < fields.length; i++) {
            boolean blank = line[i] == ' ';
            if (!blank && !inside) {
                fields[found * 2] = i;
            } else if (blank && inside) {
                fields[found++ * 2 + 1] = i;
            }
            inside = !blank;
        }
        if (inside && found * 2 < fields.length) {
            fields[found++ * 2 + 1] = length;
        }
        return found;
    }

    private boolean is(int field, byte[] word) {
        int begin = fields[field * 2];
        return fields[field * 2 + 1] - begin == 2 && line[begin] == word[0] && line[begin + 1] == word[1];
    }

    private int number(int begin, int end) {
        int value = 0;
        for (int i = Math.max(0, begin); i < end; i++) {
            value = value << 4 | Character.digit(line[i], 16) & 15;
        }
        return value;
    }

    private String text(int begin, int end) {
        return new String(line, begin, end - begin, StandardCharsets.UTF_8);
    }

    /** Words of four bytes in the machine's order, which is little-endian wherever this runs. */
    private static String address(String hex) {
        try {
            int colon = hex.indexOf(':');
            byte[] bytes = HexFormat.of().parseHex(hex, 0, colon);
            for (int i = 0; i + 3 < bytes.length; i += 4) {
                byte first = bytes[i];
                byte second = bytes[i + 1];
                bytes[i] = bytes[i + 3];
                bytes[i + 1] = bytes[i + 2];
                bytes[i + 2] = second;
                bytes[i + 3] = first;
            }
            String host = InetAddress.getByAddress(bytes).getHostAddress();
            return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":"
                    + Integer.parseInt(hex, colon + 1, hex.length(), 16);
        } catch (IllegalArgumentException | UnknownHostException | IndexOutOfBoundsException strange) {
            return hex;
        }
    }
}
