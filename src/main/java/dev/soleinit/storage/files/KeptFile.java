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
import java.util.function.Predicate;

/**
 * A file of somebody else of which one content is kept beside it, and can be put back; what was there
 * then lies beside it, too. Each of the three is replaced whole and has owner and mode of what it is a
 * copy of. Only where nobody but root and this process's user can put something else in its place, or
 * lead its name elsewhere: so no name means another file between two looks at it. For one thread.
 */
public final class KeptFile {
    public static final String KEPT = ".last-good";
    public static final String REJECTED = ".rejected";
    private static final int MAX_BYTES = 4 << 20;
    private static final int MODE_BITS = 07777;

    private final Path file;

    /** What came of putting it back. */
    public enum Outcome { RESTORED, SAME, CHANGED, NOTHING_KEPT }

    /** The three, in the directory that they really are in. */
    private record Names(Path file, Path kept, Path rejected) {
        static Names in(Path directory, String name) {
            return new Names(directory.resolve(name), directory.resolve(name + KEPT),
                    directory.resolve(name + REJECTED));
        }
    }

    public KeptFile(Path file) {
        this.file = file;
    }

    public Path rejected() {
        return file.resolveSibling(file.getFileName() + REJECTED);
    }

    /** Removes what a death while a copy was made has left. */
    public void tidy() throws IOException {
        Names names = names();
        for (Path one : new Path[] {names.kept, names.rejected}) {
            AtomicFile.removeLeftovers(one.getParent(), one.getFileName().toString());
        }
    }

    /** What it contains; nothing if there is no such file. */
    public Optional<byte[]> content() throws IOException {
        return read(names().file);
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
        return Optional.of(RegularFile.readOnly(one, MAX_BYTES));
    }

    /** Keeps this content of it, durably. */
    public void keep(byte[] content) throws IOException {
        Names names = names();
        Optional<byte[]> before = FileStatus.of(names.kept).map(FileStatus::isRegular).orElse(false)
                ? read(names.kept) : Optional.empty();
        if (before.isEmpty() || !Arrays.equals(before.get(), content)) {
            replace(names.kept, content, names.file, names.kept);
        }
    }

    /**
     * Puts back what is kept, unless what is there is not what has {@code failed}. First that gets its
     * other name, so that nothing is ever lost.
     */
    public Outcome restore(Predicate<Optional<byte[]>> failed) throws IOException {
        Names names = names();
        Optional<byte[]> good = read(names.kept);
        if (good.isEmpty()) {
            return Outcome.NOTHING_KEPT;
        }
        Optional<byte[]> bad = read(names.file);
        if (!failed.test(bad)) {
            return Outcome.CHANGED;
        }
        if (bad.isPresent()) {
            if (Arrays.equals(bad.get(), good.get())) {
                return Outcome.SAME;
            }
            replace(names.rejected, bad.get(), names.file, names.rejected);
        }
        replace(names.file, good.get(), names.kept, names.kept);
        return Outcome.RESTORED;
    }

    /** {@code name}: that of a copy, so that another program's own temporary files stay its own. */
    private static void replace(Path target, byte[] content, Path like, Path name) throws IOException {
        Path temporary = name.resolveSibling("." + name.getFileName() + "." + RandomName.next()
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

    /**
     * Where it is, once and for all that follows. Not only its directory counts: who can rename one
     * further up, or a link on the way, can put another in its place.
     */
    private Names names() throws IOException {
        int own = OwnUser.uid();
        Path directory = file.getParent().toRealPath();
        requireProtected(directory, FileStatus.followed(directory)
                .filter(status -> status.isChangedOnlyBy(own)).isPresent());
        for (Path given = file.getParent(); given != null; given = given.getParent()) {
            for (Path each = given.toRealPath(); each != null; each = each.getParent()) {
                requireProtected(each, FileStatus.followed(each)
                        .filter(status -> status.protectsFilesOf(own)).isPresent());
            }
        }
        return Names.in(directory, file.getFileName().toString());
    }

    private void requireProtected(Path directory, boolean is) throws IOException {
        if (!is) {
            throw new FileSystemException(file.toString(), null, directory + " may be changed by others "
                    + "than " + (OwnUser.uid() == 0 ? "root" : "root and user " + OwnUser.uid())
                    + ", who could put anything in its place; chown it, or chmod it to 755");
        }
    }
}
