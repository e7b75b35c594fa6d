package dev.soleinit.os;

import dev.soleinit.os.Os.Datagram;
import dev.soleinit.os.Os.Identity;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;

/**
 * The datagram socket of sd_notify. The kernel adds who has sent a message (SCM_CREDENTIALS),
 * which Java's own sockets cannot receive. Descriptors that come along are closed by the kernel,
 * since there is no room for them: that is also what a barrier waits for. Used on the loop's
 * thread. Sources: sd_notify(3), unix(7), recvmsg(2), cmsg(3).
 */
final class NotifySocket {
    private static final int DGRAM_NONBLOCK_CLOEXEC = 2 | 04000 | 02000000;
    private static final int SOL_SOCKET = 1;
    private static final int SO_PASSCRED = 16;
    private static final int SCM_CREDENTIALS = 2;
    private static final int MSG_TRUNC = 0x20;
    private static final int MSG_DONTWAIT_CMSG_CLOEXEC = 0x40 | 0x40000000;
    private static final int ROOM = 4096;
    private static final int HEADER = 56;
    private static final int CONTROL = 64;

    private final NativeMemory nativeCode;
    private final int fd;
    private final Pointer text;
    private final Pointer control;
    private final Pointer message;
    private final byte[] bytes = new byte[ROOM];

    NotifySocket(NativeMemory nativeCode, Path path, Optional<Identity> owner) {
        this.nativeCode = nativeCode;
        this.fd = nativeCode.libc.socket(SocketAddresses.AF_UNIX, DGRAM_NONBLOCK_CLOEXEC, 0);
        this.text = nativeCode.allocate(ROOM);
        this.control = nativeCode.allocate(CONTROL);
        this.message = nativeCode.allocate(HEADER + 16);
        open(path, owner);
        layOut();
    }

    int fd() {
        return fd;
    }

    private void open(Path path, Optional<Identity> owner) {
        byte[] address = SocketAddresses.of(path);
        try {
            Files.deleteIfExists(path);
            if (fd < 0 || nativeCode.libc.bind(fd, address, address.length) != 0) {
                throw nativeCode.failure("bind " + path);
            }
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
            if (owner.isPresent()) {
                Files.setAttribute(path, "unix:uid", owner.get().uid());
                Files.setAttribute(path, "unix:gid", owner.get().gid());
            }
        } catch (IOException unusable) {
            throw new IllegalStateException("Cannot open " + path + ": " + unusable, unusable);
        }
        nativeCode.libc.setsockopt(fd, SOL_SOCKET, SO_PASSCRED, new int[] {1}, 4);
    }

    /** struct msghdr on 64-bit Linux: name, namelen, iov, iovlen, control, controllen, flags. */
    private void layOut() {
        message.putAddress(HEADER, text.address());
        message.putLong(HEADER + 8, ROOM);
        message.putLong(0, 0);
        message.putLong(8, 0);
        message.putAddress(16, message.address() + HEADER);
        message.putLong(24, 1);
        message.putAddress(32, control.address());
    }

    /** The next datagram with a vouched-for sender; broken ones are passed over. */
    Optional<Datagram> receive() {
        while (true) {
            message.putLong(40, CONTROL);
            message.putInt(48, 0);
            long size = nativeCode.libc.recvmsg(fd, message, MSG_DONTWAIT_CMSG_CLOEXEC);
            if (size < 0) {
                return Optional.empty();
            }
            boolean whole = (message.getInt(48) & MSG_TRUNC) == 0;
            boolean vouched = message.getLong(40) >= 28 && control.getInt(8) == SOL_SOCKET
                    && control.getInt(12) == SCM_CREDENTIALS;
            if (whole && vouched) {
                text.get(0, bytes, 0, (int) size);
                return Optional.of(new Datagram(
                        new String(bytes, 0, (int) size, StandardCharsets.UTF_8),
                        control.getInt(16), control.getInt(20), control.getInt(24)));
            }
        }
    }
}
