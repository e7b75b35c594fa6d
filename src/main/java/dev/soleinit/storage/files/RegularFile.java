package dev.soleinit.storage.files;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;

/**
 * Opens and reads files that somebody hostile may have put there: no link is followed, only a
 * regular file is opened, and never more than a bounded part is read. Stateless.
 *
 * <p>Looking and opening are two steps, and what was looked at may be replaced between them. A
 * named pipe would then block open(2) for reading until somebody writes. Opened for reading *and*
 * writing it never does on Linux (fifo(7)), and a read at a position fails at once (ESPIPE). Two
 * things remain, both in a directory of the daemon's own: a file that this process may not write
 * is opened for reading only, so there the pipe can win the race; and the owner of a file can hold
 * a lease on it, which delays open(2) by /proc/sys/fs/lease-break-time, 45 s. Both only while it
 * is read, which is at boot.
 */
public final class RegularFile {
    private RegularFile() {}

    /** Opens an existing file for reading and writing. */
    public static FileChannel open(Path file) throws IOException {
        requireRegular(file);
        return FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE,
                LinkOption.NOFOLLOW_LINKS);
    }

    /** Opens an existing file of which only the content is wanted. */
    public static FileChannel openToRead(Path file) throws IOException {
        try {
            return open(file);
        } catch (FileSystemException refused) {
            if (!(refused instanceof AccessDeniedException)
                    && !"Read-only file system".equals(refused.getReason())) {
                throw refused;
            }
            return FileChannel.open(file, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
        }
    }

    private static void requireRegular(Path file) throws IOException {
        FileStatus status = FileStatus.of(file)
                .orElseThrow(() -> new NoSuchFileException(file.toString()));
        if (!status.isRegular()) {
            throw new FileSystemException(file.toString(), null, "it is " + status.kind());
        }
    }

    /** The whole content; an error if it is more than {@code most} bytes. */
    public static byte[] read(Path file, int most) throws IOException {
        try (FileChannel channel = openToRead(file)) {
            return whole(channel, file, most);
        }
    }

    /**
     * The same where nobody else can put a named pipe there. To whoever watches the file it is no
     * change: the end of one that was opened for writing would be (IN_CLOSE_WRITE).
     */
    public static byte[] readOnly(Path file, int most) throws IOException {
        requireRegular(file);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ,
                LinkOption.NOFOLLOW_LINKS)) {
            return whole(channel, file, most);
        }
    }

    private static byte[] whole(FileChannel channel, Path file, int most) throws IOException {
        if (channel.size() > most) {
            throw new FileSystemException(file.toString(), null, "it has " + channel.size()
                    + " bytes, " + most + " at the most are read");
        }
        return tail(channel, most);
    }

    /** The last {@code most} bytes. */
    public static byte[] tail(FileChannel channel, int most) throws IOException {
        long size = channel.size();
        long start = Math.max(0, size - most);
        ByteBuffer content = ByteBuffer.allocate((int) (size - start));
        while (content.hasRemaining()
                && channel.read(content, start + content.position()) >= 0) {
            // goes on until all is there, or somebody has cut it off meanwhile
        }
        return content.position() == content.capacity() ? content.array()
                : Arrays.copyOf(content.array(), content.position());
    }
}
