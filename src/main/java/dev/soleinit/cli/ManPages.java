package dev.soleinit.cli;

import dev.soleinit.config.SettingGroup;
import dev.soleinit.process.Version;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.zip.GZIPOutputStream;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/**
 * Writes the manual pages, daemon(1) and one a command, from what picocli knows of the commands. Run by
 * the build alone, which gives the folder to write to. Source: man-pages(7).
 */
final class ManPages {
    private static final String ALL_SETTINGS = "daemon-supervise";

    private ManPages() {}

    public static void main(String[] args) throws IOException {
        Path folder = Files.createDirectories(Path.of(args[0], "man1"));
        for (CommandLine command : commands()) {
            // without a time of its own, so that the same commands give the same bytes
            try (OutputStream out = new GZIPOutputStream(
                    Files.newOutputStream(folder.resolve(name(command) + ".1.gz")))) {
                out.write(page(command).getBytes(StandardCharsets.UTF_8));
            }
        }
    }

    /** The root, and every command below it, once. */
    static Set<CommandLine> commands() {
        CommandLine root = RootCommand.commandLine(Map.of(), RootCommand.VERBS);
        Set<CommandLine> all = new LinkedHashSet<>(List.of(root));
        for (CommandLine command : root.getSubcommands().values()) {
            all.add(command);
            all.addAll(command.getSubcommands().values());
        }
        return all;
    }

    /** Of its page, for example {@code daemon-config-show}. */
    static String name(CommandLine command) {
        return command.getCommandSpec().qualifiedName("-");
    }

    static String page(CommandLine command) {
        CommandSpec spec = command.getCommandSpec();
        String words = String.join(" ", spec.usageMessage().description());
        StringBuilder page = new StringBuilder(".TH ")
                .append(text(name(command).toUpperCase(Locale.ROOT)))
                .append(" 1 \"\" \"soleinit ").append(text(Version.TEXT)).append("\" soleinit\n");
        page.append(".SH NAME\n").append(text(name(command))).append(" \\- ").append(text(words));
        page.append("\n.SH SYNOPSIS\n").append(text(synopsis(command))).append('\n');
        options(spec, page);
        if (!command.getSubcommands().isEmpty()) {
            page.append(".SH COMMANDS\n");
            command.getSubcommands().values().stream().distinct().forEach(one -> item(page,
                    one.getCommandName(), String.join(" ", one.getCommandSpec().usageMessage()
                            .description())));
        }
        if (spec.parent() == null) {
            places(page);
        }
        return page.append(".SH SEE ALSO\n").append(text(seeAlso(command))).append('\n').toString();
    }

    /** Settings are too many to be named there. */
    static String synopsis(CommandLine command) {
        CommandSpec spec = command.getCommandSpec();
        boolean all = spec.usageMessage().customSynopsis().length > 0
                || spec.options().stream().noneMatch(SettingOptions::isSetting);
        return all ? command.getHelp().synopsis(0).replaceAll("\\s+", " ").strip()
                : spec.qualifiedName() + " [OPTIONS]";
    }

    private static void options(CommandSpec spec, StringBuilder page) {
        boolean settings = spec.options().stream().anyMatch(SettingOptions::isSetting);
        boolean listed = spec.qualifiedName("-").equals(ALL_SETTINGS);
        page.append(".SH OPTIONS\n");
        if (settings && !listed) {
            page.append(text("Every setting of " + ALL_SETTINGS + "(1) is an option here, too."))
                    .append('\n');
        }
        for (OptionSpec option : spec.options()) {
            if (!SettingOptions.isSetting(option)) {
                option(page, option);
            }
        }
        for (PositionalParamSpec one : spec.positionalParameters()) {
            item(page, one.paramLabel(), String.join(" ", one.description()));
        }
        for (SettingGroup group : listed ? SettingGroup.values() : new SettingGroup[0]) {
            page.append(".SS ").append(text(group.heading())).append('\n');
            SettingOptions.options(spec, group).forEach(setting -> option(page, setting));
        }
    }

    private static void option(StringBuilder page, OptionSpec option) {
        item(page, names(option), String.join(" ", option.description()));
    }

    /** As it is written on a command line, with its value. */
    static String names(OptionSpec option) {
        String name = option.negatable() ? option.longestName().replace("--", "--[no-]")
                : String.join(", ", option.names());
        return option.arity().max() == 0 ? name : name + " " + option.paramLabel();
    }

    private static void places(StringBuilder page) {
        page.append(".SH EXIT STATUS\n");
        ExitCodes.meanings().forEach((code, words) -> item(page, code.toString(), words));
        page.append(".SH ENVIRONMENT\n");
        item(page, "DAEMON_SUPERVISOR", "Where it is set, 'daemon start' never spawns a daemon.");
        item(page, "DAEMON_CONFIG", "The settings file, in place of /etc/daemon/daemon.json.");
        item(page, "DAEMON_...", "A setting: DAEMON_STOP_TIMEOUT is --stop-timeout.");
        page.append(".SH FILES\n");
        item(page, "/etc/daemon/daemon.json", "Settings.");
        item(page, "/run/daemon", "Process id, generation, and the sockets.");
        item(page, "/var/lib/daemon", "What outlives the container: counter, journal, interrupted work.");
    }

    private static String seeAlso(CommandLine command) {
        CommandSpec spec = command.getCommandSpec();
        if (spec.parent() != null) {
            return "daemon(1)" + (name(command).equals(ALL_SETTINGS) ? "" : ", " + ALL_SETTINGS + "(1)");
        }
        return String.join(", ",
                RootCommand.VERBS.stream().map(verb -> "daemon-" + verb + "(1)").toList());
    }

    private static void item(StringBuilder page, String what, String words) {
        page.append(".TP\n.B ").append(text(what)).append('\n').append(text(words)).append('\n');
    }

    /** With what troff would obey taken out; a dash is one that can be copied. */
    private static String text(String plain) {
        String escaped = plain.replace("\\", "\\e").replace("-", "\\-").replace("`", "\\(aq");
        return escaped.startsWith(".") || escaped.startsWith("'") ? "\\&" + escaped : escaped;
    }
}
