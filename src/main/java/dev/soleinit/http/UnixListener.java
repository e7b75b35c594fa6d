package dev.soleinit.http;

import dev.soleinit.process.SocketPath;
import java.io.IOException;
import java.net.BindException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A listening socket file. Its mode is what the umask leaves, so by default its owner and root may
 * connect: nothing is changed by its path, where somebody could have put a link meanwhile.
 */
final class UnixListener {
    private UnixListener() {}

    /** Replaces what an earlier life has left, and nothing else. */
    static ServerSocketChannel open(Path path, int backlog) throws IOException {
        switch (SocketPath.look(path)) {
            case OTHER_FILE -> throw new IOException("there is a file that is no socket; remove it, or "
                    + "give another path");
            case IN_USE -> throw new BindException("somebody else listens there");
            case STALE -> Files.delete(path);
            case FREE -> { }
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
            if (SocketPath.isSocket(path)) {
                Files.delete(path);
            }
        } catch (IOException gone) {
            // that is what was wanted
        }
    }
}
