package dev.soleinit.os.net;

import dev.soleinit.os.Kernel.Datagram;
import dev.soleinit.os.ffi.Errno;
import dev.soleinit.os.ffi.NativeMemory;
import dev.soleinit.os.ffi.Pointer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The datagram socket of sd_notify. The kernel adds who has sent a message (SCM_CREDENTIALS),
 * which Java's own sockets cannot receive, so everybody may write to it. Descriptors that come along
 * belong to the receiver of the datagram, who closes them: a sender may wait for that (BARRIER=1).
 * Used on the loop's thread. Sources: sd_notify(3), unix(7), recvmsg(2), cmsg(3).
 */
public final class NotifySocket {
    private static final int DGRAM_NONBLOCK_CLOEXEC = 2 | 04000 | 02000000;
    private static final int SOL_SOCKET = 1;
    private static final int SO_PASSCRED = 16;
    private static final int SCM_RIGHTS = 1;
    private static final int SCM_CREDENTIALS = 2;
    private static final int MSG_TRUNC = 0x20;
    private static final int MSG_DONTWAIT_CMSG_CLOEXEC = 0x40 | 0x40000000;
    private static final int MODE = 0666;
    private static final int TEXT_CAPACITY = 4096;
    private static final int MSGHDR = 56;
    private static final int CMSGHDR = 16;
    private static final int CREDENTIALS = 12;
    /** SCM_MAX_FD: the kernel lets nobody send more at once. */
    private static final int MAX_DESCRIPTORS = 253;
    /** Both messages whole, padded to 8 bytes: what did not fit the kernel would close too early. */
    private static final int CONTROL_CAPACITY =
            padded(CMSGHDR + CREDENTIALS) + padded(CMSGHDR + 4 * MAX_DESCRIPTORS);

    private final NativeMemory nativeCode;
    private final boolean told;
    private final int fd;
    private final Pointer text;
    private final Pointer control;
    private final Pointer message;
    private final byte[] bytes = new byte[TEXT_CAPACITY];

    public NotifySocket(NativeMemory nativeCode, Path path, boolean told) {
        this.nativeCode = nativeCode;
        this.told = told;
        this.fd = nativeCode.libc.socket(SocketAddresses.AF_UNIX, DGRAM_NONBLOCK_CLOEXEC, 0);
        this.text = nativeCode.allocate(TEXT_CAPACITY);
        this.control = nativeCode.allocate(CONTROL_CAPACITY);
        this.message = nativeCode.allocate(MSGHDR + 16);
        open(path);
        layOut();
    }

    public int fd() {
        return fd;
    }

    /**
     * bind gives the new file the mode of the socket itself, less the umask, and neither follows nor
     * replaces what is there: so nothing is changed by its path, where a daemon that owns the directory
     * could have put a link meanwhile.
     */
    private void open(Path path) {
        byte[] address = SocketAddresses.of(path);
        try {
            Files.deleteIfExists(path);
        } catch (IOException unusable) {
            throw new IllegalStateException("Cannot open " + path + ": " + unusable, unusable);
        }
        boolean open = fd >= 0 && nativeCode.libc.fchmod(fd, MODE) == 0;
        int umask = nativeCode.libc.umask(0);
        open = open && nativeCode.libc.bind(fd, address, address.length) == 0;
        int errno = nativeCode.errno();
        nativeCode.libc.umask(umask);
        if (!open) {
            throw new IllegalStateException("Cannot bind " + path + ": " + Errno.name(errno));
        }
        nativeCode.libc.setsockopt(fd, SOL_SOCKET, SO_PASSCRED, new int[] {1}, 4);
    }

    /** struct msghdr on 64-bit Linux: name, namelen, iov, iovlen, control, controllen, flags. */
    private void layOut() {
        message.putAddress(MSGHDR, text.address());
        message.putLong(MSGHDR + 8, TEXT_CAPACITY);
        message.putLong(0, 0);
        message.putLong(8, 0);
        message.putAddress(16, message.address() + MSGHDR);
        message.putLong(24, 1);
        message.putAddress(32, control.address());
    }

    /** The next datagram with a vouched-for sender; broken ones are passed over. */
    public Optional<Datagram> receive() {
        while (true) {
            message.putLong(40, CONTROL_CAPACITY);
            message.putInt(48, 0);
            long size = nativeCode.libc.recvmsg(fd, message, MSG_DONTWAIT_CMSG_CLOEXEC);
            if (size < 0) {
                return Optional.empty();
            }
            List<Integer> descriptors = descriptors();
            long sender = find(SCM_CREDENTIALS, CREDENTIALS);
            if (sender >= 0 && (message.getInt(48) & MSG_TRUNC) == 0) {
                text.get(0, bytes, 0, (int) size);
                return Optional.of(new Datagram(
                        new String(bytes, 0, (int) size, StandardCharsets.UTF_8),
                        control.getInt(sender), control.getInt(sender + 4),
                        control.getInt(sender + 8), told, descriptors));
            }
            descriptors.forEach(nativeCode.libc::close);
        }
    }

    /** Where the content of such a control message of at least that size begins, -1 if there is none. */
    private long find(int type, int leastSize) {
        long end = Math.min(message.getLong(40), CONTROL_CAPACITY);
        long at = 0;
        while (at + CMSGHDR <= end) {
            long size = control.getLong(at);
            if (size < CMSGHDR || at + size > end) {
                return -1;
            }
            if (control.getInt(at + 8) == SOL_SOCKET && control.getInt(at + 12) == type
                    && size >= CMSGHDR + leastSize) {
                return at + CMSGHDR;
            }
            at += padded((int) size);
        }
        return -1;
    }

    /** Those that fitted into PID 1's table, too: the kernel has closed the others. */
    private List<Integer> descriptors() {
        long at = find(SCM_RIGHTS, 4);
        if (at < 0) {
            return List.of();
        }
        int count = (int) (control.getLong(at - CMSGHDR) - CMSGHDR) / 4;
        List<Integer> descriptors = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            descriptors.add(control.getInt(at + 4L * i));
        }
        return descriptors;
    }

    private static int padded(int size) {
        return size + 7 & ~7;
    }
}
