package dev.soleinit.config;

import dev.soleinit.config.Configuration.Value;
import dev.soleinit.json.Json;
import dev.soleinit.json.Json.Member;
import dev.soleinit.json.JsonException;
import dev.soleinit.machine.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Puts the settings together: flags win over variables, variables over the file, the file over the
 * defaults. For one thread, once.
 */
public final class Loader {
    /** The settings file, if neither {@code --config} nor DAEMON_CONFIG names another. */
    public static final Path FILE = Path.of("/etc/daemon/daemon.json");
    /** Variables of ours that are no settings. */
    private static final Set<String> OTHERS = Set.of("DAEMON_SUPERVISOR", "DAEMON_GENERATION",
            "DAEMON_CONFIG");

    private final Map<String, List<String>> flags;
    private final Map<String, String> environment;
    private final List<String> command;
    private final Map<Setting, Value> values = new EnumMap<>(Setting.class);
    private final List<String> warnings = new ArrayList<>();

    private Loader(Map<String, List<String>> flags, Map<String, String> environment,
            List<String> command) {
        this.flags = flags;
        this.environment = environment;
        this.command = command;
    }

    /**
     * Loads everything.
     *
     * @param flags   by the setting's key, as far as they were given; {@code config} names the file
     * @param command what stands after {@code --}; empty if nothing does
     */
    public static Configuration load(Map<String, List<String>> flags,
            Map<String, String> environment, List<String> command) throws ConfigException {
        return new Loader(flags, environment, command).load();
    }

    /** A duration as it is written on a command line. */
    public static Duration duration(String text) {
        return Reader.duration(text);
    }

    private Configuration load() throws ConfigException {
        defaults();
        file();
        variables();
        flags.forEach((key, texts) -> Setting.of(key)
                .ifPresent(setting -> values.put(setting, new Value(texts, "flag"))));
        if (!command.isEmpty()) {
            values.put(Setting.COMMAND, new Value(command, "command line"));
        }
        return build(new Reader(values));
    }

    private void defaults() {
        for (Setting setting : Setting.values()) {
            String text = switch (setting) {
                case RUN_DIR -> Directories.defaultRun(environment).toString();
                case STATE_DIR -> Directories.defaultState(environment).toString();
                default -> setting.otherwise();
            };
            values.put(setting, new Value(text.isEmpty() ? List.of() : List.of(text), "default"));
        }
    }

    // ---- the file

    private void file() throws ConfigException {
        String named = flags.containsKey("config") ? flags.get("config").getFirst()
                : environment.get("DAEMON_CONFIG");
        Path file = named == null ? FILE : Path.of(named);
        if (named == null && !Files.exists(file)) {
            return;
        }
        for (Member member : members(file)) {
            String where = file + " line " + member.line();
            Setting setting = Setting.of(member.name()).orElseThrow(() -> new ConfigException(where,
                    "unknown key '" + member.name() + "'"
                            + Nearest.hint(member.name(), Setting.keys())));
            values.put(setting, new Value(texts(where, setting, member.value()), where));
        }
    }

    private static List<Member> members(Path file) throws ConfigException {
        try {
            return Json.members(Files.readString(file));
        } catch (JsonException broken) {
            throw new ConfigException(file + " line " + broken.line(), "it is not valid JSON: "
                    + broken.getMessage());
        } catch (IOException unreadable) {
            throw new ConfigException(file.toString(), "it cannot be read ("
                    + unreadable.getClass().getSimpleName() + ": " + unreadable.getMessage()
                    + "); check that it exists and its mode");
        }
    }

    private static List<String> texts(String where, Setting setting, Object value)
            throws ConfigException {
        boolean many = setting.repeatable() || setting == Setting.COMMAND;
        if (value instanceof List<?> list && many) {
            List<String> texts = new ArrayList<>();
            for (Object one : list) {
                texts.add(scalar(where, setting, one));
            }
            return texts;
        }
        if (setting == Setting.COMMAND) {
            throw new ConfigException(where, "'command' must be a list of strings");
        }
        return List.of(scalar(where, setting, value));
    }

    private static String scalar(String where, Setting setting, Object value)
            throws ConfigException {
        if (value instanceof String || value instanceof Number) {
            return value.toString();
        }
        throw new ConfigException(where, "'" + setting.key() + "' must be a string or a number"
                + (setting.repeatable() ? ", or a list of them" : ""));
    }

    // ---- the environment

    private void variables() {
        for (Setting setting : Setting.values()) {
            String text = environment.get(setting.variable());
            if (text != null && setting != Setting.COMMAND) {
                List<String> texts = setting.repeatable()
                        ? Arrays.stream(text.split(",")).filter(one -> !one.isBlank()).toList()
                        : text.isEmpty() ? List.of() : List.of(text);
                values.put(setting, new Value(texts, "variable " + setting.variable()));
            }
        }
        List<String> known = Arrays.stream(Setting.values()).map(Setting::variable).toList();
        for (String name : environment.keySet()) {
            if (name.startsWith("DAEMON_") && !known.contains(name) && !OTHERS.contains(name)) {
                warnings.add("variable " + name + " is no setting of the supervisor"
                        + Nearest.hint(name, known) + " It is passed on to the daemon");
            }
        }
    }

    // ---- the whole

    private Configuration build(Reader reader) throws ConfigException {
        Readiness readiness = reader.readiness(Setting.READY);
        Settings settings = settings(reader, readiness instanceof Readiness.None);
        checkBudgets(settings);
        Duration patience = reader.duration(Setting.WAIT_FOR_OWNER, Duration.ZERO);
        return new Configuration(settings, values.get(Setting.COMMAND).texts(),
                reader.path(Setting.RUN_DIR).orElseThrow(), reader.path(Setting.STATE_DIR).orElseThrow(),
                reader.optional(Setting.USER), reader.octal(Setting.UMASK),
                reader.path(Setting.CHDIR), reader.variables(Setting.ENV), readiness,
                reader.duration(Setting.READY_INTERVAL, Duration.ofMillis(10)),
                reader.path(Setting.TERMINATION_LOG),
                Optional.of(patience).filter(time -> !time.isZero()), List.copyOf(warnings), values);
    }

    private static Settings settings(Reader reader, boolean readyWhenSpawned)
            throws ConfigException {
        Duration least = Duration.ofMillis(1);
        return new Settings(reader.word(Setting.RESTART, Settings.RestartPolicy.class),
                reader.duration(Setting.BACKOFF_INITIAL, Duration.ZERO),
                reader.duration(Setting.BACKOFF_MAX, Duration.ZERO),
                reader.share(Setting.BACKOFF_JITTER),
                reader.duration(Setting.HEALTHY_AFTER, Duration.ZERO),
                reader.number(Setting.CRASH_LOOP_AFTER, 1), reader.number(Setting.GIVE_UP_AFTER, 0),
                reader.duration(Setting.STOP_TIMEOUT, least),
                reader.duration(Setting.CONTAINER_STOP_TIMEOUT, least),
                reader.duration(Setting.FORCE_GRACE, least),
                reader.duration(Setting.SWEEP_GRACE, Duration.ZERO),
                reader.duration(Setting.READY_TIMEOUT, Duration.ZERO), readyWhenSpawned,
                reader.word(Setting.FORWARD_TO, Settings.ForwardTo.class),
                reader.signals(Setting.REWRITE), reader.codes(Setting.SUCCESS_EXIT));
    }

    private void checkBudgets(Settings settings) {
        if (settings.stopTimeout().compareTo(settings.containerStopTimeout()) >= 0) {
            warnings.add("stop-timeout " + text(Setting.STOP_TIMEOUT) + " does not fit inside "
                    + "container-stop-timeout " + text(Setting.CONTAINER_STOP_TIMEOUT)
                    + ": the container would be killed first");
        }
        if (settings.backoffInitial().compareTo(settings.backoffMax()) > 0) {
            warnings.add("backoff-initial " + text(Setting.BACKOFF_INITIAL) + " is longer than "
                    + "backoff-max " + text(Setting.BACKOFF_MAX) + ", which bounds it");
        }
    }

    private String text(Setting setting) {
        return values.get(setting).texts().getFirst();
    }
}
