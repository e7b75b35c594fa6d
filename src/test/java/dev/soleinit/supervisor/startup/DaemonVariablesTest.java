package dev.soleinit.supervisor.startup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.soleinit.config.settings.BootTasks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DaemonVariablesTest {
    @TempDir
    Path dir;

    private static DaemonVariables read(List<Path> files, Map<String, Path> secrets, List<String> patterns,
            String... environment) {
        return DaemonVariables.read(new BootTasks(List.of(), files, secrets, patterns, List.of()),
                List.of(environment));
    }

    private Map<String, String> file(String text) throws IOException {
        return read(List.of(Files.writeString(dir.resolve("env"), text)), Map.of(), List.of()).added();
    }

    private String refused(List<Path> files, Map<String, Path> secrets, List<String> patterns,
            String... environment) {
        StartupException error = assertThrows(StartupException.class,
                () -> read(files, secrets, patterns, environment));
        assertEquals(78, error.exitCode());
        return error.getMessage();
    }

    // ---- a file of variables

    @Test
    void valuesAreTakenToTheEndOfTheLineAsInDockersOwnFiles() throws IOException {
        assertEquals(Map.of("A", "1", "B", "two words # and more", "C", "", "discovery.type", "x=y", "E", "$A"),
                file("\uFEFFA=1\r\n\r\n# no\n  B =  two words # and more  \r\nC=\nexport discovery.type=x=y\nE=$A"));
    }

    @Test
    void quotesKeepBlanksAndDoubleOnesHaveEscapes() throws IOException {
        assertEquals(Map.of("A", " a ", "B", "a\\n\"", "C", "a\n\t\"$\\", "D", "it's", "E", ""),
                file("A=' a ' # a comment\nB='a\\n\"'\nC=\"a\\n\\t\\\"\\$\\\\\"\nD=\"it's\"\nE=\"\"\r\n"));
    }

    @Test
    void ofAVariableThatIsThereTwiceTheLastOneCountsAlsoOfALaterFile() throws IOException {
        assertEquals(Map.of("A", "2"), file("A=1\nA=2\n"));
        Path first = Files.writeString(dir.resolve("1"), "A=1\nB=1");
        Path later = Files.writeString(dir.resolve("2"), "A=2");
        assertEquals(Map.of("A", "2", "B", "1"), read(List.of(first, later), Map.of(), List.of()).added());
    }

    @Test
    void bytesThatAreNoTextStayWhatTheyAre() throws IOException {
        Path file = Files.write(dir.resolve("env"), new byte[] {'A', '=', (byte) 0xff, '\n'});
        assertEquals(Map.of("A", "\udcff"), read(List.of(file), Map.of(), List.of()).added());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            A           | give NAME=VALUE
            =1          | give NAME=VALUE
            A B=1       | give NAME=VALUE
            'A'=1       | give NAME=VALUE
            A='1        | a ' is not closed
            A="1        | a " is not closed
            A="1\\"      | a " is not closed
            A='1' 2     | something follows the closing '
            A="\\x"      | \\x is none of
            A=\\0       | it has a NUL
            """)
    void aWrongLineIsNamedWithFileAndLine(String line, String reason) throws IOException {
        Path file = Files.writeString(dir.resolve("env"), "A=1\n\n" + line.replace("\\0", "\0") + "\nB=2\n");
        String error = refused(List.of(file), Map.of(), List.of());
        assertTrue(error.startsWith("Cannot use " + file + " line 3 (env-file): " + reason), error);
    }

    // ---- files that hold one

    @Test
    void aSecretIsTheFilesContentWithoutTheLastLineBreakAndMayBeALink() throws IOException {
        Path file = Files.writeString(dir.resolve("..data"), " two\nlines\n\n");
        Path link = Files.createSymbolicLink(dir.resolve("link"), file);
        Path crlf = Files.writeString(dir.resolve("crlf"), "x\r\n");
        Path none = Files.writeString(dir.resolve("none"), "");
        assertEquals(Map.of("A", " two\nlines\n", "B", "x", "C", ""),
                read(List.of(), Map.of("A", link, "B", crlf, "C", none), List.of()).added());
    }

    @Test
    void aSecretWinsOverAFileOfVariables() throws IOException {
        Path file = Files.writeString(dir.resolve("env"), "A=file");
        Path secret = Files.writeString(dir.resolve("secret"), "secret");
        assertEquals(Map.of("A", "secret"), read(List.of(file), Map.of("A", secret), List.of()).added());
    }

    @Test
    void whatCannotBeAVariableIsRefusedWithSettingFileAndReason() throws IOException {
        Path missing = dir.resolve("missing");
        assertEquals("Cannot use " + missing + " (secret): there is no such file; it has to be there when "
                + "the container starts", refused(List.of(), Map.of("A", missing), List.of()));
        assertEquals("Cannot use " + dir + " (env-file): it is a directory",
                refused(List.of(dir), Map.of(), List.of()));
        assertEquals("Cannot use /dev/zero (secret): it is no regular file",
                refused(List.of(), Map.of("A", Path.of("/dev/zero")), List.of()));
        Path huge = Files.writeString(dir.resolve("huge"), "x".repeat(131_073));
        assertEquals("Cannot use " + huge + " (secret): it has more than 131072 bytes",
                refused(List.of(), Map.of("A", huge), List.of()));
        Files.writeString(huge, "x".repeat(131_072 - 2));
        assertTrue(refused(List.of(), Map.of("A", huge), List.of()).contains("the kernel takes no variable"));
        Files.writeString(huge, "x".repeat(131_072 - 3));
        assertEquals(131_069, read(List.of(), Map.of("A", huge), List.of()).added().get("A").length());
        Path nul = Files.writeString(dir.resolve("nul"), "a\0");
        assertTrue(refused(List.of(), Map.of("A", nul), List.of()).contains("it has a NUL"));
    }

    // ---- NAME_FILE

    @Test
    void variablesThatNameAFileAreReadWhereAPatternSaysSo() throws IOException {
        Path file = Files.writeString(dir.resolve("secret"), "s3cret\n");
        String[] environment = {"DB_PASSWORD_FILE=" + file, "SSL_CERT_FILE=" + file, "DB_USER=me",
            "DAEMON_PID_FILE=" + file, "_FILE=" + file, "DB_EMPTY_FILE="};
        assertEquals(new DaemonVariables(Map.of("DB_PASSWORD", "s3cret"), Set.of("DB_PASSWORD_FILE")),
                read(List.of(), Map.of(), List.of("DB_*", "OTHER"), environment));
        assertEquals(Map.of("SSL_CERT", "s3cret"),
                read(List.of(), Map.of(), List.of("SSL_CERT"), environment).added());
        assertEquals(Set.of("DB_PASSWORD_FILE", "SSL_CERT_FILE"),
                read(List.of(), Map.of(), List.of("*"), environment).removed());
    }

    @Test
    void oneThatIsSetBothWaysIsRefused() {
        assertEquals("Cannot use /x (DB_FILE): DB is set, too: give one of them",
                refused(List.of(), Map.of(), List.of("*"), "DB=1", "DB_FILE=/x"));
    }
}
