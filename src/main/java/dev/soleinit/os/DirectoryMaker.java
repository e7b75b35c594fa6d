package dev.soleinit.os;

import dev.soleinit.os.Kernel.DirectoryRequest;
import dev.soleinit.os.Kernel.Identity;
import dev.soleinit.os.ffi.Errno;
import dev.soleinit.os.ffi.NativeMemory;
import dev.soleinit.os.ffi.OpenFlags;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Makes a directory for the daemon, step by step from the root on, each by the descriptor of the one
 * above: a link that somebody puts into the path meanwhile is refused and never followed, for what
 * root creates and chowns must be where the setting says. Sources: openat(2), mkdirat(2), fchown(2).
 */
final class DirectoryMaker {
    private static final int USUAL_MODE = 0755;

    private final NativeMemory nativeCode;
    private final Path path;
    private final Optional<Identity> owner;
    private final OptionalInt mode;

    DirectoryMaker(NativeMemory nativeCode, DirectoryRequest wanted) {
        this.nativeCode = nativeCode;
        this.path = wanted.path();
        this.owner = wanted.owner();
        this.mode = wanted.mode();
    }

    void make() throws IOException {
        int at = nativeCode.libc.open("/", OpenFlags.DIRECTORY_NOFOLLOW_CLOEXEC, 0);
        Path here = path.getRoot();
        boolean made = false;
        for (Path name : path) {
            Path above = here;
            here = here.resolve(name);
            int next = enter(at, name.toString());
            made = next < 0 && nativeCode.errno() == Errno.ENOENT;
            if (made) {
                next = create(at, name.toString(), here, above);
            }
            int reason = nativeCode.errno();
            nativeCode.libc.close(at);
            if (next < 0) {
                throw refused(here, reason);
            }
            at = next;
        }
        try {
            setOwnerAndMode(at, made);
        } finally {
            nativeCode.libc.close(at);
        }
    }

    private int enter(int above, String name) {
        return nativeCode.libc.openat(above, name, OpenFlags.DIRECTORY_NOFOLLOW_CLOEXEC);
    }

    private int create(int above, String name, Path here, Path parent) throws IOException {
        if (nativeCode.libc.mkdirat(above, name, USUAL_MODE) != 0
                && nativeCode.errno() != Errno.EEXIST) {
            int reason = nativeCode.errno();
            nativeCode.libc.close(above);
            throw failure("create " + here + " in " + parent, reason);
        }
        int made = enter(above, name);
        if (made >= 0) {
            // the file mode mask has taken from it
            nativeCode.libc.fchmod(made, USUAL_MODE);
        }
        return made;
    }

    /** Not what is right already, which a file system that is read-only would refuse. */
    private void setOwnerAndMode(int fd, boolean made) throws IOException {
        Path itself = Path.of("/proc/self/fd/" + fd);
        if (owner.isPresent() && !belongsTo(itself, owner.get())
                && nativeCode.libc.fchown(fd, owner.get().uid(), owner.get().gid()) != 0) {
            throw failure("give " + path + " to user " + owner.get().uid() + " and group "
                    + owner.get().gid(), nativeCode.errno());
        }
        int wanted = mode.orElse(made ? USUAL_MODE : modeOf(itself));
        if (wanted != modeOf(itself) && nativeCode.libc.fchmod(fd, wanted) != 0) {
            throw failure("set the mode of " + path, nativeCode.errno());
        }
    }

    private static boolean belongsTo(Path itself, Identity owner) throws IOException {
        return (int) Files.getAttribute(itself, "unix:uid") == owner.uid()
                && (int) Files.getAttribute(itself, "unix:gid") == owner.gid();
    }

    private static int modeOf(Path itself) throws IOException {
        return (int) Files.getAttribute(itself, "unix:mode") & 07777;
    }

    private IOException refused(Path here, int reason) {
        if (Files.isSymbolicLink(here)) {
            return new IOException(here + " is a symbolic link, and none is followed; name the place "
                    + "that it leads to");
        }
        if (reason == Errno.ENOTDIR) {
            return new IOException(here + " is no directory; remove it, or give another path");
        }
        return failure("open " + here, reason);
    }

    private static IOException failure(String what, int reason) {
        String advice = switch (reason) {
            case Errno.EPERM, Errno.EACCES -> "; it takes root, or make it in the image";
            case Errno.EROFS -> "; the file system is read-only: mount a volume or a tmpfs there";
            default -> "";
        };
        return new IOException("cannot " + what + ": " + Errno.name(reason) + advice);
    }
}
