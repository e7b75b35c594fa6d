package dev.soleinit.config.loading;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.soleinit.config.ConfigException;
import dev.soleinit.process.ListenAddress;
import dev.soleinit.process.ListenAddress.Place;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ListenParserTest {
    @Test
    void anAddressAndItsOptionsAreRead() throws Exception {
        assertEquals(new ListenAddress("tcp:127.0.0.1:8080", "http", 16, new Place.Port(
                        InetAddress.getByName("127.0.0.1"), 8080)),
                ListenParser.read(" tcp:127.0.0.1:8080  name=http backlog=16 "));
        assertEquals(new ListenAddress("tcp:80", "tcp-80", 4096, new Place.Port(
                InetAddress.getByName("0.0.0.0"), 80)), ListenParser.read("tcp:80"));
        assertEquals(new ListenAddress("tcp6:[::1]:80", "tcp6-80", 4096, new Place.Port(
                InetAddress.getByName("::1"), 80)), ListenParser.read("tcp6:[::1]:80"));
        assertEquals(new ListenAddress("tcp6:0", "tcp6-0", 4096, new Place.Port(
                InetAddress.getByName("::"), 0)), ListenParser.read("tcp6:0"));
        assertEquals(new ListenAddress("unix:/run/a:b.sock", "a-b.sock", 4096, new Place.File(
                        Path.of("/run/a:b.sock"), 0660, Optional.of("www-data:adm"))),
                ListenParser.read("unix:/run/a:b.sock mode=0660 owner=www-data:adm"));
        assertEquals(0666, ((Place.File) ListenParser.read("unix:/x").place()).mode());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', value = {
        "udp:1.2.3.4:5 | give tcp:HOST:PORT", "8080 | give tcp:HOST:PORT", "tcp: | a port is", "tcp:1.2.3.4: | a port is", "tcp:1.2.3.4:65536 | a port is",
        "tcp:localhost:80 | is no IPv4 address in numbers", "tcp:1.2.3:80 | is no IPv4",
        "tcp:1.2.3.256:80 | is no IPv4", "tcp:[::1]:80 | is no IPv4", "tcp6:::1:80 | is no IPv6",
        "tcp6:[1.2.3]:80 | is no IPv6", "unix:run/x | begins with a slash", "unix: | begins with a slash",
        "unix:/ | begins with a slash", "unix:/x mode=888 | octal mode", "unix:/x mode=4755 | octal mode",
        "unix:/x mode | is not understood", "tcp:80 mode=0600 | 'mode=' is not known here",
        "tcp:80 name=a:b | without a colon", "tcp:80 name= | without a colon",
        "tcp:80 name=a name=b | given twice", "tcp:80 backlog=0 | give 1 to", "tcp:80 foo=1 | not known here"})
    void whatIsNoAddressIsExplained(String text, String why) {
        String message = assertThrows(IllegalArgumentException.class,
                () -> ListenParser.read(text)).getMessage();
        assertTrue(message.contains(why), message);
    }

    @Test
    void theErrorNamesSettingValueAndOrigin() {
        String message = assertThrows(ConfigException.class, () -> ConfigurationLoader.load(Map.of("listen",
                List.of("tcp:80", "tcp:127.0.0.1:80")), Map.of(), List.of("x"))).getMessage();
        assertTrue(message.contains("listen") && message.contains("two are named 'tcp-80'")
                && message.contains("flag"), message);
    }

    @Test
    void connectingToAKeptSocketProvesNothingAndTheConfigurationSaysSo() throws ConfigException {
        Map<String, List<String>> flags = Map.of("listen", List.of("tcp:0.0.0.0:8080"));
        assertEquals(List.of(), ConfigurationLoader.load(flags, Map.of("DAEMON_READY", "tcp 127.0.0.1:8081"),
                List.of("x")).warnings());
        for (String variable : List.of("DAEMON_READY", "DAEMON_LIVE")) {
            List<String> warnings = ConfigurationLoader.load(flags, Map.of(variable, "tcp 127.0.0.1:8080"),
                    List.of("x")).warnings();
            assertTrue(warnings.size() == 1 && warnings.getFirst().contains("--listen keeps it"),
                    warnings.toString());
        }
    }

    @Test
    void aVariableHoldsSeveralSeparatedByCommas() throws ConfigException {
        assertEquals(List.of("a", "tcp-81"), ConfigurationLoader.load(Map.of(), Map.of("DAEMON_LISTEN",
                "tcp:80 name=a,tcp:81"), List.of("x")).descriptors().listen().stream()
                .map(ListenAddress::name).toList());
    }
}
