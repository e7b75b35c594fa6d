package dev.soleinit.storage.files;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;

/**
 * Replaces a file so that a reader sees the old content or the new, never a part, also after a
 * power cut: temporary file beside it, fsync, rename, fsync of the directory. The temporary file
 * has a name that nobody can foresee and is made anew, so no link is ever written through; the
 * rename replaces a link by the file. Mode 0644. Source: open(2), rename(2), fsync(2). Stateless.
 */
public final class AtomicFile {
    private static final Set<PosixFilePermission> MODE =
            PosixFilePermissions.fromString("rw-r--r--");
    private static final int MODE_BITS = 0644;
    private static final Set<OpenOption> CREATE = Set.of(StandardOpenOption.CREATE_NEW,
            StandardOpenOption.READ, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
    static final String SUFFIX = ".tmp";
    /** Somebody hostile may fill a directory; reading all of it would hold the boot up. */
    private static final int MAX_ENTRIES = 1_000;
    /** Where the first one is in a random name. */
    private static final int DASH = 8;

    private AtomicFile() {}

    /** When this returns, the content is on disk. */
    public static void write(Path file, byte[] content) throws IOException {
        replace(file, content).close();
    }

    /** The same; returns the new file, open: whatever is done to its name, this stays our file. */
    public static FileChannel replace(Path file, byte[] content) throws IOException {
        return replace(file, channel -> {
            ByteBuffer left = ByteBuffer.wrap(content);
            while (left.hasRemaining()) {
                channel.write(left);
            }
        });
    }

    /** What is written into a new file, piece by piece. */
    public interface Content {
        void writeTo(FileChannel channel) throws IOException;
    }

    /** The same for what is too much to be held. */
    public static FileChannel replace(Path file, Content content) throws IOException {
        Path temporary = file.resolveSibling("." + file.getFileName() + "." + RandomName.next()
                + SUFFIX);
        FileChannel channel = null;
        boolean done = false;
        try {
            channel = create(temporary);
            content.writeTo(channel);
            channel.force(true);
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
            syncDirectory(file);
            done = true;
            return channel;
        } catch (IOException full) {
            throw full instanceof FileSystemException ? full
                    : new IOException(file + ": " + full.getMessage(), full);
        } finally {
            if (!done && channel != null) {
                channel.close();
                Files.deleteIfExists(temporary);
            }
        }
    }

    /** Makes a file that does not exist yet, with mode 0644; fails if there is anything. */
    public static FileChannel create(Path file) throws IOException {
        FileAttribute<?> mode = PosixFilePermissions.asFileAttribute(MODE);
        FileChannel channel = FileChannel.open(file, CREATE, mode);
        try {
            undoUmask(file);
            return channel;
        } catch (IOException gone) {
            channel.close();
            throw gone;
        }
    }

    /** The same for nobody else to read. */
    static FileChannel createPrivate(Path file) throws IOException {
        return FileChannel.open(file, CREATE, PosixFilePermissions.asFileAttribute(
                PosixFilePermissions.fromString("rw-------")));
    }

    /**
     * Gives back the bits that a umask took. Java has no fchmod(2) for an open file; this view
     * opens the name without following a link and uses it on that. So only where nobody else can
     * put another file in its place; elsewhere the file stays as the umask made it.
     */
    private static void undoUmask(Path file) throws IOException {
        Optional<FileStatus> made = FileStatus.of(file);
        if (made.isEmpty() || made.get().permissions() == MODE_BITS) {
            return;
        }
        Optional<FileStatus> directory = FileStatus.followed(file.toAbsolutePath().getParent());
        if (directory.isPresent() && directory.get().protectsFilesOf(made.get().uid())) {
            Files.getFileAttributeView(file, PosixFileAttributeView.class,
                    LinkOption.NOFOLLOW_LINKS).setPermissions(MODE);
        }
    }

    /** Deletes it so that it does not come back after a power cut. */
    public static void delete(Path file) throws IOException {
        if (Files.deleteIfExists(file)) {
            syncDirectory(file);
        }
    }

    /** A rename is on disk once its directory is. Not every file system has such a thing. */
    static void syncDirectory(Path file) throws IOException {
        try (FileChannel directory = FileChannel.open(file.toAbsolutePath().getParent(),
                StandardOpenOption.READ)) {
            directory.force(true);
        } catch (AccessDeniedException mayOnlyWriteIt) {
            // without the right to read a directory it cannot be opened at all
        } catch (IOException failed) {
            String reason = String.valueOf(failed.getMessage());
            if (!reason.contains("Invalid argument") && !reason.contains("not supported")
                    && !reason.contains("not implemented")) {
                throw failed;
            }
        }
    }

    /**
     * Deletes what a death between writing and renaming has left. For the one owner of the
     * directory, while it writes nothing there.
     *
     * @param file of which file of the directory, or empty for all
     */
    public static void removeLeftovers(Path directory, String file) {
        int seen = 0;
        try (DirectoryStream<Path> all = Files.newDirectoryStream(directory)) {
            for (Path one : all) {
                if (isTemporary(one.getFileName().toString(), file)
                        && FileStatus.of(one).map(FileStatus::isRegular).orElse(false)) {
                    Files.deleteIfExists(one);
                }
                if (++seen == MAX_ENTRIES) {
                    return;
                }
            }
        } catch (IOException | java.nio.file.DirectoryIteratorException unreadable) {
            // they do no harm
        }
    }

    /** Whether it is named as {@link #replace} names: dot, file, dot, 36 characters, suffix. */
    private static boolean isTemporary(String name, String file) {
        int random = name.length() - SUFFIX.length() - RandomName.LENGTH;
        return random > 1 && name.startsWith("." + file) && name.endsWith(SUFFIX)
                && name.charAt(random - 1) == '.' && name.charAt(random + DASH) == '-'
                && (file.isEmpty() || random == file.length() + 2);
    }
}
