package dev.soleinit.config.loading;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.soleinit.config.ConfigException;
import dev.soleinit.config.Configuration;
import dev.soleinit.config.Configuration.Value;
import dev.soleinit.config.Readiness;
import dev.soleinit.config.Setting;
import dev.soleinit.process.Signal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class PresetsTest {
    @TempDir
    Path directory;
    private final Map<String, List<String>> flags = new HashMap<>();
    private final Map<String, String> environment = new HashMap<>();

    private Configuration load(String... command) throws ConfigException {
        return ConfigurationLoader.load(flags, environment, List.of(command));
    }

    private Value value(Configuration configuration, Setting setting) {
        return configuration.values().get(setting);
    }

    private static List<Preset> all() {
        return Presets.all();
    }

    @ParameterizedTest
    @MethodSource("all")
    void eachPresetCanBeUsedAndWarnsOfNothingButItsTimeToStop(Preset preset) throws ConfigException {
        flags.put("preset", List.of(preset.name()));
        Configuration loaded = load(preset.command().split(" "));
        preset.parts().stream().filter(part -> !part.ifListening()).forEach(part ->
                assertEquals("preset " + preset.name(), value(loaded, part.setting()).origin()));
        assertTrue(loaded.warnings().stream().allMatch(line -> line.startsWith("stop-timeout 30s")),
                loaded.warnings().toString());
        assertFalse(preset.title().isBlank() || preset.programs().isEmpty() || preset.parts().isEmpty()
                || preset.parts().stream().anyMatch(part -> part.why().isBlank()), preset.name());
    }

    @Test
    void theSpecificationsPresetsAreThere() {
        assertEquals(List.of("nginx", "apache2", "haproxy", "postgres", "mariadb", "redis", "rabbitmq",
                "squid", "unbound", "uwsgi", "gunicorn", "varnish", "caddy", "etcd", "sshd",
                "prometheus", "tomcat", "spring", "openclaw", "node"),
                Presets.all().stream().map(Preset::name).toList());
    }

    // ---- rank

    @Test
    void aPresetWinsOverDefaultsAloneAndFlagVariableAndFileWinOverIt() throws Exception {
        environment.put("DAEMON_CONFIG", Files.writeString(directory.resolve("daemon.json"), """
                {"preset": "openclaw", "reload-signal": "USR1"}""").toString());
        environment.put("DAEMON_READY", "none");
        flags.put("stop-timeout", List.of("5s"));
        Configuration loaded = load("openclaw");
        assertEquals(Duration.ofSeconds(5), loaded.policy().stop().timeout());
        assertEquals(new Readiness.None(), loaded.readiness().how());
        assertEquals(Signal.USR1, loaded.policy().reload().signal());
        assertTrue(loaded.policy().exits().restartMe().contains(0));
        assertEquals("preset openclaw", value(loaded, Setting.RESTART_EXIT).origin());
        assertEquals("flag", value(loaded, Setting.STOP_TIMEOUT).origin());
        assertEquals("variable DAEMON_READY", value(loaded, Setting.READY).origin());
        assertTrue(value(loaded, Setting.RELOAD_SIGNAL).origin().endsWith("daemon.json line 1"));
    }

    @Test
    void theNameComesFromFlagVariableOrFile() throws Exception {
        environment.put("DAEMON_PRESET", "nginx");
        assertEquals("preset nginx", value(load("nginx"), Setting.REWRITE).origin());
        flags.put("preset", List.of("haproxy"));
        assertEquals(List.of("TERM=USR1"), value(load("haproxy"), Setting.REWRITE).texts());
    }

    @Test
    void aFlagsRewriteOfTheSameSignalWinsAndOneOfAnotherIsAdded() throws ConfigException {
        flags.put("preset", List.of("nginx"));
        flags.put("rewrite", List.of("SIGTERM=INT"));
        Configuration same = load("nginx");
        assertEquals(Map.of(Signal.TERM, Optional.of(Signal.INT)), same.policy().signals().rewrite());
        assertEquals(new Value(List.of("SIGTERM=INT"), "flag, preset nginx"), value(same, Setting.REWRITE));
        flags.put("rewrite", List.of("HUP="));
        assertEquals(new Value(List.of("TERM=QUIT", "HUP="), "flag, preset nginx"),
                value(load("nginx"), Setting.REWRITE));
    }

    @Test
    void variablesAddUpAndWhatTheDaemonHasAnywayStays() throws ConfigException {
        flags.put("preset", List.of("apache2"));
        flags.put("env", List.of("APACHE_RUN_USER=web", "OWN=1"));
        environment.put("APACHE_LOG_DIR", "/logs");
        Map<String, String> env = load("apache2").daemon().env();
        assertEquals("web", env.get("APACHE_RUN_USER"));
        assertEquals("1", env.get("OWN"));
        assertEquals("/run/apache2", env.get("APACHE_RUN_DIR"));
        assertFalse(env.containsKey("APACHE_LOG_DIR"), "it is inherited: " + env);
    }

    @Test
    void whatIsRepeatableAndGivenEmptyTurnsThePresetsOff() throws ConfigException {
        environment.put("DAEMON_SUCCESS_EXIT", "");
        flags.put("preset", List.of("tomcat"));
        assertEquals(List.of(), value(load("catalina.sh"), Setting.SUCCESS_EXIT).texts());
    }

    // ---- what depends on the command and the sockets

    @Test
    void theCheckIsTheDaemonsOwnCommandLine() throws ConfigException {
        flags.put("preset", List.of("nginx"));
        assertEquals("'/usr/sbin/nginx' '-c' '/it'\\''s' -t",
                load("/usr/sbin/nginx", "-c", "/it's").changes().check().getLast());
        assertEquals("'/docker-entrypoint.sh' 'nginx' -t",
                load("/docker-entrypoint.sh", "nginx").changes().check().getLast());
        assertEquals("nginx -g 'daemon off;' -t", load("sh", "-c", "nginx").changes().check().getLast());
    }

    @Test
    void nginxIsToldOfKeptSocketsIfThereAreSome() throws ConfigException {
        flags.put("preset", List.of("nginx"));
        assertEquals(Map.of(), load("nginx").daemon().env());
        flags.put("listen", List.of("tcp:0.0.0.0:8080", "tcp:0.0.0.0:8443"));
        assertEquals(Map.of("NGINX", "3;4;"), load("nginx").daemon().env());
    }

    // ---- mistakes

    @Test
    void anUnknownNameIsAnErrorWithTheNearest() {
        environment.put("DAEMON_PRESET", "ngnix");
        assertEquals("Cannot use preset 'ngnix' (variable DAEMON_PRESET): there is none of this name; "
                + "did you mean 'nginx'?; 'daemon presets' lists them",
                assertThrows(ConfigException.class, () -> load("nginx")).getMessage());
    }

    @ParameterizedTest
    @CsvSource({"nginx, nginx", "/usr/sbin/apache2, apache2", "httpd, apache2", "haproxy, haproxy",
        "/usr/lib/postgresql/17/bin/postgres, postgres", "uwsgi, uwsgi", "squid, squid"})
    void aCommandThatIsStoppedHardWithoutItsPresetIsWarnedAbout(String command, String preset)
            throws ConfigException {
        List<String> warnings = load(command).warnings();
        assertEquals(1, warnings.size(), warnings.toString());
        assertTrue(warnings.getFirst().contains("; give --preset " + preset + ","), warnings.getFirst());
        assertEquals(1, load("docker-entrypoint.sh", command).warnings().size());
        flags.put("rewrite", List.of("HUP=USR1"));
        assertEquals(1, load(command).warnings().size());
        flags.put("rewrite", List.of("15=TERM"));
        assertEquals(List.of(), load(command).warnings());
        flags.remove("rewrite");
        flags.put("stop-command", List.of("true"));
        assertEquals(List.of(), load(command).warnings());
        flags.remove("stop-command");
        flags.put("preset", List.of(preset));
        assertEquals(List.of(), load(command).warnings());
    }

    @Test
    void othersAreNotWarnedAbout() throws IOException, ConfigException {
        assertEquals(List.of(), load("/opt/nginx/server").warnings());
        assertEquals(List.of(), load("uwsgi", "--die-on-term").warnings());
        assertEquals(List.of(), load().warnings());
    }
}
