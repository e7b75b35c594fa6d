package dev.soleinit.config.loading;

import dev.soleinit.config.CompatMode;
import dev.soleinit.config.ConfigException;
import dev.soleinit.config.LastGoodRules;
import dev.soleinit.config.Readiness;
import dev.soleinit.config.Setting;
import dev.soleinit.statemachine.settings.BackoffSettings;
import dev.soleinit.statemachine.settings.ExitSettings;
import dev.soleinit.statemachine.settings.LeftoverSettings;
import dev.soleinit.statemachine.settings.Policy;
import dev.soleinit.statemachine.settings.ReadySettings.Source;
import dev.soleinit.statemachine.settings.ReadySettings;
import dev.soleinit.statemachine.settings.ReloadSettings;
import dev.soleinit.statemachine.settings.RestartSettings;
import dev.soleinit.statemachine.settings.SignalSettings;
import dev.soleinit.statemachine.settings.StopSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** Reads the settings that decisions hang on into their groups. Plain functions. */
final class PolicyParser {
    private PolicyParser() {}

    static Policy policy(SettingParser reader, Readiness readiness)
            throws ConfigException {
        return new Policy(exits(reader),
                new BackoffSettings(reader.duration(Setting.BACKOFF_INITIAL, Duration.ZERO),
                        reader.duration(Setting.BACKOFF_MAX, Duration.ZERO),
                        reader.fraction(Setting.BACKOFF_JITTER)),
                stop(reader),
                new ReadySettings(reader.duration(Setting.READY_TIMEOUT, Duration.ZERO),
                        source(readiness),
                        reader.duration(Setting.WATCHDOG, Duration.ZERO)),
                new SignalSettings(reader.word(Setting.FORWARD_TO, SignalSettings.ForwardTo.class),
                        reader.signals(Setting.REWRITE)),
                new ReloadSettings(reader.signal(Setting.RELOAD_SIGNAL),
                        !reader.command(Setting.RELOAD_COMMAND).isEmpty(), readiness.isProbed(),
                        readiness instanceof Readiness.Notify),
                coordination(reader), leftovers(reader),
                CompatMode.current().map(CompatMode::plainInit));
    }

    private static Source source(Readiness readiness) {
        return switch (readiness) {
            case Readiness.None _ -> Source.SPAWN;
            case Readiness.Notify _ -> Source.NOTIFY;
            case Readiness.Attach _ -> Source.ATTACH;
            case Readiness.Exec _, Readiness.Tcp _, Readiness.Http _ -> Source.PROBE;
        };
    }

    private static ExitSettings exits(SettingParser reader) throws ConfigException {
        return new ExitSettings(reader.word(Setting.RESTART, ExitSettings.RestartPolicy.class),
                reader.duration(Setting.HEALTHY_AFTER, Duration.ZERO),
                reader.number(Setting.CRASH_LOOP_AFTER, 1), reader.number(Setting.GIVE_UP_AFTER, 0),
                reader.codes(Setting.SUCCESS_EXIT), reader.restartExit(), lastGoodAfter(reader));
    }

    /** Without a file there is nothing to put back. */
    private static int lastGoodAfter(SettingParser reader) throws ConfigException {
        int after = reader.number(Setting.LAST_GOOD_AFTER, 1);
        return reader.path(Setting.LAST_GOOD).isEmpty() ? 0 : after;
    }

    static Optional<Path> lastGood(SettingParser reader) throws ConfigException {
        Optional<Path> file = reader.path(Setting.LAST_GOOD).map(Path::normalize);
        if (file.isPresent() && !LastGoodRules.isWatched(file.get(), reader.paths(Setting.WATCH))) {
            throw reader.invalid(Setting.LAST_GOOD, reader.text(Setting.LAST_GOOD),
                    "it is not watched; give --watch " + file.get());
        }
        return file;
    }

    private static StopSettings stop(SettingParser reader) throws ConfigException {
        Duration least = Duration.ofMillis(1);
        return new StopSettings(reader.duration(Setting.STOP_TIMEOUT, least),
                reader.duration(Setting.CONTAINER_STOP_TIMEOUT, least),
                reader.duration(Setting.FORCE_GRACE, least),
                reader.duration(Setting.SWEEP_GRACE, Duration.ZERO),
                reader.duration(Setting.STOP_DELAY, Duration.ZERO),
                !reader.command(Setting.STOP_COMMAND).isEmpty());
    }

    private static RestartSettings coordination(SettingParser reader) throws ConfigException {
        RestartSettings fixed = RestartSettings.defaults();
        return new RestartSettings(reader.duration(Setting.RESTART_COOLDOWN, Duration.ZERO),
                fixed.preflightInterval(), fixed.logInterval(), fixed.fenceTimeout(),
                !reader.command(Setting.PREFLIGHT_COMMAND).isEmpty()
                        || reader.countedPorts().isPresent(),
                !reader.command(Setting.CHECK).isEmpty());
    }

    /** What stands in for another init touches nobody but its command. */
    private static LeftoverSettings leftovers(SettingParser reader) throws ConfigException {
        return CompatMode.current().isPresent()
                ? new LeftoverSettings(LeftoverSettings.KillMode.PROCESS, Duration.ZERO)
                : new LeftoverSettings(
                        reader.word(Setting.KILL_MODE, LeftoverSettings.KillMode.class),
                        reader.duration(Setting.LEFTOVER_GRACE, Duration.ZERO));
    }
}
