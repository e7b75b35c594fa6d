package dev.soleinit.storage.files;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * What a name stands for, without opening it. Source: lstat(2), inode(7).
 *
 * @param mode   type and permissions, as in {@code st_mode}
 * @param uid    whose it is
 * @param links  how many names it has
 * @param device where it lies
 * @param inode  its number there
 */
public record FileStatus(int mode, int uid, int links, long device, long inode) {
    private static final String WANTED = "unix:mode,uid,nlink,dev,ino";
    private static final int TYPE = 0170000;
    private static final int SOCKET = 0140000;
    private static final int LINK = 0120000;
    private static final int REGULAR = 0100000;
    private static final int DIRECTORY = 0040000;
    private static final int FIFO = 0010000;
    private static final int STICKY = 01000;
    private static final int OTHERS_WRITE = 0002;
    private static final int GROUP_OR_OTHERS_WRITE = 0022;
    private static final int PERMISSIONS = 0777;

    /** Looks at the name itself, also where it is a link; empty if there is none. */
    public static Optional<FileStatus> of(Path path) throws IOException {
        return read(path, LinkOption.NOFOLLOW_LINKS);
    }

    /** Looks at what the name leads to; empty if there is nothing. */
    static Optional<FileStatus> followed(Path path) throws IOException {
        return read(path);
    }

    private static Optional<FileStatus> read(Path path, LinkOption... options) throws IOException {
        try {
            Map<String, Object> all = Files.readAttributes(path, WANTED, options);
            return Optional.of(new FileStatus((int) all.get("mode"), (int) all.get("uid"),
                    (int) all.get("nlink"), (long) all.get("dev"), (long) all.get("ino")));
        } catch (NoSuchFileException none) {
            return Optional.empty();
        }
    }

    public boolean isRegular() {
        return (mode & TYPE) == REGULAR;
    }

    public boolean isDirectory() {
        return (mode & TYPE) == DIRECTORY;
    }

    boolean isLink() {
        return (mode & TYPE) == LINK;
    }

    int permissions() {
        return mode & PERMISSIONS;
    }

    boolean isSticky() {
        return (mode & STICKY) != 0;
    }

    /** Whether any user may put files there, and remove those of others. */
    boolean isOpenToAll() {
        return (mode & OTHERS_WRITE) != 0 && !isSticky();
    }

    /** Of a directory: whether nobody but root and {@code user} can replace that user's files. */
    boolean protectsFilesOf(int user) {
        return (uid == 0 || uid == user) && ((mode & GROUP_OR_OTHERS_WRITE) == 0 || isSticky());
    }

    /** Of a directory: whether nobody but root and {@code user} can put any file there. */
    boolean isChangedOnlyBy(int user) {
        return (uid == 0 || uid == user) && (mode & GROUP_OR_OTHERS_WRITE) == 0;
    }

    public boolean isSameFile(FileStatus other) {
        return device == other.device && inode == other.inode;
    }

    /** For messages. */
    public String kind() {
        return switch (mode & TYPE) {
            case REGULAR -> "a file";
            case DIRECTORY -> "a directory";
            case LINK -> "a symbolic link";
            case FIFO -> "a named pipe";
            case SOCKET -> "a socket";
            default -> "a device";
        };
    }
}
