package dev.soleinit.cli;

import static dev.soleinit.docs.Generated.cell;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.soleinit.docs.Generated;
import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** {@code docs/cli.md} lists the commands, options and exit codes that there are. */
class CliPageTest {
    private static final Path PAGE = Path.of("docs/cli.md");

    @Test
    void thePageListsEveryCommand() throws IOException {
        StringBuilder text = new StringBuilder();
        ManPages.commands().stream().skip(1).forEach(command -> append(text, command));
        Generated.check(PAGE, "commands", text.toString());
    }

    private static void append(StringBuilder text, CommandLine command) {
        CommandSpec spec = command.getCommandSpec();
        text.append("### ").append(spec.qualifiedName()).append("\n\n").append("```text\n")
                .append(ManPages.synopsis(command))
                .append("\n```\n\n");
        if (spec.aliases().length > 0) {
            text.append("Also `daemon ").append(String.join("`, `daemon ", spec.aliases())).append("`. ");
        }
        text.append(String.join(" ", spec.usageMessage().description())).append('\n');
        List<OptionSpec> options = spec.options().stream().filter(one -> !SettingOptions.isSetting(one)
                && !one.usageHelp()).toList();
        if (!options.isEmpty()) {
            text.append("\n| option | |\n|---|---|\n");
        }
        options.forEach(option -> text.append("| `").append(ManPages.names(option).replace(", ", "`, `")).append("` | ")
                .append(cell(String.join(" ", option.description()))).append(" |\n"));
        for (PositionalParamSpec one : spec.positionalParameters()) {
            text.append("\n`").append(one.paramLabel()).append("`: ")
                    .append(String.join(" ", one.description())).append(".\n");
        }
        if (spec.options().stream().anyMatch(SettingOptions::isSetting)) {
            text.append("\nIt also takes every [setting](configuration.md#every-setting) as a flag.\n");
        }
        text.append('\n');
    }

    @Test
    void thePageListsEveryExitCode() throws IOException, ReflectiveOperationException {
        Set<Integer> codes = new TreeSet<>();
        for (Field field : ExitCodes.class.getDeclaredFields()) {
            codes.add(field.getInt(null));
        }
        assertEquals(codes, ExitCodes.meanings().keySet(), "each has a meaning");
        StringBuilder table = new StringBuilder("| code | meaning |\n|---:|---|\n");
        ExitCodes.meanings().forEach((code, words) -> table.append("| ").append(code).append(" | ")
                .append(words.replaceAll("'([a-z]+)'", "`$1`")).append(" |\n"));
        Generated.check(PAGE, "exit codes", table.toString());
    }

    @Test
    void everyCommandHasAManualPageWithItsOptions() {
        for (CommandLine command : ManPages.commands()) {
            String page = ManPages.page(command).replace("\\-", "-");
            String name = ManPages.name(command);
            assertTrue(page.contains("\n.SH NAME\n" + name + " - "), page);
            command.getCommandSpec().options().stream().filter(one -> !SettingOptions.isSetting(one)
                    || name.equals("daemon-supervise")).forEach(one -> assertTrue(
                            page.contains("\n.B " + ManPages.names(one) + "\n"), one + " in " + page));
            assertTrue(page.lines().noneMatch(String::isBlank), page);
        }
        assertTrue(ManPages.page(ManPages.commands().iterator().next()).contains("\n.B 69\n"));
    }
}
