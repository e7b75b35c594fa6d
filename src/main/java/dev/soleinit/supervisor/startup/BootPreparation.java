package dev.soleinit.supervisor.startup;

import dev.soleinit.config.settings.BootTasks;
import dev.soleinit.os.Kernel;
import dev.soleinit.os.Kernel.DirectoryRequest;
import dev.soleinit.process.SupervisorExit;
import java.io.IOException;
import java.util.List;

/** Does what the daemon needs before its first start. Used once, before the loop; stateless. */
public final class BootPreparation {
    private BootPreparation() {}

    /** Makes the directories and reads the variables, or throws what cannot be had and why. */
    public static DaemonVariables prepare(Kernel os, BootTasks tasks, List<String> environment) {
        if (tasks.needsNothing()) {
            return DaemonVariables.none();
        }
        makeDirectories(os, tasks);
        return DaemonVariables.read(tasks, environment);
    }

    private static void makeDirectories(Kernel os, BootTasks tasks) {
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
