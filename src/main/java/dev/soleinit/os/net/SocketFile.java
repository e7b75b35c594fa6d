package dev.soleinit.os.net;

import dev.soleinit.os.Kernel.Identity;
import dev.soleinit.os.ListenException;
import dev.soleinit.os.UserDatabase;
import dev.soleinit.process.ListenAddress.Place;
import dev.soleinit.process.SocketPath;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Optional;

/** The file of a listening socket. Used on the loop's thread. Source: unix(7). */
final class SocketFile {
    private final String words;
    private final Place.File place;
    private final Optional<Identity> owner;
    private Optional<Object> inode = Optional.empty();

    /** @param owner who it belongs to if it does not say */
    SocketFile(String words, Place.File place, Optional<Identity> owner) {
        this.words = words;
        this.place = place;
        this.owner = place.owner().map(UserDatabase::lookup).or(() -> owner);
    }

    /** Makes the directory and removes what an earlier life left; nothing that is in use. */
    void removeStale() {
        Path path = place.path();
        try {
            Files.createDirectories(path.getParent());
            switch (SocketPath.look(path)) {
                case OTHER_FILE -> throw new ListenException("Cannot listen on " + words
                        + ": there is a file that is no socket; remove it, or give another path", false);
                case IN_USE -> throw new ListenException("Cannot listen on " + words
                        + ": somebody else listens there; end that, or give another path", true);
                case STALE -> Files.delete(path);
                case FREE -> { }
            }
        } catch (IOException unusable) {
            throw failure(unusable);
        }
    }

    /** Once it is bound: sets owner and mode. */
    SocketFile prepare() {
        Path path = place.path();
        try {
            if (owner.isPresent()) {
                Files.setAttribute(path, "unix:uid", owner.get().uid());
                Files.setAttribute(path, "unix:gid", owner.get().gid());
            }
            Files.setAttribute(path, "unix:mode", place.mode());
            inode = Optional.of(Files.getAttribute(path, "unix:ino"));
            return this;
        } catch (IOException unusable) {
            throw failure(unusable);
        }
    }

    private ListenException failure(IOException unusable) {
        return new ListenException("Cannot listen on " + words + ": " + unusable
                + "; give a path in a directory that may be written", false);
    }

    /** Removes it if it is still the same. */
    void remove() {
        try {
            if (inode.equals(Optional.of(Files.getAttribute(place.path(), "unix:ino",
                    LinkOption.NOFOLLOW_LINKS)))) {
                Files.delete(place.path());
            }
        } catch (IOException gone) {
            // that is what was wanted
        }
    }
}
