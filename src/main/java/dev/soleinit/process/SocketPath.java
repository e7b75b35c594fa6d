package dev.soleinit.process;

import java.io.IOException;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;

/**
 * What is at a place where somebody wants to listen. Stateless. Source: unix(7): a socket's file
 * outlives who has listened on it, and says nothing about whether somebody still does.
 */
public enum SocketPath {
    /** Nothing: it can be bound. */
    FREE,
    /** A socket on which nobody listens any more: its file may be deleted. */
    STALE,
    /** A socket on which somebody listens, or may. */
    IN_USE,
    /** Something that is no socket: it is not ours to delete. */
    OTHER_FILE;

    private static final int SOCKET = 0140000;
    private static final int TYPE = 0170000;

    /** Looks without following a link. */
    public static SocketPath look(Path path) throws IOException {
        if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            return FREE;
        }
        if (!isSocket(path)) {
            return OTHER_FILE;
        }
        return answers(path) ? IN_USE : STALE;
    }

    /** Whether the file of that name is a socket, and not a link to one. */
    public static boolean isSocket(Path path) throws IOException {
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
