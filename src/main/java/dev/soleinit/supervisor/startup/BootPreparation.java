package dev.soleinit.supervisor.startup;

import dev.soleinit.config.BootTasks;
import dev.soleinit.os.Kernel;
import dev.soleinit.os.Kernel.DirectoryRequest;
import dev.soleinit.process.SupervisorExit;
import java.io.IOException;

/** Does what the daemon needs before its first start. Used once, before the loop; stateless. */
public final class BootPreparation {
    private BootPreparation() {}

    /** Makes the directories, or throws which one cannot be made and why. */
    public static void makeDirectories(Kernel os, BootTasks tasks) {
        for (BootTasks.Directory directory : tasks.directories()) {
            try {
                os.makeDirectory(new DirectoryRequest(directory.path(),
                        directory.owner().map(os::lookup), directory.mode()));
            } catch (IOException reason) {
                throw new StartupException(SupervisorExit.CONFIGURATION, "Cannot make the directory "
                        + directory.path() + " (mkdir): " + reason.getMessage());
            } catch (IllegalArgumentException nobody) {
                throw new StartupException(SupervisorExit.CONFIGURATION, nobody.getMessage()
                        + " (mkdir " + directory.path() + ")");
            }
        }
    }
}
