package dev.soleinit.cli;

import static dev.soleinit.docs.Generated.cell;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.soleinit.config.Setting;
import dev.soleinit.docs.Generated;
import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** {@code docs/cli.md} lists the commands, options and exit codes that there are. */
class CliPageTest {
    private static final Path PAGE = Path.of("docs/cli.md");
    /** What each exit code means, by the name of its constant. */
    private static final Map<String, String> MEANINGS = Map.of(
            "OK", "It was done, or holds already. `status`: the daemon is ready.",
            "FAILED", "It was refused, or was tried and failed. `status`: the daemon is not ready.",
            "USAGE", "The command line cannot be understood, the value of a flag included.",
            "DOWN", "`status` alone: the daemon is held down, or has ended.",
            "NOBODY", "`status` alone: no supervisor answers.",
            "UNCONFIRMED", "`reload` alone: the daemon was told, and nothing has shown that it reloaded.",
            "NO_SUPERVISOR", "No supervisor can be reached.",
            "TRY_LATER", "Try again later: a safe restart gave up, a time was over, the supervisor is busy, "
                    + "does not answer, or another one owns the directories. `preflight`: a restart would "
                    + "cut work.",
            "NOT_PERMITTED", "Only the supervisor's user and root may ask it.",
            "CONFIGURATION", "A setting in a variable or in the file cannot be used.");

    @Test
    void thePageListsEveryCommand() throws IOException {
        StringBuilder text = new StringBuilder();
        CommandLine all = Daemon.commandLine(Map.of(), new ArrayList<>(List.of("supervise", "start",
                "stop", "restart", "reload", "preflight", "dev", "status", "wait", "events", "signal",
                "config", "version", "completion")));
        assertEquals(everyCommand(), all.getSubcommands().size(), "a command is missing here");
        all.getSubcommands().values().stream().distinct().forEach(command -> {
            append(text, command);
            command.getSubcommands().values().forEach(sub -> append(text, sub));
        });
        Generated.check(PAGE, "commands", text.toString());
    }

    /** What the executable knows, `run` included. */
    private static int everyCommand() {
        CommandLineRun help = CommandLineRun.of(Map.of(), "--help");
        String[] commands = help.out().split("Commands:\\R")[1].split("\\R");
        return (int) Arrays.stream(commands).filter(line -> line.matches("  \\S.*")).count()
                + (int) Arrays.stream(commands).filter(line -> line.matches("  \\S+, \\S.*")).count();
    }

    private static void append(StringBuilder text, CommandLine command) {
        CommandSpec spec = command.getCommandSpec();
        text.append("### ").append(spec.qualifiedName()).append("\n\n").append("```text\n")
                .append(synopsis(command))
                .append("\n```\n\n");
        if (spec.aliases().length > 0) {
            text.append("Also `daemon ").append(String.join("`, `daemon ", spec.aliases())).append("`. ");
        }
        text.append(String.join(" ", spec.usageMessage().description())).append('\n');
        List<OptionSpec> options = spec.options().stream().filter(one -> !isSetting(one)
                && !one.usageHelp()).toList();
        if (!options.isEmpty()) {
            text.append("\n| option | |\n|---|---|\n");
        }
        options.forEach(option -> text.append("| `").append(names(option)).append("` | ")
                .append(cell(String.join(" ", option.description()))).append(" |\n"));
        for (PositionalParamSpec one : spec.positionalParameters()) {
            text.append("\n`").append(one.paramLabel()).append("`: ")
                    .append(String.join(" ", one.description())).append(".\n");
        }
        if (spec.options().stream().anyMatch(CliPageTest::isSetting)) {
            text.append("\nIt also takes every [setting](configuration.md#every-setting) as a flag.\n");
        }
        text.append('\n');
    }

    /** Settings are too many to be named there. */
    private static String synopsis(CommandLine command) {
        CommandSpec spec = command.getCommandSpec();
        boolean all = spec.usageMessage().customSynopsis().length > 0
                || spec.options().stream().noneMatch(CliPageTest::isSetting);
        return all ? command.getHelp().synopsis(0).replaceAll("\\s+", " ").strip()
                : spec.qualifiedName() + " [OPTIONS]";
    }

    private static boolean isSetting(OptionSpec option) {
        return Arrays.stream(Setting.values()).anyMatch(one -> option.longestName().equals("--" + one.key())
                && Arrays.equals(option.description(), SettingOptions.option(one).description()));
    }

    private static String names(OptionSpec option) {
        String name = option.negatable() ? option.longestName().replace("--", "--[no-]")
                : String.join("`, `", option.names());
        return option.arity().max() == 0 ? name : name + " " + option.paramLabel();
    }

    @Test
    void thePageListsEveryExitCode() throws IOException, ReflectiveOperationException {
        Map<Integer, String> codes = new TreeMap<>();
        for (Field field : ExitCodes.class.getDeclaredFields()) {
            codes.put(field.getInt(null), field.getName());
        }
        StringBuilder table = new StringBuilder("| code | meaning |\n|---:|---|\n");
        codes.forEach((code, name) -> table.append("| ").append(code).append(" | ")
                .append(MEANINGS.get(name)).append(" |\n"));
        assertEquals(MEANINGS.size(), codes.size(), "each has a meaning: " + codes);
        Generated.check(PAGE, "exit codes", table.toString());
    }
}
