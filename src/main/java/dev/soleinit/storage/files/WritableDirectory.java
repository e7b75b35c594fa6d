package dev.soleinit.storage.files;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Makes a directory for files of ours, and judges whose it is: root's or this process's own is
 * right; the daemon's works, with a warning; anybody else's is refused, and so is one that the
 * daemon could put something else in the place of. Stateless.
 */
public final class WritableDirectory {
    private static final FileAttribute<?> PUBLIC = mode("rwxr-xr-x");
    private static final FileAttribute<?> PRIVATE = mode("rwx------");
    private static final int GROUP_OR_OTHERS_WRITE = 0022;

    private WritableDirectory() {}

    private static FileAttribute<?> mode(String permissions) {
        return PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions));
    }

    /**
     * Makes it, or says why it cannot be used.
     *
     * @param option    what chooses another
     * @param daemonUid whom the daemon runs as, if not as this process
     * @return warnings
     */
    public static List<String> prepare(Path directory, String option, OptionalInt daemonUid) {
        List<String> warnings = new ArrayList<>();
        try {
            int own = OwnUser.uid();
            Files.createDirectories(directory, PUBLIC);
            requireOwnLink(directory, own, option);
            judge(directory, own, daemonUid, option, warnings);
            if (daemonUid.isPresent() && daemonUid.getAsInt() != own && daemonUid.getAsInt() != 0) {
                requireFixed(directory.toRealPath(), daemonUid.getAsInt(), option, warnings);
            }
            // not createTempFile: its random numbers take PID 1 longer than all else here
            Path probe = directory.resolve(".probe-" + RandomName.next());
            Files.createFile(probe);
            Files.delete(probe);
        } catch (IOException unusable) {
            if (!isFull(unusable) || !Files.isDirectory(directory)) {
                throw new RunDirException(directory, unusable, option);
            }
        }
        return warnings;
    }

    /** Makes one again that has been used and is gone. */
    public static void makeAnew(Path directory) throws IOException {
        Files.createDirectories(directory, PUBLIC);
    }

    /** Who owns a link chooses where it leads. */
    private static void requireOwnLink(Path directory, int own, String option) throws IOException {
        Optional<FileStatus> name = FileStatus.of(directory);
        if (name.isPresent() && name.get().isLink() && name.get().uid() != 0
                && name.get().uid() != own) {
            throw new RunDirException("Cannot use " + directory + ": it is a symbolic link of user "
                    + name.get().uid() + ", who can lead it anywhere; remove it, or give " + option);
        }
    }

    private static void judge(Path directory, int own, OptionalInt daemonUid, String option,
            List<String> warnings) throws IOException {
        FileStatus status = FileStatus.followed(directory).orElseThrow(
                () -> new IOException("somebody has removed it"));
        int owner = status.uid();
        boolean daemons = daemonUid.isPresent() && owner == daemonUid.getAsInt();
        if (owner != 0 && owner != own && !daemons) {
            throw new RunDirException("Cannot use " + directory + ": it belongs to user " + owner
                    + ", who is neither root nor user " + own + " of the supervisor"
                    + (daemonUid.isPresent() ? " nor user " + daemonUid.getAsInt() + " of the daemon"
                            : "") + "; chown it, or give " + option);
        }
        if (daemons && owner != own && owner != 0) {
            warnings.add(directory + " belongs to the daemon's user (" + owner + "), who can forge "
                    + "what is recorded there, and hide a start from others; chown it to root");
        }
        if (status.isOpenToAll()) {
            warnings.add(directory + " may be written by every user, who can replace what is "
                    + "recorded there; chmod it to 755, or to 1777");
        }
    }

    /**
     * Nothing protects a directory whose name the daemon can give to something else. A mount point
     * cannot be renamed.
     */
    private static void requireFixed(Path directory, int daemon, String option,
            List<String> warnings) throws IOException {
        for (Path path = directory; path.getParent() != null; path = path.getParent()) {
            FileStatus status = FileStatus.of(path).orElseThrow(() -> new IOException("it is gone"));
            FileStatus parent = FileStatus.of(path.getParent())
                    .orElseThrow(() -> new IOException("it is gone"));
            if (parent.device() != status.device()) {
                continue;
            }
            if (parent.isOpenToAll()) {
                warnings.add(path.getParent() + " may be written by every user, who can put "
                        + "something else in the place of " + path + "; chmod it to 755, or to 1777");
            } else if (parent.uid() == daemon || parent.isSticky() && status.uid() == daemon) {
                throw new RunDirException("Cannot use " + directory + ": the daemon's user (" + daemon
                        + ") may rename " + path + " and put a link in its place; chown "
                        + (parent.uid() == daemon ? path.getParent() : path) + " to root, or give "
                        + option);
            }
        }
    }

    /**
     * Makes a directory that is this user's alone, in a place where others could have made one of
     * that name before.
     */
    public static void preparePrivate(Path directory, String option) {
        try {
            Files.createDirectories(directory, PRIVATE);
            int own = OwnUser.uid();
            FileStatus status = FileStatus.of(directory).orElseThrow(
                    () -> new IOException("somebody has removed it"));
            if (status.isLink() || status.uid() != own
                    || (status.permissions() & GROUP_OR_OTHERS_WRITE) != 0) {
                throw new RunDirException("Cannot use " + directory + ": it is "
                        + (status.isDirectory() ? "a directory" : status.kind()) + " of user "
                        + status.uid() + " with mode " + Integer.toOctalString(status.permissions())
                        + ", not one that user " + own + " alone may write; remove it, or give "
                        + option);
            }
        } catch (IOException unusable) {
            throw new RunDirException(directory, unusable, option);
        }
    }

    /** A full disk is a misfortune, not a mistake: the daemon is to run all the same. */
    private static boolean isFull(IOException reason) {
        String text = String.valueOf(reason.getMessage());
        return text.contains("No space left") || text.contains("quota");
    }
}
