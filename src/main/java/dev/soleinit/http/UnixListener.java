package dev.soleinit.http;

import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;

/**
 * A listening socket file. Its mode is what the umask leaves, so by default its owner and root may
 * connect: nothing is changed by its path, where somebody could have put a link meanwhile.
 */
final class UnixListener {
    private static final int SOCKET = 0140000;
    private static final int TYPE = 0170000;

    private UnixListener() {}

    /** Replaces what an earlier life has left, and nothing else. */
    static ServerSocketChannel open(Path path, int backlog) throws IOException {
        if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            if (!isSocket(path)) {
                throw new IOException("there is a file that is no socket; remove it, or give another "
                        + "path");
            }
            if (answers(path)) {
                throw new BindException("somebody else listens there");
            }
            Files.delete(path);
        }
        ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            return listener.bind(UnixDomainSocketAddress.of(path), backlog);
        } catch (IOException unusable) {
            listener.close();
            throw unusable;
        }
    }

    static void remove(Path path) {
        try {
            if (isSocket(path)) {
                Files.delete(path);
            }
        } catch (IOException gone) {
            // that is what was wanted
        }
    }

    private static boolean isSocket(Path path) throws IOException {
        int mode = (Integer) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS);
        return (mode & TYPE) == SOCKET;
    }

    /** Without waiting: whoever has a full backlog is there, too. */
    private static boolean answers(Path path) {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.configureBlocking(false);
            channel.connect(UnixDomainSocketAddress.of(path));
            return true;
        } catch (ConnectException nobody) {
            return false;
        } catch (IOException inDoubt) {
            return true;
        }
    }
}
