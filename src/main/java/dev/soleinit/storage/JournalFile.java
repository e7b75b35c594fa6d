package dev.soleinit.storage;

import dev.soleinit.storage.files.AtomicFile;
import dev.soleinit.storage.files.FileStatus;
import dev.soleinit.storage.files.HeldFile;
import dev.soleinit.storage.files.Quarantine;
import dev.soleinit.storage.files.RegularFile;
import dev.soleinit.storage.files.WritableDirectory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;

/**
 * The file that a journal's lines go to, and the older one that it becomes at 1 MiB. It stays
 * open, and before each line its name is looked at: what somebody has removed is made anew, what
 * somebody has put there instead is set aside and never written to. Used on one thread.
 */
final class JournalFile {
    private static final long MAX_BYTES = 1 << 20;
    /** Longer than any line. */
    static final int TAIL = 64 * 1024;
    /** As much as the last few lines are: to look through more takes PID 1 a quarter of its start. */
    private static final int USUAL_TAIL = 2 * 1024;

    private final Path file;
    private final Path older;
    private FileChannel channel;
    private FileStatus ours;
    private String warning = "";

    JournalFile(Path file) {
        this.file = file;
        this.older = file.resolveSibling(file.getFileName() + ".1");
    }

    /** What has been set aside since the last call; else empty. */
    String takeWarning() {
        String taken = warning;
        warning = "";
        return taken;
    }

    /**
     * Goes on with what an earlier life wrote, and ends the line that it may have left half.
     *
     * @return the last few lines, the first of them not whole; empty if there are none
     */
    String open() throws IOException {
        Optional<FileStatus> found = FileStatus.of(file);
        if (found.isPresent() && found.get().isRegular()) {
            adopt(found.get());
        } else {
            ensureOpen();
        }
        byte[] last = RegularFile.tail(channel, 1);
        if (last.length > 0 && last[0] != '\n') {
            write(new byte[] {'\n'});
        }
        return lastLines(USUAL_TAIL);
    }

    /** So many bytes of the last lines there are, the first of them not whole. */
    String lastLines(int most) throws IOException {
        byte[] tail = RegularFile.tail(channel, most);
        return tail.length > 0 ? new String(tail, StandardCharsets.UTF_8) : lastOfTheOlder();
    }

    private String lastOfTheOlder() throws IOException {
        Optional<FileStatus> found = FileStatus.of(older);
        if (found.isEmpty() || !found.get().isRegular()) {
            return "";
        }
        try (FileChannel lines = RegularFile.openToRead(older)) {
            return new String(RegularFile.tail(lines, TAIL), StandardCharsets.UTF_8);
        }
    }

    /**
     * Writes on in the file itself where nobody else can have put it there. Elsewhere it might be
     * another name of a file that is not ours (link(2)), so its content goes into a new one.
     */
    private void adopt(FileStatus found) throws IOException {
        try {
            if (HeldFile.isTrusted(file, found)) {
                channel = RegularFile.open(file);
                ours = found;
                return;
            }
        } catch (AccessDeniedException notForWriting) {
            // a copy of it can be written
        }
        try {
            channel = AtomicFile.replace(file, RegularFile.read(file, (int) MAX_BYTES + TAIL));
            ours = FileStatus.of(file).orElse(found);
        } catch (FileSystemException unreadable) {
            warning = Quarantine.move(file, Quarantine.reason(unreadable), "");
            create();
        }
    }

    /** Puts it at the end, whole or not at all. */
    void append(byte[] line) throws IOException {
        ensureOpen();
        if (channel.size() + line.length > MAX_BYTES) {
            rotate();
        }
        write(line);
    }

    /** Afterwards the name stands for the file that is open. */
    void ensureOpen() throws IOException {
        Optional<FileStatus> found = FileStatus.of(file);
        if (channel != null && channel.isOpen() && found.isPresent()
                && found.get().isSameFile(ours)) {
            return;
        }
        close();
        if (found.isPresent() && HeldFile.isTrusted(file, found.get())) {
            adopt(found.get());
            return;
        }
        if (found.isPresent()) {
            warning = Quarantine.move(file, "it is " + found.get().kind()
                    + " that somebody else has put there", "");
        }
        create();
    }

    /** In its directory, which somebody may have removed with all that was in it. */
    private void create() throws IOException {
        try {
            channel = AtomicFile.create(file);
        } catch (NoSuchFileException directory) {
            WritableDirectory.makeAnew(file.toAbsolutePath().getParent());
            channel = AtomicFile.create(file);
        }
        ours = FileStatus.of(file).orElseThrow(
                () -> new IOException(file + ": somebody has taken it away"));
    }

    private void rotate() throws IOException {
        Optional<FileStatus> inTheWay = FileStatus.of(older);
        if (inTheWay.isPresent() && inTheWay.get().isDirectory()) {
            // rename(2) puts no file in the place of a directory
            warning = Quarantine.move(older, "it is a directory", "");
        }
        Files.move(file, older, StandardCopyOption.ATOMIC_MOVE);
        close();
        create();
    }

    /** A line that did not fit whole is taken back, so that no half one stays. */
    private void write(byte[] line) throws IOException {
        long before = channel.size();
        ByteBuffer left = ByteBuffer.wrap(line);
        try {
            while (left.hasRemaining()) {
                channel.write(left, before + left.position());
            }
        } catch (IOException full) {
            if (channel.isOpen()) {
                channel.truncate(before);
            }
            throw full;
        }
    }

    private void close() throws IOException {
        if (channel != null) {
            channel.close();
            channel = null;
        }
    }
}
