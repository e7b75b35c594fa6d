package dev.soleinit.config.loading;

import static java.util.Map.entry;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.soleinit.config.ConfigException;
import dev.soleinit.config.Configuration;
import dev.soleinit.config.Setting;
import java.lang.reflect.RecordComponent;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** No setting is declared and then forgotten: each has a value here that makes a difference. */
class EverySettingTest {
    private static final Map<Setting, String> EXAMPLES = Map.ofEntries(
            entry(Setting.RESTART, "never"), entry(Setting.BACKOFF_INITIAL, "3s"),
            entry(Setting.BACKOFF_MAX, "61s"), entry(Setting.BACKOFF_JITTER, "0.2"),
            entry(Setting.HEALTHY_AFTER, "31s"), entry(Setting.CRASH_LOOP_AFTER, "6"),
            entry(Setting.GIVE_UP_AFTER, "1"), entry(Setting.STOP_TIMEOUT, "7s"),
            entry(Setting.STOP_DELAY, "1s"), entry(Setting.CONTAINER_STOP_TIMEOUT, "11s"), entry(Setting.FORCE_GRACE, "2s"),
            entry(Setting.SWEEP_GRACE, "2s"), entry(Setting.KILL_MODE, "group"),
            entry(Setting.LEFTOVER_GRACE, "3s"), entry(Setting.PID_FILE, "/run/a.pid"),
            entry(Setting.SUCCESS_EXIT, "143"), entry(Setting.RESTART_EXIT, "3"),
            entry(Setting.REWRITE, "TERM=QUIT"), entry(Setting.FORWARD_TO, "group"),
            entry(Setting.USER, "www"), entry(Setting.UMASK, "027"), entry(Setting.CHDIR, "/srv"),
            entry(Setting.ENV, "A=1"), entry(Setting.MKDIR, "/run/a"), entry(Setting.RUN_DIR, "/r"),
            entry(Setting.STATE_DIR, "/s"), entry(Setting.TERMINATION_LOG, "/t"),
            entry(Setting.WAIT_FOR_OWNER, "1s"), entry(Setting.READY, "notify"),
            entry(Setting.READY_TIMEOUT, "61s"), entry(Setting.LISTEN, "unix:/run/a.sock"),
            entry(Setting.FD_STORE_MAX, "1"), entry(Setting.WATCHDOG, "1s"),
            entry(Setting.LIVE, "exec true"), entry(Setting.LIVE_INTERVAL, "11s"),
            entry(Setting.LIVE_TIMEOUT, "6s"), entry(Setting.LIVE_THRESHOLD, "4"),
            entry(Setting.LIVE_START_PERIOD, "1s"), entry(Setting.READY_INTERVAL, "300ms"),
            entry(Setting.WATCH, "/etc"), entry(Setting.IGNORE, "*.log"),
            entry(Setting.ON_CHANGE, "reload"), entry(Setting.CHECK, "true"),
            entry(Setting.WATCH_QUIET, "600ms"), entry(Setting.WATCH_POLL, "6s"),
            entry(Setting.ON_HUP, "reload"), entry(Setting.PREFLIGHT_COMMAND, "true"),
            entry(Setting.STOP_COMMAND, "true"), entry(Setting.RELOAD_SIGNAL, "USR1"),
            entry(Setting.RELOAD_COMMAND, "true"), entry(Setting.RESTART_TIMEOUT, "11s"),
            entry(Setting.SAFE_WAIT, "6m"), entry(Setting.RESTART_COOLDOWN, "31s"),
            entry(Setting.DRAIN_TIMEOUT, "6s"), entry(Setting.PRESET, "nginx"),
            entry(Setting.LOG_LEVEL, "debug"), entry(Setting.ENV_FILE, "/etc/a.env"),
            entry(Setting.SECRET, "A=/run/secrets/a"), entry(Setting.FILE_VARIABLES, "DB_*"),
            entry(Setting.BEFORE, "true"), entry(Setting.WORK, "connections 80"), entry(Setting.ON_EVENT, "cat"),
            entry(Setting.MEMORY_RESTART, "80%"),
            entry(Setting.LAST_GOOD, "/etc/a/b.conf"), entry(Setting.LAST_GOOD_AFTER, "4"),
            entry(Setting.HTTP, "tcp:127.0.0.1:9900"), entry(Setting.OVERLAP, "never"));

    /** What makes no difference alone. */
    private static final Map<Setting, Map<String, List<String>>> NEEDS = Map.of(
            Setting.LAST_GOOD, Map.of("watch", List.of("/etc/a")),
            Setting.LAST_GOOD_AFTER, Map.of("watch", List.of("/etc/a"), "last-good",
                    List.of("/etc/a/b.conf")));

    private static Configuration load(Map<String, List<String>> flags) throws ConfigException {
        return ConfigurationLoader.load(flags, Map.of(), List.of("/bin/true"));
    }

    /** What is read of the settings: all but how they were written. */
    private static Map<String, Object> read(Configuration configuration) throws Exception {
        Map<String, Object> read = new LinkedHashMap<>();
        for (RecordComponent each : Configuration.class.getRecordComponents()) {
            if (!Set.of("values", "warnings").contains(each.getName())) {
                read.put(each.getName(), each.getAccessor().invoke(configuration));
            }
        }
        read.put("logLevel", configuration.logLevel());
        read.put("http", configuration.http());
        read.put("overlap", configuration.overlap());
        read.put("memoryRestart", configuration.memoryRestart());
        return read;
    }

    @Test
    void everySettingHasAnExample() {
        Set<Setting> named = EnumSet.of(Setting.COMMAND);
        named.addAll(EXAMPLES.keySet());
        assertEquals(EnumSet.allOf(Setting.class), named,
                "give a new setting a value here that is not its default");
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "COMMAND")
    void itsExampleMakesADifference(Setting setting) throws Exception {
        Map<String, List<String>> without = NEEDS.getOrDefault(setting, Map.of());
        Map<String, List<String>> flags = new LinkedHashMap<>(without);
        flags.put(setting.key(), List.of(EXAMPLES.get(setting)));
        Configuration given = load(flags);
        assertEquals("flag", given.values().get(setting).origin());
        assertNotEquals(read(load(without)), read(given), setting.key()
                + " is declared, and nothing reads it: see ConfigurationLoader");
    }

    @ParameterizedTest
    @ValueSource(strings = {"KILL", "9", "SIGSTOP"})
    void aSignalThatNobodyCanCatchIsRefused(String value) {
        String error = assertThrows(ConfigException.class, () ->
                load(Map.of("reload-signal", List.of(value)))).getMessage();
        assertTrue(error.contains("reload-signal") && error.contains("cannot be caught"), error);
    }
}
