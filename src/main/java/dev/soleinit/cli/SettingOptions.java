package dev.soleinit.cli;

import dev.soleinit.config.ConfigException;
import dev.soleinit.config.Configuration;
import dev.soleinit.config.Setting;
import dev.soleinit.config.SettingGroup;
import dev.soleinit.config.loading.ConfigurationLoader;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Help;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.UsageMessageSpec;
import picocli.CommandLine.ParseResult;

/** The flags of the catalogue of settings, so that help, flags and files never differ. */
public final class SettingOptions {
    private SettingOptions() {}

    /** The command, with one more option for each setting. */
    static CommandLine addTo(Object command) {
        CommandLine line = new CommandLine(command);
        CommandSpec spec = line.getCommandSpec();
        for (Setting setting : Setting.values()) {
            if (setting != Setting.COMMAND) {
                spec.addOption(option(setting));
            }
        }
        spec.addOption(OptionSpec.builder("--config").paramLabel("FILE").type(String.class)
                .description("settings file (default: " + ConfigurationLoader.FILE
                + ", if it exists)").build());
        line.getHelpSectionMap().put(UsageMessageSpec.SECTION_KEY_OPTION_LIST, SettingOptions::help);
        return line;
    }

    /** The command's own options, then the settings under their headings. */
    private static String help(Help help) {
        List<OptionSpec> own = help.commandSpec().options().stream()
                .filter(one -> !isSetting(one)).toList();
        StringBuilder text = new StringBuilder(list(help, own));
        for (SettingGroup group : SettingGroup.values()) {
            text.append(System.lineSeparator()).append(group.heading()).append(':')
                    .append(System.lineSeparator())
                    .append(list(help, options(help.commandSpec(), group)));
        }
        return text.toString();
    }

    /** The options of a command that are settings of a group, in the group's order. */
    static List<OptionSpec> options(CommandSpec spec, SettingGroup group) {
        List<OptionSpec> options = new ArrayList<>();
        for (Setting setting : group.settings()) {
            OptionSpec option = spec.findOption("--" + setting.key());
            if (option != null && isSetting(option)) {
                options.add(option);
            }
        }
        return options;
    }

    private static String list(Help help, List<OptionSpec> options) {
        Help.Layout layout = help.createDefaultLayout(options, List.of(), help.colorScheme());
        layout.addOptions(options, help.parameterLabelRenderer());
        return layout.toString();
    }

    private static OptionSpec option(Setting setting) {
        String otherwise = setting.defaultValue().isEmpty() ? ""
                : " (default: " + setting.defaultValue() + ")";
        return OptionSpec.builder("--" + setting.key()).paramLabel(setting.valueForm()).arity("1")
                .type(String[].class).description(setting.words() + otherwise
                        + (setting.repeatable() ? "; repeatable" : "")).build();
    }

    /** Whether an option is one of these, and not one of the command's own. */
    static boolean isSetting(OptionSpec option) {
        return Arrays.stream(Setting.values()).anyMatch(one ->
                option.longestName().equals("--" + one.key()) && Arrays.equals(
                        option.description(), option(one).description()));
    }

    /** Loads the settings with the flags that were given. */
    public static Configuration load(ParseResult parsed, Map<String, String> environment,
            List<String> command) throws CliException {
        return load(parsed, environment, command, Map.of());
    }

    /** The same; {@code otherwise} holds where no flag was given. */
    public static Configuration load(ParseResult parsed, Map<String, String> environment,
            List<String> command, Map<String, List<String>> otherwise) throws CliException {
        Map<String, List<String>> flags = new HashMap<>(otherwise);
        for (Setting setting : Setting.values()) {
            String[] given = parsed.matchedOptionValue("--" + setting.key(), (String[]) null);
            if (given != null) {
                flags.put(setting.key(), new ArrayList<>(Arrays.asList(
                        setting.repeatable() ? given : lastOf(given))));
            }
        }
        String file = parsed.matchedOptionValue("--config", (String) null);
        if (file != null) {
            flags.put("config", List.of(file));
        }
        try {
            return ConfigurationLoader.load(flags, environment, command);
        } catch (ConfigException bad) {
            throw new CliException(ExitCodes.of(bad), bad.getMessage());
        }
    }

    /** What a flag that is not repeatable was given, last of all. */
    public static Optional<String> given(ParseResult parsed, Setting setting) {
        String[] given = parsed.matchedOptionValue("--" + setting.key(), (String[]) null);
        return Optional.ofNullable(given).map(all -> all[all.length - 1]);
    }

    private static String[] lastOf(String[] given) {
        return new String[] {given[given.length - 1]};
    }
}
