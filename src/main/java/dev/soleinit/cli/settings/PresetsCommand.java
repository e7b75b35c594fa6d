package dev.soleinit.cli.settings;

import dev.soleinit.cli.ControlCommand;
import dev.soleinit.cli.ExitCodes;
import dev.soleinit.cli.Terminal;
import dev.soleinit.cli.options.HelpOption;
import dev.soleinit.config.loading.Preset;
import dev.soleinit.config.loading.Presets;
import dev.soleinit.json.Json;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code daemon presets}: what known daemons need. */
@Command(name = "presets", description = "Lists the presets of --preset, or shows the settings of one.")
public final class PresetsCommand implements Callable<Integer> {
    @Mixin
    private final HelpOption help = new HelpOption();

    @Option(names = "--json", description = "print one JSON object a preset")
    private boolean json;

    @Parameters(paramLabel = "NAME", arity = "0..1", description = "the preset to show")
    private String name;

    @Override
    public Integer call() {
        if (name == null) {
            Presets.all().forEach(json ? PresetsCommand::printJson
                    : one -> Terminal.out("%-12s%s".formatted(one.name(), one.title())));
            return ExitCodes.OK;
        }
        Optional<Preset> preset = Presets.named(name);
        if (preset.isEmpty()) {
            return ControlCommand.fail(ExitCodes.USAGE, "Cannot show the preset '"
                    + Terminal.value(name) + "': " + Presets.unknown(name));
        }
        preset.ifPresent(json ? PresetsCommand::printJson : PresetsCommand::print);
        return ExitCodes.OK;
    }

    private static void print(Preset preset) {
        Terminal.out(preset.name() + ": " + preset.title());
        Terminal.out("command: " + preset.command());
        for (Preset.Part part : preset.parts()) {
            Terminal.out("");
            part.texts().forEach(text -> Terminal.out("  " + part.setting().key() + ": " + text));
            Terminal.out("      " + (part.ifListening() ? "with --listen: " : "") + part.why());
        }
        if (!preset.notes().isEmpty()) {
            Terminal.out("");
        }
        preset.notes().forEach(Terminal::out);
    }

    private static void printJson(Preset preset) {
        Map<String, Object> settings = new LinkedHashMap<>();
        preset.parts().forEach(part -> settings.put(part.setting().key(), Map.of("value", part.texts(),
                "why", part.why(), "onlyWithListen", part.ifListening())));
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("name", preset.name());
        all.put("title", preset.title());
        all.put("programs", preset.programs());
        all.put("command", preset.command());
        all.put("settings", settings);
        all.put("notes", List.copyOf(preset.notes()));
        Terminal.out(Json.write(all));
    }
}
