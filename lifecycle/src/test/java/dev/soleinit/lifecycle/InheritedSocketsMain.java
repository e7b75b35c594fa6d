package dev.soleinit.lifecycle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.reflect.Method;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * What {@link InheritedSocketsTest} runs in a JVM with {@code --add-opens}: holds sockets as a supervisor
 * does, at descriptors 300 and on. {@code main SCENARIO FOLDER}; ends with 0 if all is as expected.
 */
final class InheritedSocketsMain {
    private static final int FIRST = 300;

    private InheritedSocketsMain() {}

    public static void main(String[] args) throws Exception {
        Path dir = Path.of(args[1]);
        switch (args[0]) {
            case "handsOut" -> handsOutTheKeptOne();
            case "closes" -> closesCopiesOnly();
            case "several" -> tellsSeveralApart(dir);
            case "hosts" -> comparesHosts();
            case "unusable" -> passesOverWhatIsNoSocket(dir);
            case "reload" -> keepsClientsOverAReload(dir);
            default -> throw new IllegalArgumentException(args[0]);
        }
        System.out.println("as expected: " + args[0]);
        System.exit(0);
    }

    // ---- the supervisor's part

    private static Object inherited(String name, Class<?>[] types, Object... arguments)
            throws ReflectiveOperationException {
        Method method = Class.forName("sun.nio.ch.InheritedChannel").getDeclaredMethod(name, types);
        method.setAccessible(true);
        return method.invoke(null, arguments);
    }

    private static void place(int from, int at) throws ReflectiveOperationException {
        inherited("dup2", new Class<?>[] {int.class, int.class}, from, at);
    }

    /** The only one who holds it afterwards is descriptor FIRST + index. */
    private static SocketAddress keep(int index, SocketAddress address) throws Exception {
        try (ServerSocketChannel channel = address instanceof UnixDomainSocketAddress
                ? ServerSocketChannel.open(StandardProtocolFamily.UNIX)
                : ServerSocketChannel.open()) {
            channel.bind(address, 50);
            Method number = Class.forName("sun.nio.ch.SelChImpl").getMethod("getFDVal");
            number.setAccessible(true);
            place((int) number.invoke(channel), FIRST + index);
            return channel.getLocalAddress();
        }
    }

    private static InetSocketAddress keep(int index, String host) throws Exception {
        return (InetSocketAddress) keep(index, new InetSocketAddress(host, 0));
    }

    private static InheritedSockets sockets(int count, String names) {
        return new InheritedSockets(Map.of("LISTEN_FDS", Integer.toString(count), "LISTEN_PID",
                Long.toString(ProcessHandle.current().pid()), "LISTEN_FDNAMES", names), FIRST);
    }

    // ---- clients

    private static SocketChannel client(SocketAddress address, String word) throws IOException {
        SocketChannel client = SocketChannel.open(address);
        client.write(ByteBuffer.wrap(word.getBytes()));
        return client;
    }

    /** Accepts one, echoes its word, and has the client check it. */
    private static void serve(ServerSocketChannel listening, SocketChannel client, String word)
            throws Exception {
        SocketChannel accepted = CompletableFuture.supplyAsync(() -> {
            try {
                return listening.accept();
            } catch (IOException broken) {
                throw new IllegalStateException(broken);
            }
        }, Thread.ofPlatform().daemon()::start).get(10, TimeUnit.SECONDS);
        ByteBuffer heard = ByteBuffer.allocate(100);
        accepted.read(heard);
        accepted.write(heard.flip());
        accepted.close();
        ByteBuffer echo = ByteBuffer.allocate(100);
        client.read(echo);
        assertEquals(word, new String(echo.array(), 0, echo.position()));
        client.close();
    }

    // ---- the scenarios

    private static void handsOutTheKeptOne() throws Exception {
        InetSocketAddress address = keep(0, "127.0.0.1");
        InheritedSockets sockets = sockets(1, "http");
        ServerSocketChannel one = sockets.listen(address);
        assertTrue(sockets.isInherited(one));
        assertTrue(one.isBlocking());
        serve(one, client(address, "first"), "first");
        one.close();
        SocketChannel early = client(address, "early");
        SocketChannel later = client(address, "later");
        ServerSocketChannel two = sockets.listen(address);
        assertTrue(two.isOpen() && sockets.isInherited(two), "each call makes a new one");
        serve(two, early, "early");
        serve(two, later, "later");
        ServerSocketChannel free = sockets.listen(new InetSocketAddress("127.0.0.1", 0));
        assertFalse(sockets.isInherited(free));
        serve(free, client(free.getLocalAddress(), "free"), "free");
    }

    /** However it is closed: at rest, during an accept, under a selector. */
    private static void closesCopiesOnly() throws Exception {
        InetSocketAddress address = keep(0, "127.0.0.1");
        InheritedSockets sockets = sockets(1, "http");
        for (int i = 0; i < 3; i++) {
            ServerSocketChannel channel = sockets.listen(address);
            if (i == 1) {
                CompletableFuture<Boolean> ended = new CompletableFuture<>();
                Thread.ofPlatform().daemon().start(() -> {
                    try {
                        channel.accept();
                    } catch (IOException closed) {
                        ended.complete(true);
                    }
                });
                Thread.sleep(100);
                channel.close();
                assertTrue(ended.get(10, TimeUnit.SECONDS));
            } else if (i == 2) {
                channel.configureBlocking(false);
                try (Selector selector = Selector.open()) {
                    channel.register(selector, SelectionKey.OP_ACCEPT);
                    assertEquals(0, selector.selectNow());
                }
            }
            channel.close();
            assertTrue(Files.readSymbolicLink(Path.of("/proc/self/fd/" + FIRST)).toString()
                    .startsWith("socket:"), "closed " + i);
            SocketChannel waiting = client(address, "w" + i);
            try (ServerSocketChannel next = sockets.listen(address)) {
                serve(next, waiting, "w" + i);
            }
        }
    }

    private static void tellsSeveralApart(Path dir) throws Exception {
        InetSocketAddress http = keep(0, "127.0.0.1");
        InetSocketAddress admin = keep(1, "127.0.0.1");
        Path path = dir.resolve("real/s.sock");
        Files.createDirectory(path.getParent());
        SocketAddress unix = keep(2, UnixDomainSocketAddress.of(path));
        InetSocketAddress bare = keep(3, "127.0.0.1");
        InheritedSockets sockets = sockets(4, "http:admin:local");
        assertEquals(admin, sockets.named("admin").orElseThrow().getLocalAddress());
        assertEquals(http, sockets.named("http").orElseThrow().getLocalAddress());
        assertEquals(unix, sockets.named("local").orElseThrow().getLocalAddress());
        assertEquals(bare, sockets.named("unknown").orElseThrow().getLocalAddress());
        assertTrue(sockets.named("local").map(sockets::isInherited).orElseThrow());
        assertTrue(sockets.named("none").isEmpty());
        assertTrue(sockets.named("").isEmpty());
        Files.createSymbolicLink(dir.resolve("link"), path.getParent());
        ServerSocketChannel local = sockets.listen(UnixDomainSocketAddress.of(
                dir.resolve("link/s.sock")));
        assertTrue(sockets.isInherited(local));
        serve(local, client(unix, "unix"), "unix");
        ServerSocketChannel byAddress = sockets.listen(admin);
        serve(byAddress, client(admin, "admin"), "admin");
    }

    private static void comparesHosts() throws Exception {
        int wild = keep(0, "0.0.0.0").getPort();
        int narrow = keep(1, "127.0.0.1").getPort();
        InheritedSockets sockets = sockets(2, "wild:narrow");
        assertTrue(sockets.isInherited(sockets.listen(new InetSocketAddress(wild))));
        assertTrue(sockets.isInherited(sockets.listen(new InetSocketAddress("0.0.0.0", wild))));
        assertTrue(sockets.isInherited(sockets.listen(new InetSocketAddress("localhost", narrow))));
        for (InetSocketAddress other : List.of(new InetSocketAddress("127.0.0.1", wild),
                new InetSocketAddress("0.0.0.0", narrow))) {
            String message = assertThrows(BindException.class, () -> sockets.listen(other))
                    .getMessage();
            assertTrue(message.startsWith("Address already in use. The kept socket is bound to"),
                    message);
        }
    }

    private static void passesOverWhatIsNoSocket(Path dir) throws Exception {
        InetSocketAddress address = keep(3, "127.0.0.1");
        // 300 is a file, 301 not open, 302 a socket of another kind
        try (var file = Files.newByteChannel(Files.createFile(dir.resolve("file")));
                var datagrams = DatagramChannel.open()) {
            assertTrue(file.isOpen());
            try (var all = Files.list(Path.of("/proc/self/fd"))) {
                int number = all.filter(one -> isLinkTo(one, dir.resolve("file"))).mapToInt(one ->
                        Integer.parseInt(one.getFileName().toString())).findFirst().orElseThrow();
                place(number, FIRST);
            }
            Method value = Class.forName("sun.nio.ch.SelChImpl").getMethod("getFDVal");
            value.setAccessible(true);
            place((int) value.invoke(datagrams), FIRST + 2);
        }
        InheritedSockets sockets = sockets(4, "file:closed:datagrams:good");
        assertTrue(sockets.isInherited(sockets.listen(address)));
        for (String bad : List.of("file", "closed", "datagrams")) {
            String message = assertThrows(IOException.class, () -> sockets.named(bad)).getMessage();
            assertTrue(message.endsWith("is no stream socket"), message);
        }
        assertTrue(Files.exists(Path.of("/proc/self/fd/" + FIRST)), "it is not ours to close");
    }

    private static boolean isLinkTo(Path link, Path file) {
        try {
            return Files.readSymbolicLink(link).equals(file.toRealPath());
        } catch (IOException gone) {
            return false;
        }
    }

    /** The whole library: the service closes its channel between two lives, and clients wait. */
    private static void keepsClientsOverAReload(Path dir) throws Exception {
        InetSocketAddress address = keep(0, "127.0.0.1");
        Map<String, String> environment = Map.of("LISTEN_FDS", "1", "LISTEN_PID", Long.toString(
                ProcessHandle.current().pid()), "DAEMON_STATE_DIR", dir.toString());
        var lives = new LinkedBlockingQueue<ServerSocketChannel>();
        var meanwhile = new LinkedBlockingQueue<SocketChannel>();
        Lifecycle lifecycle = Lifecycle.of(environment, FIRST, context -> {
            ServerSocketChannel channel = context.listen(address);
            assertTrue(context.isInherited(channel));
            assertTrue(context.listener("unknown").isPresent());
            lives.add(channel);
            context.onReset(() -> {
                try {
                    meanwhile.add(client(address, "meanwhile"));
                } catch (IOException refused) {
                    throw new IllegalStateException(refused);
                }
            });
            return channel;
        });
        CompletableFuture<Integer> code = CompletableFuture.supplyAsync(lifecycle::loop,
                Thread.ofPlatform()::start);
        ServerSocketChannel one = lives.poll(10, TimeUnit.SECONDS);
        lifecycle.requestReload();
        ServerSocketChannel two = lives.poll(10, TimeUnit.SECONDS);
        assertFalse(one.isOpen());
        serve(two, meanwhile.poll(10, TimeUnit.SECONDS), "meanwhile");
        lifecycle.stop();
        assertEquals(0, code.get(10, TimeUnit.SECONDS));
        try (Socket still = new Socket(address.getAddress(), address.getPort())) {
            assertTrue(still.isConnected(), "the end of the daemon is not the end of the socket");
        }
    }
}
