package dev.soleinit.config.loading;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.soleinit.config.settings.BootTasks.Directory;
import dev.soleinit.config.ConfigException;
import dev.soleinit.config.Configuration;
import dev.soleinit.config.Readiness;
import dev.soleinit.config.Setting;
import dev.soleinit.process.Signal;
import dev.soleinit.statemachine.settings.ExitSettings;
import dev.soleinit.statemachine.settings.LeftoverSettings;
import dev.soleinit.statemachine.settings.Policy;
import dev.soleinit.statemachine.settings.SignalSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfigurationLoaderTest {
    @TempDir
    Path directory;
    private final Map<String, List<String>> flags = new HashMap<>();
    private final Map<String, String> environment = new HashMap<>();

    private Configuration load(String... command) throws ConfigException {
        return ConfigurationLoader.load(flags, environment, List.of(command));
    }

    private String error() {
        return assertThrows(ConfigException.class, this::load).getMessage();
    }

    private Path file(String text) throws IOException {
        Path file = Files.writeString(directory.resolve("daemon.json"), text);
        environment.put("DAEMON_CONFIG", file.toString());
        return file;
    }

    // ---- where values come from

    @Test
    void withoutAnythingTheDefaultsAreTheProductsOwn() throws ConfigException {
        Configuration configuration = load("sleep", "1");
        assertEquals(Policy.defaults(), configuration.policy());
        assertEquals(List.of("sleep", "1"), configuration.daemon().command());
        assertEquals(new Readiness.None(), configuration.readiness().how());
        assertEquals(Duration.ofMillis(200), configuration.readiness().interval());
        assertEquals(Optional.of(Path.of("/dev/termination-log")),
                configuration.directories().terminationLog());
        assertEquals(List.of(), configuration.warnings());
    }

    @Test
    void flagsWinOverVariablesOverTheFileOverDefaults() throws Exception {
        Path file = file("{\n\"stop-timeout\": 1,\n\"healthy-after\": 2,\n\"backoff-max\": 3\n}");
        environment.put("DAEMON_STOP_TIMEOUT", "4s");
        environment.put("DAEMON_HEALTHY_AFTER", "5s");
        flags.put("stop-timeout", List.of("6s"));
        Configuration configuration = load();
        assertEquals(Duration.ofSeconds(6), configuration.policy().stop().timeout());
        assertEquals(Duration.ofSeconds(5), configuration.policy().exits().healthyAfter());
        assertEquals(Duration.ofSeconds(3), configuration.policy().backoff().max());
        assertEquals("flag", origin(configuration, Setting.STOP_TIMEOUT));
        assertEquals("variable DAEMON_HEALTHY_AFTER", origin(configuration, Setting.HEALTHY_AFTER));
        assertEquals(file + " line 4", origin(configuration, Setting.BACKOFF_MAX));
        assertEquals("default", origin(configuration, Setting.GIVE_UP_AFTER));
    }

    private static String origin(Configuration configuration, Setting setting) {
        return configuration.values().get(setting).origin();
    }

    @Test
    void theFlagForTheFileWinsOverTheVariable() throws Exception {
        file("{\"stop-timeout\": 1}");
        Path other = Files.writeString(directory.resolve("other.json"), "{\"stop-timeout\": 2}");
        flags.put("config", List.of(other.toString()));
        assertEquals(Duration.ofSeconds(2), load().policy().stop().timeout());
    }

    @Test
    void aFileWithoutEndIsNotReadWhole() {
        flags.put("config", List.of("/dev/zero"));
        assertTrue(assertThrows(ConfigException.class, this::load).getMessage()
                .contains("more than 1 MiB"));
        flags.put("config", List.of("/x\udcff"));
        assertTrue(assertThrows(ConfigException.class, this::load).getMessage()
                .contains("it is no path"));
    }

    @Test
    void theFileKnowsEverySetting() throws Exception {
        file("""
                {"restart": "on-failure", "backoff-initial": "500ms", "backoff-jitter": 0.5,
                 "crash-loop-after": 3, "give-up-after": 9, "container-stop-timeout": "1m",
                 "force-grace": "2s", "sweep-grace": "0", "success-exit": [143, 0],
                 "rewrite": ["TERM=QUIT", "HUP="], "forward-to": "group", "user": "www:www",
                 "umask": "027", "chdir": "/srv", "env": ["A=1", "B=x=y"], "run-dir": "/r",
                 "state-dir": "/s", "termination-log": "", "wait-for-owner": "3s",
                 "kill-mode": "group", "leftover-grace": "9s", "pid-file": ["/a.pid", "/b.pid"], "restart-exit": 0,
                 "mkdir": ["/run/a:www:www:2750", "/run/b", "/run/c:::700"],
                 "ready": "tcp [::1]:80", "ready-timeout": "1h", "ready-interval": "1s",
                 "log-level": "debug", "command": ["a", "b c"]}""");
        Configuration all = load();
        Policy settings = all.policy();
        assertEquals(ExitSettings.RestartPolicy.ON_FAILURE, settings.exits().restart());
        assertEquals(Duration.ofMillis(500), settings.backoff().initial());
        assertEquals(0.5, settings.backoff().jitter());
        assertEquals(List.of(3, 9), List.of(settings.exits().crashLoopAfter(), settings.exits().giveUpAfter()));
        assertEquals(Duration.ofMinutes(1), settings.stop().containerTimeout());
        assertEquals(Duration.ZERO, settings.stop().sweepGrace());
        assertEquals(Set.of(143, 0), settings.exits().success());
        assertEquals(Set.of(0, 75), settings.exits().restartMe());
        assertEquals(List.of(
                new Directory(Path.of("/run/a"), Optional.of("www:www"), OptionalInt.of(02750)),
                new Directory(Path.of("/run/b"), Optional.empty(), OptionalInt.empty()),
                new Directory(Path.of("/run/c"), Optional.empty(), OptionalInt.of(0700))),
                all.bootTasks().directories());
        assertEquals(Map.of(Signal.TERM, Optional.of(Signal.QUIT), Signal.HUP, Optional.empty()),
                settings.signals().rewrite());
        assertEquals(new LeftoverSettings(LeftoverSettings.KillMode.GROUP, Duration.ofSeconds(9)),
                settings.leftovers());
        assertEquals(List.of(Path.of("/a.pid"), Path.of("/b.pid")), all.daemon().pidFiles());
        assertTrue(all.warnings().contains("leftover-grace 9s does not fit inside stop-timeout 8s, "
                + "which bounds it"), all.warnings().toString());
        assertEquals(SignalSettings.ForwardTo.GROUP, settings.signals().forwardTo());
        assertEquals(Duration.ofHours(1), settings.ready().timeout());
        assertEquals(Optional.of("www:www"), all.daemon().user());
        assertEquals(OptionalInt.of(027), all.daemon().umask());
        assertEquals(Optional.of(Path.of("/srv")), all.daemon().chdir());
        assertEquals(Map.of("A", "1", "B", "x=y"), all.daemon().env());
        assertEquals(List.of(Path.of("/r"), Path.of("/s")),
                List.of(all.directories().run(), all.directories().state()));
        assertEquals(Optional.empty(), all.directories().terminationLog());
        assertEquals(Optional.of(Duration.ofSeconds(3)), all.directories().waitForOwner());
        assertEquals(new Readiness.Tcp("::1", 80), all.readiness().how());
        assertEquals(false, settings.ready().whenSpawned());
        assertEquals("debug", all.logLevel());
        assertEquals(List.of("a", "b c"), all.daemon().command());
    }

    @Test
    void theCommandLinesCommandWinsOverTheFilesOwn() throws Exception {
        file("{\"command\": [\"a\"]}");
        assertEquals(List.of("b"), load("b").daemon().command());
    }

    @Test
    void aVariableSeparatesItsValuesByCommas() throws ConfigException {
        environment.put("DAEMON_SUCCESS_EXIT", "143,,130");
        assertEquals(Set.of(143, 130), load().policy().exits().success());
    }

    @Test
    void aVariableWithLineBreaksMayHaveCommasInItsValues() throws ConfigException {
        environment.put("DAEMON_ENV", "A=1,2\nB=3\n");
        assertEquals(Map.of("A", "1,2", "B", "3"), load().daemon().env());
    }

    @Test
    void anEmptyVariableTurnsAnOptionalSettingOff() throws ConfigException {
        environment.put("DAEMON_TERMINATION_LOG", "");
        assertEquals(Optional.empty(), load().directories().terminationLog());
    }

    @Test
    void aCommandInAVariableKeepsItsCommas() throws ConfigException {
        environment.put("DAEMON_BEFORE", "echo a,b");
        assertEquals(List.of(List.of("/bin/sh", "-c", "echo a,b")), load().bootTasks().before());
        environment.put("DAEMON_BEFORE", "true\necho a,b");
        assertEquals(2, load().bootTasks().before().size());
    }

    // ---- what the file may do wrong

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {"stop-timout": 3}        | unknown key 'stop-timout'; did you mean 'stop-timeout'?
            {"colour": "red"}         | unknown key 'colour'
            {"user": true}            | 'user' must be a string or a number
            {"user": null}            | 'user' must be a string or a number
            {"user": {"a": 1}}        | 'user' must be a string or a number
            {"user": ["a"]}           | 'user' must be a string or a number
            {"env": [["A=1"]]}        | 'env' must be a string or a number, or a list of them
            {"command": "nginx"}      | 'command' must be a list of strings
            {"command": ["a\\u0000"]} | 'command' must be a string or a number
            {"user": "a", "user": 1}  | it is not valid JSON: Duplicate field 'user'
            {"user": "a"              | it is not valid JSON: Unexpected end-of-input
            {"user": "a"} {}          | it is not valid JSON: something follows the object
            ["user"]                  | it is not valid JSON: it is not an object: begin with {
            ``                        | it is not valid JSON: it is not an object: begin with {
            """)
    void aWrongFileIsNamedWithLineAndReason(String line, String reason) throws IOException {
        Path file = file("\n\n" + line);
        String expected = "Cannot read " + file + " line "
                + (reason.contains("begin with") ? 1 : 3) + ": " + reason;
        String error = error();
        assertTrue(error.startsWith(expected), "expected " + expected + ", was " + error);
    }

    @Test
    void theLineIsThatOfTheKey() throws IOException {
        Path file = file("{\n \"user\": \"a\",\n\n \"sotp-timeout\":\n\n 3}");
        assertEquals("Cannot read " + file + " line 4: unknown key 'sotp-timeout'; did you mean "
                + "'stop-timeout'?", error());
    }

    @Test
    void aNamedFileThatIsMissingIsAnError() {
        environment.put("DAEMON_CONFIG", directory + "/none.json");
        assertEquals("Cannot read " + directory + "/none.json: there is no such file; check "
                + "--config and DAEMON_CONFIG", error());
    }

    @Test
    void aDirectoryIsNoFile() {
        environment.put("DAEMON_CONFIG", directory.toString());
        assertTrue(error().startsWith("Cannot read " + directory + ": "), error());
    }

    @Test
    void bytesThatAreNoTextAreSaidToBe() throws IOException {
        Path file = file("");
        Files.write(file, new byte[] {'{', (byte) 0xff, (byte) 0xfe, '}'});
        assertEquals("Cannot read " + file + ": it is not UTF-8 text", error());
    }

    // ---- what values may be wrong

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            restart         | sometimes    | give always or on-failure or never
            forward-to      | all          | give main or group
            kill-mode       | none         | give all or group or process
            log-level       | loud         | give error or warn or info or debug
            stop-timeout    | soon         | give plain seconds, or a number with ms, s, m or h
            stop-timeout    | 0            | give at least 1ms
            stop-timeout    | -1           | give plain seconds
            stop-timeout    | 9000h        | give at least 1ms and at the most 8760h
            force-grace     | 0            | give at least 1ms
            ready-interval  | 1ms          | give at least 10ms
            backoff-jitter  | 1.5          | give a number from 0 to 1
            backoff-jitter  | -0.1         | give a number from 0 to 1
            give-up-after   | many         | give a whole number from 0 on
            crash-loop-after| 0            | give a whole number from 1 on
            success-exit    | 256          | an exit code is 0 to 255
            success-exit    | ok           | an exit code is 0 to 255
            restart-exit    | -1           | an exit code is 0 to 255
            secret          | NAME         | give NAME=FILE
            secret          | =/f          | give NAME=FILE
            secret          | NAME=        | give NAME=FILE
            mkdir           | run/a        | give PATH[:USER[:GROUP[:MODE]]] with an absolute path
            mkdir           | /            | it is no path of a directory that could be made
            mkdir           | /a:b:c:755:d | give PATH[:USER[:GROUP[:MODE]]] with an absolute path
            mkdir           | /a::www      | give the group's user, too
            mkdir           | /a:::rwx     | the mode is octal, such as 0750
            umask           | 999          | give an octal mask such as 022
            umask           | 1777         | give an octal mask such as 022
            env             | NOVALUE      | give KEY=VALUE
            env             | =x           | give KEY=VALUE
            rewrite         | TERM         | give FROM=TO such as TERM=QUIT, or FROM= to drop it
            rewrite         | TREM=QUIT    | ``
            ready           | sometime     | give none, notify, attach, 'exec COMMAND'
            ready           | htp http://x | did you mean 'http'?
            ready           | exec         | give none, notify, attach, 'exec COMMAND'
            ready           | none at all  | nothing may follow 'none'
            ready           | tcp :80      | give tcp HOST:PORT
            ready           | tcp host     | give tcp HOST:PORT
            ready           | tcp host:0   | give tcp HOST:PORT
            ready           | tcp host:70000 | give tcp HOST:PORT
            ready           | http ftp://x | give an address such as
            ready           | http ::::    | give an address such as
            run-dir         | ``           | give a directory
            """)
    void aWrongValueIsNamedWithItsOriginAndWhatWouldBeRight(String key, String value,
            String reason) {
        environment.put("DAEMON_" + key.toUpperCase().replace('-', '_'), value);
        String start = "Cannot use " + key + " '" + value + "' (variable DAEMON_"
                + key.toUpperCase().replace('-', '_') + "): ";
        String error = error();
        assertTrue(error.startsWith(start), "expected " + start + "…, was " + error);
        assertTrue(error.contains(reason) && error.length() > start.length(),
                "expected " + reason + ", was " + error);
    }

    @ParameterizedTest
    @CsvSource({"8, 8000", "500ms, 500", "10s, 10000", "5m, 300000", "1h, 3600000", "1.5s, 1500",
        "0, 0"})
    void aDurationIsPlainSecondsOrHasAUnit(String text, long millis) {
        assertEquals(Duration.ofMillis(millis), ConfigurationLoader.duration(text));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            notify              | notify
            exec test -e /x     | exec
            http http://h/path  | http
            http://h:8080/      | http
            tcp h:80            | tcp
            tcp:h:80            | tcp
            """)
    void eachKindOfReadinessCanBeSaid(String text, String kind) throws ConfigException {
        flags.put("ready", List.of(text));
        assertEquals(kind, load().readiness().how().name());
    }

    @Test
    void theCommandOfAProbeIsForTheShell() throws ConfigException {
        flags.put("ready", List.of("exec test -e /x && true"));
        assertEquals(new Readiness.Exec(List.of("/bin/sh", "-c", "test -e /x && true")),
                load().readiness().how());
    }

    // ---- what is only warned about

    @Test
    void aStopThatDoesNotFitIntoTheContainersIsSaidOnce() throws ConfigException {
        flags.put("stop-timeout", List.of("10s"));
        assertEquals(List.of("stop-timeout 10s does not fit inside container-stop-timeout 10s: "
                + "the container would be killed first"), load().warnings());
    }

    @Test
    void safeRestartsOfWhatNobodyKnowsAreSaidAtBoot() throws ConfigException {
        flags.put("on-change", List.of("safe-restart"));
        assertEquals(List.of(), load().warnings(), "nothing is watched");
        flags.put("watch", List.of("/x"));
        assertTrue(load().warnings().getFirst().startsWith("on-change safe-restart: a daemon that "
                + "does not attach"), load().warnings().toString());
        flags.put("ready", List.of("attach"));
        assertEquals(List.of(), load().warnings(), "it will attach");
        flags.put("ready", List.of("none"));
        flags.put("preflight-command", List.of("true"));
        assertEquals(List.of(), load().warnings());
    }

    @Test
    void anUnknownVariableIsLeftToTheDaemonWithAWord() throws ConfigException {
        environment.put("DAEMON_STOP_TIMOUT", "3");
        environment.put("DAEMON_COLOUR_SCHEME_OF_MINE", "red");
        assertEquals(Set.of("variable DAEMON_STOP_TIMOUT is no setting of the supervisor; did you "
                + "mean 'DAEMON_STOP_TIMEOUT'?; it is passed on to the daemon",
                "variable DAEMON_COLOUR_SCHEME_OF_MINE is no setting of the supervisor; it is "
                + "passed on to the daemon"), Set.copyOf(load().warnings()));
    }

    @Test
    void ourOtherVariablesAreNoSettingsAndNoNews() throws ConfigException {
        environment.putAll(Map.of("DAEMON_SUPERVISOR", "container", "DAEMON_GENERATION", "3"));
        assertEquals(List.of(), load().warnings());
    }

    // ---- where a supervisor is found

    @Test
    void aBrokenFileDoesNotHideWhereTheSupervisorIs() throws IOException {
        file("{\"run-dir\": \"/other\"");
        environment.put("DAEMON_RUN_DIR", "/there");
        assertEquals(Path.of("/there"), ConfigurationLoader.runDir(environment));
        environment.remove("DAEMON_RUN_DIR");
        assertEquals(Path.of(DefaultDirectories.defaultRun(environment)), ConfigurationLoader.runDir(environment));
    }

    @Test
    void theFileSaysWhereTheSupervisorIs() throws IOException {
        file("{\"run-dir\": \"/other\"}");
        assertEquals(Path.of("/other"), ConfigurationLoader.runDir(environment));
    }

    @Test
    void aLastGoodFileHasToBeWatchedAndToBeReachedBeforeItGivesUp() throws ConfigException {
        String error = assertThrows(ConfigException.class, () -> ConfigurationLoader.load(
                Map.of("last-good", List.of("/etc/a/b.conf"), "watch", List.of("/etc/ab")), Map.of(),
                List.of("/bin/true"))).getMessage();
        assertTrue(error.contains("it is not watched; give --watch /etc/a/b.conf"), error);
        List<String> warnings = ConfigurationLoader.load(Map.of("last-good", List.of("/etc/a/b.conf"),
                "watch", List.of("/etc/a"), "give-up-after", List.of("3")), Map.of(),
                List.of("/bin/true")).warnings();
        assertTrue(warnings.toString().contains("last-good-after 3 is never reached"),
                warnings.toString());
    }
}
