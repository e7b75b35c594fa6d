package dev.soleinit.storage.files;

import dev.soleinit.process.RandomName;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;

/**
 * A file for what one command prints, which may run as another user: with a name that nobody can
 * foresee, and read without following a link. Stateless.
 */
public final class CommandOutput {
    private CommandOutput() {}

    /**
     * Chooses a file and makes it, writable for all: what a command prints is no secret of ours.
     * In a directory where somebody else could put a link in its place it is left to the command,
     * which may write there itself. What fails here fails again when the command opens it, with
     * words.
     */
    public static Path create(Path directory) {
        Path file = directory.resolve(".output." + RandomName.next() + AtomicFile.SUFFIX);
        try {
            int own = OwnUser.uid();
            Optional<FileStatus> status = FileStatus.followed(directory);
            if (status.isPresent() && !status.get().isOpenToAll()
                    && (status.get().uid() == 0 || status.get().uid() == own)) {
                Files.createFile(file);
                Files.getFileAttributeView(file, PosixFileAttributeView.class,
                        LinkOption.NOFOLLOW_LINKS).setPermissions(
                                PosixFilePermissions.fromString("rw-rw-rw-"));
            }
        } catch (IOException full) {
            // the command cannot open it either
        }
        return file;
    }

    /** The last {@code most} bytes as text, empty if there are none; removes the file. */
    public static String take(Path file, int most) {
        try (FileChannel channel = RegularFile.openToRead(file)) {
            return new String(RegularFile.tail(channel, most), StandardCharsets.UTF_8).strip();
        } catch (IOException gone) {
            return "";
        } finally {
            remove(file);
        }
    }

    /** Removes it unread. */
    public static void remove(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException stuck) {
            // the next supervisor removes it
        }
    }
}
