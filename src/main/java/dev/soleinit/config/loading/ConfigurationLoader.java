package dev.soleinit.config.loading;

import dev.soleinit.config.ChangeAction;
import dev.soleinit.config.CompatMode;
import dev.soleinit.config.ConfigException;
import dev.soleinit.config.Configuration;
import dev.soleinit.config.Configuration.Value;
import dev.soleinit.config.LastGoodRules;
import dev.soleinit.config.OverlapRules;
import dev.soleinit.config.Readiness;
import dev.soleinit.config.Setting;
import dev.soleinit.config.settings.ChangeSettings;
import dev.soleinit.config.settings.CommandSettings;
import dev.soleinit.config.settings.DaemonProgram;
import dev.soleinit.config.settings.DescriptorSettings;
import dev.soleinit.config.settings.Directories;
import dev.soleinit.config.settings.LivenessSettings;
import dev.soleinit.config.settings.ReadinessSettings;
import dev.soleinit.config.settings.WorkSettings;
import dev.soleinit.json.Json;
import dev.soleinit.json.Json.Member;
import dev.soleinit.json.JsonException;
import dev.soleinit.process.ListenAddress;
import dev.soleinit.statemachine.settings.Policy;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
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
 * Puts the settings together: flags win over variables, variables over the file, the file over a
 * preset, and that over the defaults. For one thread, once.
 */
public final class ConfigurationLoader {
    /** The settings file, if neither {@code --config} nor DAEMON_CONFIG names another. */
    public static final Path FILE = Path.of("/etc/daemon/daemon.json");
    private static final int MAX_BYTES = 1 << 20;
    /** Variables of ours that are no settings. */
    private static final Set<String> OTHERS = Set.of("DAEMON_SUPERVISOR", "DAEMON_GENERATION",
            "DAEMON_CONFIG", "DAEMON_TOKEN");

    private final Map<String, List<String>> flags;
    private final Map<String, String> environment;
    private final List<String> command;
    private final Map<Setting, Value> values = new EnumMap<>(Setting.class);
    private final List<String> warnings = new ArrayList<>();

    private ConfigurationLoader(Map<String, List<String>> flags, Map<String, String> environment,
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
        return new ConfigurationLoader(flags, environment, command).load();
    }

    /** A duration as it is written on a command line. */
    public static Duration duration(String text) {
        return SettingParser.duration(text);
    }

    /**
     * Where the supervisor is found by those who only ask it: as {@link #load} says, but a file
     * that cannot be read counts as none, so that a half-made edit never keeps anybody from
     * stopping a daemon.
     */
    public static Path runDir(Map<String, String> environment) {
        return directory(Setting.RUN_DIR, environment, DefaultDirectories.defaultRun(environment));
    }

    /** The same of the state directory. */
    public static Path stateDir(Map<String, String> environment) {
        return directory(Setting.STATE_DIR, environment, DefaultDirectories.defaultState(environment));
    }

    private static Path directory(Setting setting, Map<String, String> environment, String otherwise) {
        String named = environment.getOrDefault(setting.variable(), "");
        if (!named.isEmpty()) {
            return Path.of(named).toAbsolutePath();
        }
        ConfigurationLoader loader = new ConfigurationLoader(Map.of(), environment, List.of());
        try {
            loader.defaults();
            loader.file();
            return new SettingParser(loader.values).directory(setting);
        } catch (ConfigException broken) {
            return Path.of(otherwise).toAbsolutePath();
        }
    }

    private Configuration load() throws ConfigException {
        defaults();
        if (CompatMode.current().isPresent()) {
            directoriesAlone();
        } else {
            file();
            variables();
        }
        flags.forEach((key, texts) -> Setting.of(key)
                .ifPresent(setting -> values.put(setting, new Value(texts, Value.FLAG))));
        if (!command.isEmpty()) {
            values.put(Setting.COMMAND, new Value(command, "command line"));
        }
        if (!values.get(Setting.PRESET).texts().isEmpty()) {
            PresetLayer.addTo(values, environment);
        }
        return build(new SettingParser(values));
    }

    private void defaults() {
        for (Setting setting : Setting.values()) {
            String text = switch (setting) {
                case RUN_DIR -> DefaultDirectories.defaultRun(environment);
                case STATE_DIR -> DefaultDirectories.defaultState(environment);
                default -> setting.defaultValue();
            };
            values.put(setting, new Value(text.isEmpty() ? List.of() : List.of(text), "default"));
        }
    }

    // ---- the file

    private void file() throws ConfigException {
        String named = flags.containsKey("config") ? flags.get("config").getFirst()
                : environment.get("DAEMON_CONFIG");
        Path file = named == null ? FILE : path(named);
        if (named == null && !Files.exists(file)) {
            return;
        }
        for (Member member : members(file)) {
            String where = file + " line " + member.line();
            Setting setting = Setting.of(member.name()).orElseThrow(() ->
                    ConfigException.unreadable(where, "unknown key '" + member.name() + "'"
                            + SpellingSuggestion.hint(member.name(), Setting.keys())));
            values.put(setting, new Value(texts(where, setting, member.value()), where));
        }
    }

    private static Path path(String named) throws ConfigException {
        try {
            return Path.of(named);
        } catch (InvalidPathException bytes) {
            throw ConfigException.unreadable("'" + named + "'", "it is no path; check --config and "
                    + "DAEMON_CONFIG");
        }
    }

    private static List<Member> members(Path file) throws ConfigException {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] content = in.readNBytes(MAX_BYTES + 1);
            if (content.length > MAX_BYTES) {
                throw ConfigException.unreadable(file.toString(), "it has more than 1 MiB");
            }
            return Json.members(StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(content))
                    .toString());
        } catch (JsonException broken) {
            throw ConfigException.unreadable(file + " line " + broken.line(),
                    "it is not valid JSON: " + broken.getMessage());
        } catch (IOException unreadable) {
            throw ConfigException.unreadable(file.toString(), reason(unreadable));
        }
    }

    private static String reason(IOException unreadable) {
        return switch (unreadable) {
            case NoSuchFileException _ -> "there is no such file; check --config and DAEMON_CONFIG";
            case AccessDeniedException _ -> "permission denied; check its mode and owner";
            case CharacterCodingException _ -> "it is not UTF-8 text";
            default -> unreadable.getMessage() + "; is it a file?";
        };
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
            throw ConfigException.unreadable(where, "'command' must be a list of strings");
        }
        return List.of(scalar(where, setting, value));
    }

    private static String scalar(String where, Setting setting, Object value)
            throws ConfigException {
        if (value instanceof String text && text.indexOf('\0') < 0 || value instanceof Number) {
            return value.toString();
        }
        throw ConfigException.unreadable(where, "'" + setting.key() + "' must be a string or a number"
                + (setting.repeatable() ? ", or a list of them" : ""));
    }

    // ---- the environment

    private void variables() {
        for (Setting setting : Setting.values()) {
            String text = environment.get(setting.variable());
            if (text != null && setting != Setting.COMMAND) {
                values.put(setting, new Value(parts(setting, text),
                        "variable " + setting.variable()));
            }
        }
        List<String> known = Arrays.stream(Setting.values()).map(Setting::variable).toList();
        for (String name : environment.keySet()) {
            if (name.startsWith("DAEMON_") && !known.contains(name) && !OTHERS.contains(name)) {
                warnings.add("variable " + name + " is no setting of the supervisor"
                        + SpellingSuggestion.hint(name, known) + "; it is passed on to the daemon");
            }
        }
    }

    /**
     * The image was made for another init: what is there of ours, by chance or by design, must not bend
     * that. All is in one directory, of which nothing has to outlive the container.
     */
    private void directoriesAlone() {
        for (Setting setting : List.of(Setting.RUN_DIR, Setting.STATE_DIR)) {
            String given = environment.getOrDefault(setting.variable(), "");
            String usual = setting == Setting.RUN_DIR ? text(setting) : text(Setting.RUN_DIR) + "/state";
            values.put(setting, given.isEmpty() ? new Value(List.of(usual), "default")
                    : new Value(List.of(given), "variable " + setting.variable()));
        }
    }

    private static List<String> parts(Setting setting, String text) {
        if (!setting.repeatable()) {
            return text.isEmpty() ? List.of() : List.of(text);
        }
        // a command may have commas of its own
        boolean byLines = text.contains("\n") || setting.valueForm().equals("COMMAND");
        return Arrays.stream(text.split(byLines ? "\n" : ","))
                .filter(one -> !one.isBlank()).toList();
    }

    // ---- the whole

    private Configuration build(SettingParser reader) throws ConfigException {
        Readiness readiness = reader.readiness(Setting.READY);
        Policy policy = PolicyParser.policy(reader, readiness);
        checkBudgets(policy, reader.duration(Setting.DRAIN_TIMEOUT, Duration.ZERO));
        reader.oneOf(Setting.LOG_LEVEL);
        reader.plainAddress(Setting.HTTP);
        reader.memory(Setting.MEMORY_RESTART);
        warnings.addAll(ShellCommands.warnings(values));
        warnings.addAll(DaemonPrograms.warnings(values));
        warnings.addAll(LastGoodRules.warnings(policy.exits().lastGoodAfter(),
                policy.exits().giveUpAfter()));
        checkSafeRestarts(reader, readiness);
        warnings.addAll(OverlapRules.warnings(reader.oneOf(Setting.OVERLAP),
                !values.get(Setting.LISTEN).texts().isEmpty(), readiness));
        return new Configuration(policy, daemon(reader), directories(reader),
                new DescriptorSettings(listen(reader, readiness), reader.number(Setting.FD_STORE_MAX, 0)),
                new ReadinessSettings(readiness,
                        reader.duration(Setting.READY_INTERVAL, Duration.ofMillis(10))),
                live(reader), changes(reader),
                new CommandSettings(reader.command(Setting.PREFLIGHT_COMMAND),
                        reader.command(Setting.STOP_COMMAND), reader.command(Setting.RELOAD_COMMAND),
                        reader.command(Setting.ON_EVENT)),
                new WorkSettings(reader.duration(Setting.RESTART_TIMEOUT, Duration.ZERO),
                        reader.duration(Setting.SAFE_WAIT, Duration.ZERO),
                        reader.duration(Setting.DRAIN_TIMEOUT, Duration.ZERO), reader.countedPorts()),
                reader.bootTasks(), CompatMode.current(), List.copyOf(warnings), values);
    }

    private DaemonProgram daemon(SettingParser reader) throws ConfigException {
        return new DaemonProgram(values.get(Setting.COMMAND).texts(), reader.optional(Setting.USER),
                reader.octal(Setting.UMASK), reader.path(Setting.CHDIR), reader.variables(Setting.ENV),
                reader.paths(Setting.PID_FILE));
    }

    private static Directories directories(SettingParser reader) throws ConfigException {
        Duration patience = reader.duration(Setting.WAIT_FOR_OWNER, Duration.ZERO);
        return new Directories(reader.directory(Setting.RUN_DIR), reader.directory(Setting.STATE_DIR),
                patience.isZero() ? Optional.empty() : Optional.of(patience),
                reader.path(Setting.TERMINATION_LOG));
    }

    private static ChangeSettings changes(SettingParser reader) throws ConfigException {
        return new ChangeSettings(reader.paths(Setting.WATCH), reader.globs(Setting.IGNORE),
                reader.word(Setting.ON_CHANGE, ChangeAction.class), reader.command(Setting.CHECK),
                reader.duration(Setting.WATCH_QUIET, Duration.ofMillis(10)),
                reader.duration(Setting.WATCH_POLL, Duration.ofMillis(100)), onHup(reader),
                PolicyParser.lastGood(reader));
    }

    /** It may still attach and report its work; what is known here is only that nothing else will. */
    private void checkSafeRestarts(SettingParser reader, Readiness readiness) throws ConfigException {
        List<String> asking = new ArrayList<>();
        if (reader.oneOf(Setting.ON_CHANGE).equals("safe-restart")
                && !reader.paths(Setting.WATCH).isEmpty()) {
            asking.add("on-change safe-restart");
        }
        if (reader.oneOf(Setting.ON_HUP).equals("safe-restart")) {
            asking.add("on-hup safe-restart");
        }
        if (reader.optional(Setting.MEMORY_RESTART).isPresent()) {
            asking.add("memory-restart");
        }
        if (!asking.isEmpty() && reader.command(Setting.PREFLIGHT_COMMAND).isEmpty()
                && reader.countedPorts().isEmpty() && !(readiness instanceof Readiness.Attach)) {
            warnings.add(String.join(", ", asking) + ": a daemon that does not attach and report its "
                    + "work needs a --preflight-command or --work; without any these restarts are "
                    + "refused, because nothing is known about its work");
        }
    }

    /** Connecting to a kept socket always works, whether or not there is a daemon behind it. */
    private List<ListenAddress> listen(SettingParser reader, Readiness readiness) throws ConfigException {
        List<ListenAddress> listen = reader.listen(Setting.LISTEN);
        for (Readiness how : List.of(readiness, reader.probe(Setting.LIVE))) {
            if (how instanceof Readiness.Tcp(var _, int port)
                    && ListenParser.ports(listen).anyMatch(kept -> kept == port)) {
                warnings.add("'tcp' finds port " + port + " open at any time, because --listen keeps "
                        + "it; ask with 'http', 'exec' or 'notify'");
            }
        }
        return listen;
    }

    private static LivenessSettings live(SettingParser reader) throws ConfigException {
        return new LivenessSettings(reader.probe(Setting.LIVE),
                reader.duration(Setting.LIVE_INTERVAL, Duration.ofMillis(10)),
                reader.duration(Setting.LIVE_TIMEOUT, Duration.ofMillis(1)),
                reader.number(Setting.LIVE_THRESHOLD, 1),
                reader.duration(Setting.LIVE_START_PERIOD, Duration.ZERO));
    }

    private static Optional<ChangeAction> onHup(SettingParser reader) throws ConfigException {
        return reader.oneOf(Setting.ON_HUP).equals("forward") ? Optional.empty()
                : Optional.of(reader.word(Setting.ON_HUP, ChangeAction.class));
    }

    private void checkBudgets(Policy policy, Duration drain) {
        if (drain.compareTo(policy.stop().timeout()) >= 0) {
            warnings.add("drain-timeout " + text(Setting.DRAIN_TIMEOUT) + " does not fit inside "
                    + "stop-timeout " + text(Setting.STOP_TIMEOUT)
                    + ": a daemon that drains for so long is killed first");
        }
        boolean delayed = !policy.stop().delay().isZero();
        if (policy.stop().timeout().plus(policy.stop().delay())
                .compareTo(policy.stop().containerTimeout()) >= 0) {
            warnings.add("stop-timeout " + text(Setting.STOP_TIMEOUT)
                    + (delayed ? " behind stop-delay " + text(Setting.STOP_DELAY) : "")
                    + " does not fit inside container-stop-timeout "
                    + text(Setting.CONTAINER_STOP_TIMEOUT)
                    + ": the container would be killed first");
        }
        if (policy.leftovers().grace().compareTo(policy.stop().timeout()) >= 0) {
            warnings.add("leftover-grace " + text(Setting.LEFTOVER_GRACE) + " does not fit inside "
                    + "stop-timeout " + text(Setting.STOP_TIMEOUT) + ", which bounds it");
        }
        if (policy.backoff().initial().compareTo(policy.backoff().max()) > 0) {
            warnings.add("backoff-initial " + text(Setting.BACKOFF_INITIAL) + " is longer than "
                    + "backoff-max " + text(Setting.BACKOFF_MAX) + ", which bounds it");
        }
    }

    private String text(Setting setting) {
        return values.get(setting).texts().getFirst();
    }
}
