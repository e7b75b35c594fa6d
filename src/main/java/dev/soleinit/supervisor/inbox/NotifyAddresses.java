package dev.soleinit.supervisor.inbox;

import dev.soleinit.storage.files.RandomName;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Where the sockets of sd_notify are. When a sender has been reaped before it could be looked at, all
 * that tells the daemon's own process from another of the same user is that it knew where to send to.
 *
 * @param known {@code notify.sock}
 * @param told  has another name in each life of the supervisor; only the daemon's environment has it
 */
public record NotifyAddresses(Path known, Path told) {
    private static final int DIGITS = 8;

    /** New ones; removes what earlier lives have left. */
    public static NotifyAddresses in(Path runDir) {
        try (DirectoryStream<Path> stale = Files.newDirectoryStream(runDir, NotifyAddresses::isTold)) {
            for (Path one : stale) {
                Files.deleteIfExists(one);
            }
        } catch (IOException | java.nio.file.DirectoryIteratorException inUse) {
            // what cannot be removed does no harm: nobody is told of it
        }
        return new NotifyAddresses(runDir.resolve("notify.sock"),
                runDir.resolve("notify." + RandomName.hex().substring(0, DIGITS)));
    }

    private static boolean isTold(Path path) {
        String name = path.getFileName().toString();
        boolean told = name.length() == "notify.".length() + DIGITS && name.startsWith("notify.");
        for (int i = "notify.".length(); told && i < name.length(); i++) {
            told = Character.digit(name.charAt(i), 16) >= 0;
        }
        return told;
    }
}
