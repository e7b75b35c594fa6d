package dev.soleinit.cli;

import static dev.soleinit.fuzz.Fuzzing.require;

import dev.soleinit.config.Setting;
import dev.soleinit.process.text.Bytes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** A command line, an argument a line: read, or a mistake with words; both readers understand it alike. */
public final class ArgumentsFuzz {
    private static final List<String> VERBS = List.of("supervise", "start", "stop", "restart",
            "reload", "preflight", "dev", "status", "wait", "events", "signal", "config", "version");
    private static final Map<String, CommandLine> LINES = new java.util.HashMap<>();

    private ArgumentsFuzz() {}

    public static void fuzzerTestOneInput(byte[] input) {
        List<String> words = new ArrayList<>(List.of(Bytes.decode(input).replace("\0", "")
                .split("\n", -1)));
        if (!VERBS.contains(words.getFirst())) {
            words.addFirst(VERBS.get(Math.floorMod(Arrays.hashCode(input), VERBS.size())));
        }
        // a file of arguments is whoever's it is that gives the command
        words.removeIf(word -> word.contains("@"));
        Optional<ParseResult> parsed = parse(words);
        switch (words.getFirst()) {
            case "supervise" -> FastPath.supervise(words).ifPresent(line -> settings(line, parsed, words));
            case "status" -> FastPath.status(words).ifPresent(line -> options(line, parsed, words));
            case "wait" -> FastPath.await(words).ifPresent(line -> options(line, parsed, words));
            case "start" -> FastPath.start(words).ifPresent(line -> options(line, parsed, words));
            default -> { }
        }
    }

    private static Optional<ParseResult> parse(List<String> words) {
        CommandLine line = LINES.computeIfAbsent(words.getFirst(),
                verb -> RootCommand.commandLine(Map.of(), List.of(verb)));
        try {
            return Optional.of(line.parseArgs(words.toArray(String[]::new)).subcommand());
        } catch (ParameterException expected) {
            require(expected.getMessage() != null, "a mistake has words");
            return Optional.empty();
        }
    }

    private static void settings(FastPath plain, Optional<ParseResult> parsed, List<String> words) {
        require(parsed.isPresent(), "what is plain picocli understands, too: " + words);
        for (Setting setting : Setting.values()) {
            if (setting != Setting.COMMAND) {
                String[] given = parsed.get().matchedOptionValue("--" + setting.key(), new String[0]);
                List<String> values = List.of(given.length > 0 && !setting.repeatable()
                        ? new String[] {given[given.length - 1]} : given);
                require(values.equals(plain.options().getOrDefault(setting.key(), List.of())),
                        "both read --" + setting.key() + " alike: " + words);
            }
        }
    }

    private static void options(FastPath plain, Optional<ParseResult> parsed, List<String> words) {
        require(parsed.isPresent(), "what is plain picocli understands, too: " + words);
        plain.options().keySet().forEach(option ->
                require(parsed.get().hasMatchedOption("--" + option), "both read --" + option));
    }
}
