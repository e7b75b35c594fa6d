package dev.soleinit.storage.files;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A log in the state directory that a supervisor without a terminal writes to. Who starts it sees
 * to it that the name leads to no other file, and reads what was added. Stateless.
 */
public final class AppendedLog {
    private AppendedLog() {}

    /**
     * Makes it, or keeps what is there if nobody else can have put it there; else that is set
     * aside.
     *
     * @return how long it is
     */
    public static long prepare(Path log) throws IOException {
        Optional<FileStatus> found = FileStatus.of(log);
        if (found.isPresent() && !HeldFile.isTrusted(log, found.get())) {
            Quarantine.move(log, "it is " + found.get().kind() + " of somebody else", "");
            found = Optional.empty();
        }
        try (FileChannel channel = found.isPresent() ? RegularFile.open(log)
                : AtomicFile.create(log)) {
            return channel.size();
        }
    }

    /** What has been added since it was {@code before} long, at most the last {@code most} bytes. */
    public static String added(Path log, long before, int most) throws IOException {
        try (FileChannel channel = RegularFile.openToRead(log)) {
            long added = Math.max(0, channel.size() - before);
            return new String(RegularFile.tail(channel, (int) Math.min(added, most)),
                    StandardCharsets.UTF_8);
        } catch (NoSuchFileException none) {
            return "";
        }
    }
}
