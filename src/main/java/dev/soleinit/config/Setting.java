package dev.soleinit.config;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The catalogue: every setting with its one name (flag {@code --stop-timeout}, variable
 * {@code DAEMON_STOP_TIMEOUT}, file key {@code stop-timeout}), what it takes, and its default.
 */
public enum Setting {
    RESTART("always|on-failure|never", "always", "what an exit that nobody asked for leads to"),
    BACKOFF_INITIAL("DURATION", "2s", "first delay after a quick failure; doubled each time"),
    BACKOFF_MAX("DURATION", "60s", "longest delay after a failure"),
    BACKOFF_JITTER("0..1", "0.1", "share by which a delay varies either way"),
    HEALTHY_AFTER("DURATION", "30s", "time of continuous readiness after which an exit restarts at once"),
    CRASH_LOOP_AFTER("N", "5", "quick failures in a row that show as crash-loop"),
    GIVE_UP_AFTER("N", "0", "quick failures in a row after which PID 1 exits; 0: never"),
    STOP_TIMEOUT("DURATION", "8s", "stop signal to SIGKILL"),
    STOP_DELAY("DURATION", "0s", "how long a ready daemon serves on when PID 1 is to end"),
    CONTAINER_STOP_TIMEOUT("DURATION", "10s", "the budget of whoever stops the container"),
    FORCE_GRACE("DURATION", "1s", "stop signal to SIGKILL in a forced restart"),
    SWEEP_GRACE("DURATION", "1s", "TERM to KILL for processes that the daemon leaves behind"),
    KILL_MODE("all|group|process", "all", "what of an ended daemon is ended before the next one starts"),
    LEFTOVER_GRACE("DURATION", "2s", "stop signal to SIGKILL for what an ended daemon has left"),
    PID_FILE("PATH", "", "a pid file of the daemon's own; removed before each start", true),
    SUCCESS_EXIT("CODE", "", "exit code that counts as 0 after an asked-for stop", true),
    RESTART_EXIT("CODE", "", "exit code that means \"restart me\", as 75 always does", true),
    LAST_GOOD("FILE", "", "watched file whose last good content is put back if a new one fails"),
    LAST_GOOD_AFTER("N", "3", "failed starts in a row after which that content is put back"),
    REWRITE("SIGNAL=SIGNAL", "", "translates a signal on its way to the daemon; 'TERM=' drops it", true),
    FORWARD_TO("main|group", "main", "who gets the signals: the main process or its whole group"),
    USER("USER[:GROUP]", "", "who the daemon runs as, by name or number; default: as the supervisor"),
    UMASK("OCTAL", "", "the daemon's file mode mask; default: the supervisor's"),
    CHDIR("DIR", "", "the daemon's working directory; default: the supervisor's"),
    ENV("KEY=VALUE", "", "adds a variable to the daemon's environment", true),
    ENV_FILE("FILE", "", "adds the variables of a file to the daemon's environment", true),
    SECRET("NAME=FILE", "", "adds a variable that has the content of a file", true),
    FILE_VARIABLES("PATTERN", "", "variables such as 'DB_*' to be read from what NAME_FILE names", true),
    BEFORE("COMMAND", "", "run by /bin/sh before the first start; if it fails PID 1 ends", true),
    MKDIR("PATH[:USER[:GROUP[:MODE]]]", "", "makes a directory before the first start", true),
    RUN_DIR("DIR", "/run/daemon", "directory of PID file, marker and sockets"),
    STATE_DIR("DIR", "/var/lib/daemon", "directory of what outlives the container"),
    TERMINATION_LOG("FILE", "/dev/termination-log", "where giving up is explained, if the file exists"),
    WAIT_FOR_OWNER("DURATION", "0s", "how long to wait for another owner of the state directory"),
    READY("HOW", "none", "none, notify, attach, 'exec COMMAND', 'tcp HOST:PORT' or 'http URL'"),
    READY_TIMEOUT("DURATION", "60s", "spawn to readiness, then it is a failed start; 0: no bound"),
    LISTEN("ADDRESS", "", "tcp:HOST:PORT, tcp6:[HOST]:PORT or unix:PATH: a socket kept for it", true),
    FD_STORE_MAX("N", "0", "descriptors that the daemon may leave for its next generation (FDSTORE=1)"),
    WATCHDOG("DURATION", "0", "how long a ready daemon may be without WATCHDOG=1; 0: no bound"),
    LIVE("HOW", "none", "none, 'exec COMMAND', 'tcp HOST:PORT' or 'http URL': whether it still answers"),
    LIVE_INTERVAL("DURATION", "10s", "pause between two such probes"),
    LIVE_TIMEOUT("DURATION", "5s", "how long one may take"),
    LIVE_THRESHOLD("N", "3", "consecutive failures before a restart"),
    LIVE_START_PERIOD("DURATION", "0s", "how long after readiness nothing is asked"),
    READY_INTERVAL("DURATION", "200ms", "pause between two probes of readiness"),
    WATCH("PATH", "", "file or directory whose change of content leads to --on-change", true),
    IGNORE("GLOB", "", "watched files that do not count, such as '*.log' or '.git/*'", true),
    ON_CHANGE("reload|restart|safe-restart|none", "restart", "what a change of a watched file leads to"),
    CHECK("COMMAND", "", "run by /bin/sh before each reload and restart, which needs its exit 0"),
    WATCH_QUIET("DURATION", "500ms", "how long watched files must be quiet before they are read"),
    WATCH_POLL("DURATION", "5s", "how often they are read although nothing was seen"),
    ON_HUP("forward|reload|restart|safe-restart", "forward", "what a SIGHUP to the supervisor leads to"),
    PREFLIGHT_COMMAND("COMMAND", "", "run by /bin/sh; exits 0 if the daemon is idle, 75 if it is busy"),
    WORK("none|connections [PORT]...", "none",
            "what else is work: connections to kept sockets and to these ports"),
    STOP_COMMAND("COMMAND", "", "run by /bin/sh in place of the stop signal; if it fails, that is sent"),
    RELOAD_SIGNAL("SIGNAL", "HUP", "what makes a daemon reload that does not speak the protocol"),
    RELOAD_COMMAND("COMMAND", "", "run by /bin/sh in place of that signal"),
    ON_EVENT("COMMAND", "", "run by /bin/sh for each event, with the journal's line as its input"),
    MEMORY_RESTART("PERCENT|SIZE", "", "safe restart while more memory than that stays in use"),
    RESTART_TIMEOUT("DURATION", "10s", "how long a graceful restart waits for work, unless it says"),
    SAFE_WAIT("DURATION", "5m", "how long a safe restart waits, unless it says; 0: no bound"),
    OVERLAP("no|yes|if-room|shared-port|if-room,shared-port|never", "no",
            "whether a restart starts the next generation beside the running one"),
    RESTART_COOLDOWN("DURATION", "30s", "minimum interval between automatic restarts"),
    DRAIN_TIMEOUT("DURATION", "5s", "how long a daemon that is stopped may drain; it is told so"),
    PRESET("NAME", "", "settings that a known daemon needs; all others win over it"),
    HTTP("ADDRESS", "", "tcp:HOST:PORT or unix:PATH: probes, status, metrics and a page, read only"),
    LOG_LEVEL("error|warn|info|debug", "info", "how much the supervisor says on standard error"),
    COMMAND("WORDS", "", "program and arguments; in the file a list, else after --");

    private final String valueForm;
    private final String defaultValue;
    private final String words;
    private final boolean repeatable;

    Setting(String takes, String otherwise, String words) {
        this(takes, otherwise, words, false);
    }

    Setting(String takes, String otherwise, String words, boolean repeatable) {
        this.valueForm = takes;
        this.defaultValue = otherwise;
        this.words = words;
        this.repeatable = repeatable;
    }

    /** The one name, for example {@code stop-timeout}. */
    public String key() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** For example {@code DAEMON_STOP_TIMEOUT}. */
    public String variable() {
        return "DAEMON_" + name();
    }

    /** The form of its value, for the help text. */
    public String valueForm() {
        return valueForm;
    }

    /** The default, as it would be written; empty for none. */
    public String defaultValue() {
        return defaultValue;
    }

    /** What it does, in one line. */
    public String words() {
        return words;
    }

    /**
     * Whether it may be given several times. A variable separates the values by line breaks if it
     * has any, else by commas; the file has a list.
     */
    public boolean repeatable() {
        return repeatable;
    }

    public static Optional<Setting> of(String key) {
        return Arrays.stream(values()).filter(one -> one.key().equals(key)).findFirst();
    }

    public static List<String> keys() {
        return Arrays.stream(values()).map(Setting::key).toList();
    }
}
