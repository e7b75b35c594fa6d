package dev.soleinit.storage.files;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;

/**
 * A file of somebody else of which one content is kept beside it, and can be put back; what was there
 * then lies beside it, too. Each of the three is replaced whole and has owner and mode of what it is a
 * copy of. Only where nobody but root and this process's user can put something else in its place: so no
 * name leads elsewhere between two looks at it. For one thread.
 */
public final class KeptFile {
    public static final String KEPT = ".last-good";
    public static final String REJECTED = ".rejected";
    private static final int MOST = 4 << 20;
    private static final int MODE_BITS = 07777;

    private final Path file;
    private final Path kept;
    private final Path rejected;

    /** What came of putting it back. */
    public enum Outcome { RESTORED, SAME, NOTHING_KEPT }

    public KeptFile(Path file) {
        this.file = file;
        this.kept = file.resolveSibling(file.getFileName() + KEPT);
        this.rejected = file.resolveSibling(file.getFileName() + REJECTED);
    }

    public Path rejected() {
        return rejected;
    }

    /** Removes what a death while a copy was made has left. */
    public void tidy() throws IOException {
        requireProtected();
        for (Path one : new Path[] {file, kept, rejected}) {
            AtomicFile.removeLeftovers(file.getParent(), one.getFileName().toString());
        }
    }

    /** What it contains; nothing if there is no such file. */
    public Optional<byte[]> content() throws IOException {
        requireProtected();
        return read(file);
    }

    private static Optional<byte[]> read(Path one) throws IOException {
        Optional<FileStatus> found = FileStatus.of(one);
        if (found.isEmpty()) {
            return Optional.empty();
        }
        if (found.get().links() > 1) {
            // somebody may have led us to a file that he cannot read himself
            throw new FileSystemException(one.toString(), null, "it has another name, too");
        }
        return Optional.of(RegularFile.read(one, MOST));
    }

    /** Keeps this content of it, durably. */
    public void keep(byte[] content) throws IOException {
        requireProtected();
        Optional<byte[]> before = FileStatus.of(kept).map(FileStatus::isRegular).orElse(false)
                ? read(kept) : Optional.empty();
        if (before.isEmpty() || !Arrays.equals(before.get(), content)) {
            replace(kept, content, file);
        }
    }

    /** Puts back what is kept. First what is there gets its other name, so that nothing is ever lost. */
    public Outcome restore() throws IOException {
        requireProtected();
        Optional<byte[]> good = read(kept);
        if (good.isEmpty()) {
            return Outcome.NOTHING_KEPT;
        }
        Optional<byte[]> bad = read(file);
        if (bad.isPresent()) {
            if (Arrays.equals(bad.get(), good.get())) {
                return Outcome.SAME;
            }
            replace(rejected, bad.get(), file);
        }
        replace(file, good.get(), kept);
        return Outcome.RESTORED;
    }

    private static void replace(Path target, byte[] content, Path like) throws IOException {
        Path temporary = target.resolveSibling("." + target.getFileName() + "." + RandomName.next()
                + AtomicFile.SUFFIX);
        boolean done = false;
        try (FileChannel channel = AtomicFile.createPrivate(temporary)) {
            ByteBuffer left = ByteBuffer.wrap(content);
            while (left.hasRemaining()) {
                channel.write(left);
            }
            takeAfter(temporary, like);
            channel.force(true);
            Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
            done = true;
        } finally {
            if (!done) {
                Files.deleteIfExists(temporary);
            }
        }
        AtomicFile.syncDirectory(target);
    }

    /** Whose it is comes first: chown(2) takes bits of the mode away. */
    private static void takeAfter(Path made, Path like) throws IOException {
        Map<String, Object> wanted = Files.readAttributes(like, "unix:mode,uid,gid",
                LinkOption.NOFOLLOW_LINKS);
        Map<String, Object> has = Files.readAttributes(made, "unix:uid,gid", LinkOption.NOFOLLOW_LINKS);
        for (String each : new String[] {"uid", "gid"}) {
            if (!wanted.get(each).equals(has.get(each))) {
                Files.setAttribute(made, "unix:" + each, wanted.get(each), LinkOption.NOFOLLOW_LINKS);
            }
        }
        Files.setAttribute(made, "unix:mode", (int) wanted.get("mode") & MODE_BITS,
                LinkOption.NOFOLLOW_LINKS);
    }

    /** Not only its directory: who can rename one further up can put another in its place. */
    private void requireProtected() throws IOException {
        int own = OwnUser.uid();
        for (Path each = file.getParent().toRealPath(); each != null; each = each.getParent()) {
            FileStatus status = FileStatus.followed(each).orElseThrow(
                    () -> new IOException("its directory is gone"));
            if (!status.protectsFilesOf(own)) {
                throw new FileSystemException(file.toString(), null, each + " may be changed by others "
                        + "than " + (own == 0 ? "root" : "root and user " + own)
                        + ", who could put anything in its place; chown it, or chmod it to 755");
            }
        }
    }
}
