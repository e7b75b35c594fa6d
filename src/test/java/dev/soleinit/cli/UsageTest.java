package dev.soleinit.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.soleinit.config.Setting;
import dev.soleinit.config.SettingGroup;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class UsageTest {
    private static CliRunner run(String line) {
        return CliRunner.of(Map.of(), line.isEmpty() ? new String[0] : line.split(" "));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            stauts                          | did you mean 'status'?
            sotp                            | did you mean 'stop'?
            supervise --stop-timout 3 -- x  | did you mean '--stop-timeout'?
            start --state-dri /x            | did you mean '--state-dir'?
            restart --froce                 | did you mean '--force'?
            restart --saef                  | did you mean '--safe'?
            status --jsno                   | did you mean '--json'?
            wait --ready --stopped          | mutually exclusive
            wait --timeout soon             | Cannot use --timeout: 'soon' is no duration
            restart --timeout soon          | Cannot use --timeout: 'soon' is no duration
            restart --force --graceful      | drop one of them
            restart extra words             | arguments after --
            stop extra                      | Cannot understand
            signal                          | Missing required parameter
            config                          | Missing command: show or check
            config shwo                     | did you mean 'show'?
            supervise                       | Cannot supervise: no command
            """)
    void aWrongCommandLineIsRefusedWithTheNearestRightWord(String line, String words) {
        CliRunner run = run(line);
        assertEquals(ExitCodes.USAGE, run.exitCode(), run::toString);
        assertTrue(run.err().startsWith("Cannot ") && run.err().contains(words), run::toString);
        assertEquals("", run.out(), run::toString);
    }

    @ParameterizedTest
    @ValueSource(strings = {"DAEMON_RUN_DIR", "XDG_RUNTIME_DIR"})
    void aVariableWithBytesThatAreNoPathIsExplained(String variable) {
        String bytes = "/none/\udcff";
        Map<String, String> environment = Map.of(variable, bytes, "DAEMON_CONFIG", bytes);
        for (String verb : List.of("status", "stop")) {
            CliRunner run = CliRunner.of(environment, verb);
            if (variable.equals("DAEMON_RUN_DIR")) {
                assertEquals(ExitCodes.CONFIGURATION, run.exitCode(), run::toString);
                assertTrue(run.err().contains("it is no path"), run::toString);
            }
        }
        assertTrue(FastPath.status(List.of("status", "--run-dir", bytes)).isEmpty());
        assertEquals(ExitCodes.USAGE, CliRunner.of(Map.of(), "status", "--run-dir", bytes)
                .exitCode());
    }

    @Test
    void noCommandIsAUsageError() {
        CliRunner run = run("");
        assertEquals(ExitCodes.USAGE, run.exitCode());
        assertTrue(run.err().contains("Missing command"), run::toString);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "supervise", "run", "start", "stop", "restart", "status", "wait",
        "events", "signal", "config", "config show", "config check", "version", "completion"})
    void everyCommandHasHelpWithoutColours(String command) {
        CliRunner run = run((command + " --help").strip());
        assertEquals(ExitCodes.OK, run.exitCode(), run::toString);
        assertTrue(run.out().startsWith("Usage: daemon"), run::toString);
        assertEquals(-1, run.out().indexOf('\u001b'), run::toString);
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "COMMAND")
    void everySettingIsAFlagOfSuperviseWithItsWords(Setting setting) {
        String help = run("supervise --help").out();
        assertTrue(help.contains("--" + setting.key() + "="), setting.key() + " in\n" + help);
        String firstWord = setting.words().split(" ")[0];
        assertTrue(help.contains(firstWord), firstWord + " in\n" + help);
    }

    @Test
    void theVersionIsOneLine() {
        assertTrue(run("version").out().matches("soleinit \\S+\n"), run("version")::toString);
    }

    @Test
    void theCompletionScriptKnowsCommandsAndFlags() {
        String script = run("completion").out();
        assertTrue(script.contains("--stop-timeout") && script.contains("restart"), script);
        assertEquals(script, run("completion zsh").out());
    }

    @Test
    void theCompletionScriptOfFishIsCommandsOfOneLine() {
        String script = run("completion fish").out();
        assertTrue(script.contains("\ncomplete -c daemon -n '__fish_seen_subcommand_from supervise' -l "
                + "stop-timeout -r -d 'stop signal to SIGKILL (default: 8s)'\n"), script);
        assertTrue(script.contains("\ncomplete -c daemon -n '__fish_seen_subcommand_from restart' -l safe "
                + "-d "), script);
        assertTrue(script.contains("\ncomplete -c daemon -n '__fish_seen_subcommand_from config; and "
                + "__fish_seen_subcommand_from show' -l json -d "), script);
        script.lines().skip(1).forEach(line -> assertTrue(line.matches(
                "complete -c daemon( -[efr]| -[nd] '([^'\\\\]|\\\\['\\\\])+'| -[al] [a-z-]+)+"), line));
        assertEquals(ExitCodes.USAGE, run("completion tcsh").exitCode());
    }

    // ---- config

    @Test
    void configShowSaysWhereEachValueComesFrom(@TempDir Path directory) throws IOException {
        Path file = Files.writeString(directory.resolve("d.json"), "{\n\"user\": \"www\"}");
        CliRunner run = CliRunner.of(Map.of("DAEMON_STOP_TIMEOUT", "7s"), "config", "show",
                "--config", file.toString(), "--umask", "022");
        assertEquals(ExitCodes.OK, run.exitCode(), run::toString);
        assertLine("stop-timeout +7s +variable DAEMON_STOP_TIMEOUT", run);
        assertLine("user +www +" + file + " line 2", run);
        assertLine("umask +022 +flag", run);
        assertLine("restart +always +default", run);
    }

    private static void assertLine(String pattern, CliRunner run) {
        assertTrue(run.out().lines().anyMatch(line -> line.matches(pattern)), pattern + " in " + run);
    }

    @Test
    void configShowAsJsonIsOneObject() {
        CliRunner run = run("config show --json --umask 022");
        assertEquals(1, run.out().lines().count(), run::toString);
        assertTrue(run.out().contains("\"umask\":{"), run::toString);
    }

    @Test
    void configCheckSaysWhatIsWrongOnTheCommandLine() {
        CliRunner run = run("config check --stop-timeout soon");
        assertEquals(ExitCodes.USAGE, run.exitCode(), run::toString);
        assertTrue(run.err().startsWith("Cannot use stop-timeout 'soon' (flag): "), run::toString);
    }

    @Test
    void configCheckWarnsOfWhatDoesNotFit() {
        CliRunner run = run("config check --stop-timeout 11");
        assertEquals(ExitCodes.OK, run.exitCode(), run::toString);
        assertTrue(run.err().contains("warning: stop-timeout 11 does not fit"), run::toString);
        assertEquals("ok\n", run.out());
    }

    @Test
    void superviseWithAWrongFlagEndsWith2BeforeAnythingHappens() {
        CliRunner run = run("supervise --restart sometimes -- true");
        assertEquals(ExitCodes.USAGE, run.exitCode(), run::toString);
        CliRunner plain = CliRunner.plain(Map.of(), "supervise", "--restart", "sometimes",
                "--", "true");
        assertEquals(ExitCodes.USAGE, plain.exitCode(), plain::toString);
    }

    @Test
    void aWrongVariableOrFileEndsWith78(@TempDir Path directory) throws IOException {
        Path file = Files.writeString(directory.resolve("d.json"), "{\"stop-timeout\": \"soon\"}");
        for (Map<String, String> wrong : List.of(Map.of("DAEMON_STOP_TIMEOUT", "soon"),
                Map.of("DAEMON_CONFIG", file.toString()), Map.of("DAEMON_CONFIG", "/nowhere"))) {
            CliRunner run = CliRunner.of(wrong, "config", "check");
            assertEquals(ExitCodes.CONFIGURATION, run.exitCode(), run::toString);
            CliRunner plain = CliRunner.plain(wrong, "supervise", "--", "true");
            assertEquals(ExitCodes.CONFIGURATION, plain.exitCode(), plain::toString);
        }
        CliRunner flagWins = CliRunner.of(Map.of("DAEMON_STOP_TIMEOUT", "3s"), "config",
                "check", "--stop-timeout", "soon");
        assertEquals(ExitCodes.USAGE, flagWins.exitCode(), flagWins::toString);
    }

    @Test
    void theHelpShowsWhatMostPeopleNeedFirstAndTheRestUnderHeadings() {
        String help = run("supervise --help").out();
        int last = -1;
        for (SettingGroup group : SettingGroup.values()) {
            int heading = help.indexOf("\n" + group.heading() + ":");
            assertTrue(heading > last, group.heading() + " in\n" + help);
            last = heading;
            for (Setting setting : group.settings()) {
                if (setting != Setting.COMMAND) {
                    int option = help.indexOf("--" + setting.key() + "=", last);
                    assertTrue(option > last, setting.key() + " behind " + group.heading() + " in\n" + help);
                    last = option;
                }
            }
        }
        assertTrue(help.indexOf("--help") < help.indexOf(SettingGroup.MOST_USED.heading()), help);
    }
}
