package dev.soleinit.config.loading;

import dev.soleinit.config.settings.BootTasks;
import dev.soleinit.config.settings.MemoryThreshold;
import dev.soleinit.config.ConfigException;
import dev.soleinit.config.Configuration.Value;
import dev.soleinit.config.Readiness;
import dev.soleinit.config.Setting;
import dev.soleinit.process.ListenAddress;
import dev.soleinit.process.Signal;
import dev.soleinit.statemachine.settings.ExitSettings;
import java.net.URI;
import java.nio.file.FileSystems;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** Turns the texts of settings into values, or says what is wrong with them. */
final class SettingParser {
    private static final Duration LONGEST = Duration.ofDays(365);

    private final Map<Setting, Value> values;

    SettingParser(Map<Setting, Value> values) {
        this.values = values;
    }

    ConfigException invalid(Setting setting, String text, String why) {
        return ConfigException.unusable(setting.key(), text, values.get(setting).origin(), why);
    }

    String text(Setting setting) {
        List<String> texts = values.get(setting).texts();
        return texts.isEmpty() ? "" : texts.getFirst();
    }

    Optional<String> optional(Setting setting) {
        return Optional.of(text(setting)).filter(text -> !text.isEmpty());
    }

    Duration duration(Setting setting, Duration least) throws ConfigException {
        String text = text(setting);
        Duration duration;
        try {
            duration = duration(text);
        } catch (IllegalArgumentException | ArithmeticException malformed) {
            throw invalid(setting, text, "give plain seconds, or a number with ms, s, m or h, such as "
                    + "500ms, 10s or 5m");
        }
        if (duration.compareTo(least) < 0 || duration.compareTo(LONGEST) > 0) {
            throw invalid(setting, text, "give at least " + least.toMillis() + "ms and at the most "
                    + LONGEST.toHours() + "h");
        }
        return duration;
    }

    /** Plain seconds, or a number with a unit: 500ms, 10s, 5m, 1h; fractions are allowed. */
    static Duration duration(String text) {
        String number = text.replaceFirst("(ms|s|m|h)$", "");
        if (!number.matches("[0-9]{1,9}(\\.[0-9]{1,9})?")) {
            throw new IllegalArgumentException("'" + text + "' is no duration: give plain seconds, "
                    + "or a number with ms, s, m or h");
        }
        double nanos = Double.parseDouble(number) * switch (text.substring(number.length())) {
            case "ms" -> 1e6;
            case "m" -> 60e9;
            case "h" -> 3600e9;
            default -> 1e9;
        };
        return Duration.ofNanos(Math.round(nanos));
    }

    int number(Setting setting, int least) throws ConfigException {
        String text = text(setting);
        if (!text.matches("[0-9]{1,9}") || Integer.parseInt(text) < least) {
            throw invalid(setting, text, "give a whole number from " + least + " on");
        }
        return Integer.parseInt(text);
    }

    double fraction(Setting setting) throws ConfigException {
        String text = text(setting);
        if (!text.matches("0|1|0?\\.[0-9]{1,9}|1\\.0+|0\\.[0-9]+")) {
            throw invalid(setting, text, "give a number from 0 to 1");
        }
        return Double.parseDouble(text);
    }

    /** The ports whose connections are work, if any are counted; those of kept sockets always are. */
    Optional<Set<Integer>> countedPorts() throws ConfigException {
        String text = text(Setting.WORK).strip();
        String[] words = text.split("[ ,]+");
        if (text.equals("none")) {
            return Optional.empty();
        }
        Set<Integer> ports = new LinkedHashSet<>();
        for (int i = 1; i < words.length; i++) {
            int port = words[i].matches("[0-9]{1,5}") ? Integer.parseInt(words[i]) : 0;
            if (port < 1 || port > 65_535) {
                throw invalid(Setting.WORK, text, "'" + words[i] + "' is no port; give none, or "
                        + "connections and the daemon's ports, such as 'connections 80 443'");
            }
            ports.add(port);
        }
        if (!words[0].equals("connections")
                || ports.isEmpty() && values.get(Setting.LISTEN).texts().isEmpty()) {
            throw invalid(Setting.WORK, text, "give none, or connections and the daemon's ports, such "
                    + "as 'connections 80 443'; those of --listen are counted without being named");
        }
        return Optional.of(ports);
    }

    /** One of the words that the setting takes. */
    String oneOf(Setting setting) throws ConfigException {
        if (!List.of(setting.valueForm().split("\\|")).contains(text(setting))) {
            throw invalid(setting, text(setting), "give " + setting.valueForm().replace("|", " or "));
        }
        return text(setting);
    }

    <E extends Enum<E>> E word(Setting setting, Class<E> type) throws ConfigException {
        String text = text(setting);
        for (E one : type.getEnumConstants()) {
            if (one.name().replace('_', '-').equalsIgnoreCase(text)) {
                return one;
            }
        }
        throw invalid(setting, text, "give " + setting.valueForm().replace("|", " or "));
    }

    /** A directory that cannot be left out. */
    Path directory(Setting setting) throws ConfigException {
        return path(setting).orElseThrow(() -> invalid(setting, "", "give a directory"));
    }

    OptionalInt octal(Setting setting) throws ConfigException {
        String text = text(setting);
        if (text.isEmpty()) {
            return OptionalInt.empty();
        }
        if (!text.matches("[0-7]{1,4}") || Integer.parseInt(text, 8) > 0777) {
            throw invalid(setting, text, "give an octal mask such as 022");
        }
        return OptionalInt.of(Integer.parseInt(text, 8));
    }

    Optional<Path> path(Setting setting) throws ConfigException {
        try {
            return optional(setting).map(text -> Path.of(text).toAbsolutePath());
        } catch (InvalidPathException bad) {
            throw invalid(setting, text(setting), "it is no path");
        }
    }

    Set<Integer> codes(Setting setting) throws ConfigException {
        Set<Integer> codes = new LinkedHashSet<>();
        for (String text : values.get(setting).texts()) {
            if (!text.matches("[0-9]{1,3}") || Integer.parseInt(text) > 255) {
                throw invalid(setting, text, "an exit code is 0 to 255");
            }
            codes.add(Integer.parseInt(text));
        }
        return codes;
    }

    /** Beside those that are given there is always the usual one. */
    Set<Integer> restartExit() throws ConfigException {
        Set<Integer> codes = codes(Setting.RESTART_EXIT);
        codes.add(ExitSettings.EXIT_RESTART);
        return codes;
    }

    Map<String, String> variables(Setting setting) throws ConfigException {
        Map<String, String> variables = new LinkedHashMap<>();
        for (String text : values.get(setting).texts()) {
            int equals = text.indexOf('=');
            if (equals < 1) {
                throw invalid(setting, text, "give KEY=VALUE");
            }
            variables.put(text.substring(0, equals), text.substring(equals + 1));
        }
        return variables;
    }

    Map<Signal, Optional<Signal>> signals(Setting setting) throws ConfigException {
        Map<Signal, Optional<Signal>> rewrite = new LinkedHashMap<>();
        for (String text : values.get(setting).texts()) {
            String[] sides = text.split("=", 2);
            try {
                rewrite.put(Signal.parse(sides[0]), sides[1].isBlank() ? Optional.empty()
                        : Optional.of(Signal.parse(sides[1])));
            } catch (IllegalArgumentException unknown) {
                throw invalid(setting, text, unknown.getMessage());
            } catch (ArrayIndexOutOfBoundsException oneSided) {
                throw invalid(setting, text, "give FROM=TO such as TERM=QUIT, or FROM= to drop it");
            }
        }
        return rewrite;
    }

    /** A shell command; empty if there is none. */
    List<String> command(Setting setting) {
        return optional(setting).map(SettingParser::forShell).orElse(List.of());
    }

    private static List<String> forShell(String command) {
        return List.of("/bin/sh", "-c", command);
    }

    /** A signal that a daemon can act on; the kernel alone acts on two. Source: signal(7). */
    Signal signal(Setting setting) throws ConfigException {
        Signal signal;
        try {
            signal = Signal.parse(text(setting));
        } catch (IllegalArgumentException unknown) {
            throw invalid(setting, text(setting), unknown.getMessage());
        }
        if (signal.equals(Signal.KILL) || signal.equals(Signal.STOP)) {
            throw invalid(setting, text(setting), signal + " cannot be caught");
        }
        return signal;
    }

    List<Path> paths(Setting setting) throws ConfigException {
        List<Path> paths = new ArrayList<>();
        for (String text : values.get(setting).texts()) {
            try {
                paths.add(Path.of(text).toAbsolutePath());
            } catch (InvalidPathException bad) {
                throw invalid(setting, text, "it is no path");
            }
        }
        return paths;
    }

    BootTasks bootTasks() throws ConfigException {
        List<List<String>> before = new ArrayList<>();
        for (String text : values.get(Setting.BEFORE).texts()) {
            before.add(forShell(text));
        }
        return new BootTasks(directories(Setting.MKDIR), paths(Setting.ENV_FILE), secrets(),
                values.get(Setting.FILE_VARIABLES).texts(), before);
    }

    private Map<String, Path> secrets() throws ConfigException {
        Map<String, Path> secrets = new LinkedHashMap<>();
        for (String text : values.get(Setting.SECRET).texts()) {
            int equals = text.indexOf('=');
            try {
                if (equals < 1 || equals == text.length() - 1) {
                    throw invalid(Setting.SECRET, text, "give NAME=FILE");
                }
                secrets.put(text.substring(0, equals),
                        Path.of(text.substring(equals + 1)).toAbsolutePath());
            } catch (InvalidPathException bad) {
                throw invalid(Setting.SECRET, text, "it is no path");
            }
        }
        return secrets;
    }

    private List<BootTasks.Directory> directories(Setting setting) throws ConfigException {
        List<BootTasks.Directory> directories = new ArrayList<>();
        for (String text : values.get(setting).texts()) {
            try {
                directories.add(DirectoryParser.read(text));
            } catch (IllegalArgumentException unusable) {
                throw invalid(setting, text, unusable.getMessage());
            }
        }
        return directories;
    }

    /** Checks an address that is read when it is needed. */
    void plainAddress(Setting setting) throws ConfigException {
        for (String text : values.get(setting).texts()) {
            try {
                ListenParser.readPlain(text);
            } catch (IllegalArgumentException unusable) {
                throw invalid(setting, text, unusable.getMessage());
            }
        }
    }

    /** Checks a use of memory that is read when it is needed. */
    void memory(Setting setting) throws ConfigException {
        for (String text : values.get(setting).texts()) {
            try {
                MemoryThreshold.parse(text);
            } catch (IllegalArgumentException unusable) {
                throw invalid(setting, text, unusable.getMessage());
            }
        }
    }

    List<ListenAddress> listen(Setting setting) throws ConfigException {
        List<ListenAddress> listen = new ArrayList<>();
        for (String text : values.get(setting).texts()) {
            try {
                listen.add(ListenParser.read(text));
                ListenParser.check(listen);
            } catch (IllegalArgumentException unusable) {
                throw invalid(setting, text, unusable.getMessage());
            }
        }
        return listen;
    }

    List<String> globs(Setting setting) throws ConfigException {
        for (String text : values.get(setting).texts()) {
            try {
                FileSystems.getDefault().getPathMatcher("glob:" + text);
            } catch (IllegalArgumentException bad) {
                throw invalid(setting, text, "it is no pattern such as '*.log' or '.git/*'");
            }
        }
        return values.get(setting).texts();
    }

    Readiness readiness(Setting setting) throws ConfigException {
        String text = text(setting).strip();
        String[] words = text.split("[ :]", 2);
        String rest = words.length == 2 ? words[1].strip() : "";
        return switch (words[0]) {
            case "none", "notify", "attach" -> plain(setting, words[0], rest);
            case "exec" -> new Readiness.Exec(List.of("/bin/sh", "-c", required(setting, rest)));
            case "tcp" -> tcp(setting, rest);
            case "http" -> http(setting, text.startsWith("http:") ? text : rest);
            default -> throw invalid(setting, text, "give " + setting.words()
                    + SpellingSuggestion.hint(words[0],
                    List.of("none", "notify", "attach", "exec", "tcp", "http")));
        };
    }

    /** Like readiness, but nothing that the daemon would have to say itself. */
    Readiness probe(Setting setting) throws ConfigException {
        Readiness how = readiness(setting);
        if (!how.isProbed() && !(how instanceof Readiness.None)) {
            throw invalid(setting, text(setting), "give " + setting.words());
        }
        return how;
    }

    private Readiness plain(Setting setting, String word, String rest) throws ConfigException {
        if (!rest.isEmpty()) {
            throw invalid(setting, text(setting), "nothing may follow '" + word + "'");
        }
        return switch (word) {
            case "none" -> new Readiness.None();
            case "notify" -> new Readiness.Notify();
            default -> new Readiness.Attach();
        };
    }

    private String required(Setting setting, String rest) throws ConfigException {
        if (rest.isEmpty()) {
            throw invalid(setting, text(setting), "give " + setting.words());
        }
        return rest;
    }

    private Readiness tcp(Setting setting, String rest) throws ConfigException {
        int colon = rest.lastIndexOf(':');
        String port = rest.substring(colon + 1);
        if (colon < 1 || !port.matches("[0-9]{1,5}") || Integer.parseInt(port) > 65535
                || Integer.parseInt(port) == 0) {
            throw invalid(setting, text(setting), "give tcp HOST:PORT such as 'tcp 127.0.0.1:8080'");
        }
        return new Readiness.Tcp(rest.substring(0, colon).replaceAll("^\\[|\\]$", ""),
                Integer.parseInt(port));
    }

    private Readiness http(Setting setting, String rest) throws ConfigException {
        try {
            URI uri = URI.create(required(setting, rest));
            if (uri.getHost() != null && "http".equals(uri.getScheme())) {
                return new Readiness.Http(uri);
            }
        } catch (IllegalArgumentException malformed) {
            // worded below, with an example
        }
        throw invalid(setting, text(setting), "give an address such as "
                + "'http http://127.0.0.1:8080/health'");
    }
}
