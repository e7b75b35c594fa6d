package dev.soleinit.config;

import java.util.ArrayList;
import java.util.List;

/**
 * The headings under which people find the settings, the dozen that most of them need first. Help, manual
 * page and documentation follow it.
 */
public enum SettingGroup {
    MOST_USED("What most daemons need", Setting.PRESET, Setting.USER, Setting.ENV, Setting.BEFORE,
            Setting.READY, Setting.LIVE, Setting.RESTART, Setting.STOP_TIMEOUT, Setting.REWRITE,
            Setting.LISTEN, Setting.WATCH, Setting.HTTP),
    SURROUNDINGS("The daemon's surroundings", Setting.COMMAND, Setting.CHDIR, Setting.UMASK,
            Setting.ENV_FILE, Setting.SECRET, Setting.FILE_VARIABLES, Setting.MKDIR, Setting.PID_FILE,
            Setting.FD_STORE_MAX),
    READINESS("Readiness and liveness", Setting.READY_TIMEOUT, Setting.READY_INTERVAL, Setting.WATCHDOG,
            Setting.LIVE_INTERVAL, Setting.LIVE_TIMEOUT, Setting.LIVE_THRESHOLD,
            Setting.LIVE_START_PERIOD),
    EXITS("After an exit", Setting.RESTART_EXIT, Setting.SUCCESS_EXIT, Setting.BACKOFF_INITIAL,
            Setting.BACKOFF_MAX, Setting.BACKOFF_JITTER, Setting.HEALTHY_AFTER, Setting.CRASH_LOOP_AFTER,
            Setting.GIVE_UP_AFTER, Setting.KILL_MODE, Setting.LEFTOVER_GRACE),
    STOPPING("Signals and the stop", Setting.FORWARD_TO, Setting.STOP_COMMAND, Setting.STOP_DELAY,
            Setting.DRAIN_TIMEOUT, Setting.SWEEP_GRACE, Setting.FORCE_GRACE,
            Setting.CONTAINER_STOP_TIMEOUT),
    RESTARTS("Restarts that lose no work", Setting.WORK, Setting.OVERLAP, Setting.PREFLIGHT_COMMAND,
            Setting.RESTART_TIMEOUT, Setting.SAFE_WAIT, Setting.RESTART_COOLDOWN,
            Setting.MEMORY_RESTART),
    CHANGES("Changes and reloads", Setting.ON_CHANGE, Setting.CHECK,
            Setting.LAST_GOOD, Setting.LAST_GOOD_AFTER, Setting.IGNORE, Setting.WATCH_QUIET,
            Setting.WATCH_POLL, Setting.ON_HUP, Setting.RELOAD_SIGNAL, Setting.RELOAD_COMMAND),
    /** With all that is named nowhere else. */
    SUPERVISOR("The supervisor itself", Setting.ON_EVENT, Setting.LOG_LEVEL, Setting.RUN_DIR,
            Setting.STATE_DIR, Setting.WAIT_FOR_OWNER, Setting.TERMINATION_LOG);

    private final String heading;
    private final List<Setting> named;

    SettingGroup(String heading, Setting... named) {
        this.heading = heading;
        this.named = List.of(named);
    }

    public String heading() {
        return heading;
    }

    /** Its settings, in the order in which they are shown. */
    public List<Setting> settings() {
        List<Setting> all = new ArrayList<>(named);
        if (this == SUPERVISOR) {
            for (Setting setting : Setting.values()) {
                if (of(setting) == this && !named.contains(setting)) {
                    all.add(setting);
                }
            }
        }
        return all;
    }

    /** Where a setting stands. */
    public static SettingGroup of(Setting setting) {
        for (SettingGroup group : values()) {
            if (group.named.contains(setting)) {
                return group;
            }
        }
        return SUPERVISOR;
    }
}
