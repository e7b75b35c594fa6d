package dev.soleinit.config.loading;

import dev.soleinit.config.CompatMode;
import dev.soleinit.config.Configuration.Value;
import dev.soleinit.config.Setting;
import dev.soleinit.process.Signal;
import java.util.List;
import java.util.Map;

/**
 * Recognizes daemons by the base name of their command. Those that the usual stop signal stops hard are
 * listed here and not with the presets, which are in a file that is not read without need. Stateless.
 */
final class DaemonPrograms {
    /** What official images put in front of their daemon, which it becomes. */
    private static final String IN_FRONT = "docker-entrypoint.sh";

    private DaemonPrograms() {}

    /** Whether the command is one of these. */
    static boolean isOneOf(Map<Setting, Value> values, List<String> programs) {
        return programs.contains(program(values.get(Setting.COMMAND).texts()));
    }

    /** The base name of what the command runs, empty for none. */
    private static String program(List<String> command) {
        String first = command.isEmpty() ? "" : baseName(command.getFirst());
        return first.equals(IN_FRONT) && command.size() > 1 ? baseName(command.get(1)) : first;
    }

    private static String baseName(String path) {
        return path.substring(path.lastIndexOf('/') + 1);
    }

    /**
     * One line if the daemon would be stopped hard, and nobody has decided about that. What stands in
     * for another init does as that did.
     */
    static List<String> warnings(Map<Setting, Value> values) {
        String program = program(values.get(Setting.COMMAND).texts());
        String preset = preset(program);
        if (preset.isEmpty() || CompatMode.current().isPresent() || isDecided(values)) {
            return List.of();
        }
        return List.of(program + " " + consequence(preset) + "; give --preset " + preset
                + ", or --rewrite TERM=SIGNAL (TERM=TERM if that is meant)");
    }

    private static boolean isDecided(Map<Setting, Value> values) {
        for (String rewrite : values.get(Setting.REWRITE).texts()) {
            if (isOfTerm(rewrite)) {
                return true;
            }
        }
        return !values.get(Setting.PRESET).texts().isEmpty()
                || !values.get(Setting.STOP_COMMAND).texts().isEmpty()
                || values.get(Setting.COMMAND).texts().contains("--die-on-term");
    }

    private static boolean isOfTerm(String rewrite) {
        return signal(rewrite.substring(0, Math.max(0, rewrite.indexOf('='))))
                .equals(Signal.TERM.toString());
    }

    /** One name for each signal, however it is written. */
    static String signal(String text) {
        try {
            return Signal.parse(text).toString();
        } catch (IllegalArgumentException unknown) {
            return text;
        }
    }

    /** The preset of a daemon that TERM stops hard. */
    private static String preset(String program) {
        return switch (program) {
            case "nginx", "haproxy", "postgres", "uwsgi", "squid" -> program;
            case "apache2", "httpd" -> "apache2";
            default -> "";
        };
    }

    private static String consequence(String preset) {
        return switch (preset) {
            case "postgres" -> "waits for its clients at TERM, and is killed if they stay";
            case "uwsgi" -> "begins anew at TERM, and is then killed";
            case "squid" -> "waits 30 s at TERM, and is killed before";
            default -> "cuts its connections at TERM";
        };
    }
}
