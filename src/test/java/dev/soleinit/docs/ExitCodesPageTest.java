package dev.soleinit.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.soleinit.process.SupervisorExit;
import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** {@code docs/signals-and-exit-codes.md} lists the codes that PID 1 can end with. */
class ExitCodesPageTest {
    private static final Map<String, String> MEANINGS = Map.of(
            "CANNOT_SUPERVISE", "The kernel or the C library does not do what supervision needs, or the "
                    + "launcher was not used.",
            "USAGE", "The command line cannot be used, the value of a flag included.",
            "SOFTWARE", "Our own code failed while no daemon ran.",
            "TAKEN", "Another supervisor owns the run directory or the state directory, or somebody else "
                    + "listens on a place of `--listen` or `--http`. The line names it.",
            "CONFIGURATION", "A setting in a variable or in the file, a directory, or an address of "
                    + "`--listen` or `--http` cannot be used.",
            "TIMED_OUT", "A command of `--before` took longer than `--ready-timeout`.",
            "NOT_EXECUTABLE", "The command of the first start cannot be executed. One line says why.",
            "NOT_FOUND", "The command of the first start does not exist. One line says so.",
            "SIGNALED", "128 and the number of a signal: that signal ended the daemon (137 where it had to "
                    + "be killed), or came to PID 1 as a stop signal before the first start.");

    @Test
    void thePageListsEveryCodeThatIsNotTheDaemons() throws IOException, ReflectiveOperationException {
        Map<Integer, String> codes = new TreeMap<>();
        for (Field field : SupervisorExit.class.getFields()) {
            codes.put(field.getInt(null), field.getName());
        }
        assertEquals(MEANINGS.size(), codes.size(), "each has a meaning: " + codes);
        StringBuilder table = new StringBuilder("| code | when |\n|---:|---|\n"
                + "| the daemon's own | It ended, and is not to be started again. |\n"
                + "| a command's own | A command of `--before` failed. |\n"
                + "| 0 | The same after an asked-for stop, for each code given with `--success-exit`. |\n");
        codes.forEach((code, name) -> table.append("| ").append(code)
                .append(name.equals("SIGNALED") ? "+n" : "").append(" | ")
                .append(MEANINGS.get(name)).append(" |\n"));
        Generated.check(Path.of("docs/signals-and-exit-codes.md"), "exit codes of PID 1",
                table.toString());
    }
}
