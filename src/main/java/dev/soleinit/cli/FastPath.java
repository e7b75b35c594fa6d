package dev.soleinit.cli;

import dev.soleinit.cli.commands.StatusCommand;
import dev.soleinit.cli.commands.WaitCommand;
import dev.soleinit.cli.start.StartCommand;
import dev.soleinit.cli.start.SuperviseCommand;
import dev.soleinit.config.Setting;
import dev.soleinit.process.text.Bytes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A command line that is plain: a verb, options of which each is known and has a value, and a
 * command after {@code --}. Picocli takes PID 1 a tenth of a second to learn its fifty options, so
 * the lines that the entrypoint makes are read here. Whatever else there is, a mistake above all,
 * is picocli's.
 *
 * @param options the values by the option's name without its dashes, in the order given
 */
public record FastPath(Map<String, List<String>> options, List<String> command) {
    /** Runs the command and returns its exit code, if it cannot wait for picocli and is plain. */
    public static Optional<Integer> execute(Map<String, String> environment, String... args) {
        List<String> words = List.of(args);
        return switch (words.isEmpty() ? "" : words.getFirst()) {
            case "supervise", "run" -> supervise(words)
                    .map(line -> SuperviseCommand.supervise(line, environment));
            case "status" -> status(words).map(line -> new StatusCommand(environment, line).call());
            case "wait" -> await(words).map(line -> new WaitCommand(environment, line).call());
            case "start" -> start(words)
                    .flatMap(line -> new StartCommand(environment, line).ask());
            default -> Optional.empty();
        };
    }

    /** Of {@code supervise}: its settings. */
    static Optional<FastPath> supervise(List<String> args) {
        int end = args.indexOf("--");
        return end < 0 ? Optional.empty()
                : read(args.subList(1, end), Set.of()).filter(FastPath::isOfSettings)
                        .map(line -> new FastPath(line.options,
                                List.copyOf(args.subList(end + 1, args.size()))))
                        .filter(line -> !line.command.isEmpty());
    }

    /** Of {@code status}, which health checks ask every few seconds. */
    static Optional<FastPath> status(List<String> args) {
        return read(args, Set.of("json", "ready"), Set.of("run-dir"));
    }

    /** Of {@code wait}, for readiness or a stop. */
    static Optional<FastPath> await(List<String> args) {
        return read(args, Set.of("json", "ready", "stopped"), Set.of("run-dir", "timeout"))
                .filter(line -> line.given("ready").isEmpty() || line.given("stopped").isEmpty());
    }

    /** Of {@code start}, where it asks a supervisor. */
    static Optional<FastPath> start(List<String> args) {
        return read(args, Set.of("json", "no-block"), Set.of("run-dir", "reason"));
    }

    /** What was given for an option that is not repeatable. */
    public Optional<String> given(String option) {
        return Optional.ofNullable(options.get(option)).map(List::getLast);
    }

    /** Of what is not repeatable the last word counts. */
    private boolean isOfSettings() {
        Set<String> unknown = new HashSet<>(options.keySet());
        unknown.remove("config");
        for (Setting setting : Setting.values()) {
            if (setting != Setting.COMMAND && unknown.remove(setting.key())
                    && !setting.repeatable()) {
                options.computeIfPresent(setting.key(), (_, given) -> List.of(given.getLast()));
            }
        }
        return unknown.isEmpty();
    }

    /** Of another verb: each of its options at most once. */
    private static Optional<FastPath> read(List<String> args, Set<String> bare, Set<String> valued) {
        return read(args.subList(1, args.size()), bare).filter(line ->
                line.options.keySet().stream().allMatch(one -> bare.contains(one) || valued.contains(one))
                        && line.options.values().stream().allMatch(given -> given.size() == 1
                                && !Bytes.hasEscaped(given.getFirst())));
    }

    private static Optional<FastPath> read(List<String> words, Set<String> bare) {
        Map<String, List<String>> options = new HashMap<>();
        for (int i = 0; i < words.size(); i++) {
            String word = words.get(i);
            int equals = word.indexOf('=');
            String name = word.substring(Math.min(2, word.length()),
                    equals < 2 ? word.length() : equals);
            String value = "";
            if (!bare.contains(name) || equals >= 0) {
                value = equals >= 0 ? word.substring(equals + 1)
                        : i + 1 < words.size() ? words.get(++i) : "";
                if (bare.contains(name) || !isPlain(value)) {
                    return Optional.empty();
                }
            }
            if (!word.startsWith("--")) {
                return Optional.empty();
            }
            options.computeIfAbsent(name, _ -> new ArrayList<>()).add(value);
        }
        return Optional.of(new FastPath(options, List.of()));
    }

    /** Not what might be an option, nor a file of arguments. */
    private static boolean isPlain(String value) {
        return !value.isEmpty() && !value.startsWith("-") && !value.startsWith("@");
    }
}
