package dev.soleinit.lifecycle;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/**
 * Replaces a file so that a reader sees the old content or the new, never a part, also after a power
 * cut: temporary file beside it, fsync, rename, fsync of the directory. Source: rename(2), fsync(2).
 * For one process at a time; stateless.
 */
final class StateFile {
    private static final String SUFFIX = ".tmp";
    private static final int RANDOM = 36;

    private StateFile() {}

    /** When this returns, the text is on disk. */
    static void write(Path file, String text) throws IOException {
        Path temporary = file.resolveSibling("." + file.getFileName() + "." + UUID.randomUUID() + SUFFIX);
        boolean done = false;
        try {
            // a file of that name, or a link, that somebody else has made is not written to
            try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.CREATE_NEW,
                    StandardOpenOption.WRITE)) {
                ByteBuffer left = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
                while (left.hasRemaining()) {
                    channel.write(left);
                }
                channel.force(true);
            }
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
            syncDirectory(file);
            done = true;
        } finally {
            if (!done) {
                Files.deleteIfExists(temporary);
            }
        }
    }

    /** A rename is on disk once its directory is; not every file system can be asked for that. */
    private static void syncDirectory(Path file) {
        try (FileChannel directory = FileChannel.open(file.toAbsolutePath().getParent(),
                StandardOpenOption.READ)) {
            directory.force(true);
        } catch (IOException cannot) {
            // the file is as it should be; a power cut within seconds may bring the old one back
        }
    }

    /** Deletes what a death between writing and renaming has left of this file. */
    static void removeLeftovers(Path file) {
        String begin = "." + file.getFileName() + ".";
        try (DirectoryStream<Path> all = Files.newDirectoryStream(file.toAbsolutePath().getParent())) {
            for (Path one : all) {
                String name = one.getFileName().toString();
                if (name.startsWith(begin) && name.endsWith(SUFFIX)
                        && name.length() == begin.length() + RANDOM + SUFFIX.length()
                        && Files.isRegularFile(one, LinkOption.NOFOLLOW_LINKS)) {
                    Files.deleteIfExists(one);
                }
            }
        } catch (IOException | java.nio.file.DirectoryIteratorException unreadable) {
            // they do no harm
        }
    }
}
