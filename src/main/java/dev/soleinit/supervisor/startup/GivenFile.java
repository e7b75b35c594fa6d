package dev.soleinit.supervisor.startup;

import dev.soleinit.process.SupervisorExit;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * Reads a file that a setting names, links included, as orchestrators mount secrets as links. What is
 * no regular file is refused, since a pipe or a device could keep PID 1 waiting for ever. Stateless.
 */
final class GivenFile {
    private GivenFile() {}

    /** The whole content, {@code most} bytes at the most, or an error that names setting and file. */
    static byte[] read(String setting, Path file, int most) {
        try {
            if (Files.exists(file) && !Files.isRegularFile(file)) {
                throw unusable(setting, file, "it is " + (Files.isDirectory(file) ? "a directory"
                        : "no regular file"));
            }
            try (InputStream in = Files.newInputStream(file)) {
                byte[] content = in.readNBytes(most + 1);
                if (content.length > most) {
                    throw unusable(setting, file, "it has more than " + most + " bytes");
                }
                return content;
            }
        } catch (NoSuchFileException missing) {
            throw unusable(setting, file, "there is no such file; it has to be there when the "
                    + "container starts");
        } catch (AccessDeniedException refused) {
            throw unusable(setting, file, "permission denied; check its mode and owner");
        } catch (IOException broken) {
            throw unusable(setting, file, broken.getMessage());
        }
    }

    /** The error for what is wrong with it. */
    static StartupException unusable(String setting, Object file, String why) {
        return new StartupException(SupervisorExit.CONFIGURATION, "Cannot use " + file + " (" + setting
                + "): " + why);
    }
}
