package dev.soleinit.storage.files;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A file of ours that stays open to be written in place: nothing that somebody puts in the place
 * of its name is ever written to. Used on one thread.
 */
public final class HeldFile {
    private final Path file;
    private FileChannel channel;
    private FileStatus ours;

    public HeldFile(Path file) {
        this.file = file;
    }

    public Path path() {
        return file;
    }

    /** Goes on with the file that is there, if nobody else can have put it there. */
    public void adopt() throws IOException {
        Optional<FileStatus> found = FileStatus.of(file);
        if (found.isPresent() && isTrusted(file, found.get())) {
            try {
                channel = RegularFile.open(file);
                ours = found.get();
            } catch (AccessDeniedException notForWriting) {
                // it can be replaced
            }
        }
    }

    /**
     * Whether it is a regular file of this process's user, with no other name, in a directory where
     * nobody else can replace that user's files.
     */
    public static boolean isTrusted(Path file, FileStatus found) throws IOException {
        int own = OwnUser.uid();
        return found.isRegular() && found.uid() == own && found.links() == 1
                && FileStatus.followed(file.toAbsolutePath().getParent())
                        .map(directory -> directory.protectsFilesOf(own)).orElse(false);
    }

    /** Whether it is open and its name still stands for it. */
    public boolean isHeld() throws IOException {
        return channel != null && channel.isOpen()
                && FileStatus.of(file).map(ours::isSameFile).orElse(false);
    }

    public long size() throws IOException {
        return channel.size();
    }

    /** Puts a new file there, durably, and holds that. */
    public void replace(byte[] content) throws IOException {
        letGo();
        Optional<FileStatus> inTheWay = FileStatus.of(file);
        if (inTheWay.isPresent() && inTheWay.get().isDirectory()) {
            // rename(2) puts no file in the place of a directory
            Quarantine.move(file, "it is a directory", "");
        }
        hold(AtomicFile.replace(file, content));
    }

    /** The same at the kernel's leisure, if there is nothing yet. */
    public void replaceSometime(byte[] content) throws IOException {
        if (FileStatus.of(file).isPresent()) {
            replace(content);
            return;
        }
        letGo();
        hold(AtomicFile.create(file));
        write(content, 0);
    }

    private void letGo() throws IOException {
        if (channel != null) {
            channel.close();
            channel = null;
        }
    }

    private void hold(FileChannel made) throws IOException {
        Optional<FileStatus> status = FileStatus.of(file);
        if (status.isEmpty()) {
            made.close();
            throw new IOException(file + ": somebody has taken it away");
        }
        channel = made;
        ours = status.get();
    }

    public void write(byte[] content, long position) throws IOException {
        ByteBuffer left = ByteBuffer.wrap(content);
        while (left.hasRemaining()) {
            channel.write(left, position + left.position());
        }
    }

    /** What was written is on disk. Source: fdatasync(2). */
    public void sync() throws IOException {
        channel.force(false);
    }
}
