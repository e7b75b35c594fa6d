package dev.soleinit.os.host;

import dev.soleinit.os.ffi.Errno;
import dev.soleinit.os.ffi.NativeMemory;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * The way to the service manager that has started this supervisor, and has left the address of a
 * datagram socket. Nothing here waits for it: it is connected to once, so that a message needs no look
 * at a file system, and one that is not taken at once is not sent. Used on the loop's thread. Sources:
 * sd_notify(3), unix(7), send(2).
 */
public final class ManagerSocket {
    private static final byte AF_UNIX = 1;
    private static final int DGRAM_NONBLOCK_CLOEXEC = 2 | 04000 | 02000000;
    private static final int MSG_DONTWAIT_NOSIGNAL = 0x40 | 0x4000;
    private static final int MAX_NAME = 107;

    private final NativeMemory memory = new NativeMemory();
    private final byte[] address;
    private int fd = -1;

    /**
     * Connects to nobody yet.
     *
     * @param text an absolute path, or a name of the abstract namespace behind {@code @}
     * @throws IllegalArgumentException if it is neither, with the reason
     */
    public ManagerSocket(String text) {
        byte[] name = text.getBytes(StandardCharsets.UTF_8);
        boolean isAbstract = text.startsWith("@");
        if (!isAbstract && !text.startsWith("/") || name.length < 2) {
            throw new IllegalArgumentException("it is neither an absolute path nor a name behind @");
        }
        if (name.length > MAX_NAME) {
            throw new IllegalArgumentException("it has more than " + MAX_NAME + " bytes");
        }
        // an abstract name is as long as the address says; a path ends in a NUL
        address = new byte[2 + name.length + (isAbstract ? 0 : 1)];
        address[0] = AF_UNIX;
        System.arraycopy(name, 0, address, 2, name.length);
        if (isAbstract) {
            address[2] = 0;
        }
    }

    /** Sends it, or says why it could not be sent. */
    public Optional<String> send(String message) {
        byte[] bytes = message.getBytes(StandardCharsets.UTF_8);
        boolean connected = fd >= 0;
        int errno = connected ? trySend(bytes) : connectAndSend(bytes);
        if (connected && errno != 0 && errno != Errno.EAGAIN) {
            // whoever listened may have been replaced by another
            errno = connectAndSend(bytes);
        }
        return switch (errno) {
            case 0 -> Optional.empty();
            case Errno.EAGAIN -> Optional.of("nobody reads what waits there");
            default -> Optional.of(Errno.name(errno));
        };
    }

    /** The error number, 0 for none. */
    private int trySend(byte[] bytes) {
        return memory.libc.send(fd, bytes, bytes.length, MSG_DONTWAIT_NOSIGNAL) < 0 ? memory.errno() : 0;
    }

    private int connectAndSend(byte[] bytes) {
        close();
        fd = memory.libc.socket(AF_UNIX, DGRAM_NONBLOCK_CLOEXEC, 0);
        int errno = fd < 0 || memory.libc.connect(fd, address, address.length) != 0 ? memory.errno()
                : trySend(bytes);
        if (errno != 0 && errno != Errno.EAGAIN) {
            close();
        }
        return errno;
    }

    private void close() {
        if (fd >= 0) {
            memory.libc.close(fd);
        }
        fd = -1;
    }
}
