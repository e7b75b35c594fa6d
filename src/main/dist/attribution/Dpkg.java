import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** What dpkg, where it is, knows of the files of this machine. */
final class Dpkg {
    static final boolean IS_HERE =
            Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
                    .anyMatch(folder -> Files.isExecutable(Path.of(folder, "dpkg-query")));

    /** A package of Debian or one of its kin. */
    record Package(String name, String version, String architecture, String source,
            String sourceVersion, String maintainer) {}

    private Dpkg() {}

    /** The database knows a file by its name before or after /lib became /usr/lib, and not by links. */
    static Package owner(String file) throws IOException {
        if (!IS_HERE) {
            return null;
        }
        String real = Path.of(file).toRealPath().toString();
        for (String path : List.of(file, real, "/usr" + file, real.replaceFirst("^/usr", ""))) {
            Package owner = query(path);
            if (owner != null) {
                return owner;
            }
        }
        return null;
    }

    static Package query(String path) throws IOException {
        // a diversion of the name that /lib64 had before says nothing of who has the file
        String found = run("dpkg-query", "--search", path).lines()
                .filter(line -> !line.startsWith("diversion ")).findFirst().orElse("");
        if (found.isEmpty()) {
            return null;
        }
        String name = found.replaceFirst(": /.*", "").split(",")[0];
        String[] fields = run("dpkg-query", "--show", "--showformat",
                "${Package}\t${Version}\t${Architecture}\t${source:Package}\t${source:Version}\t"
                        + "${Maintainer}", name).split("\t");
        return new Package(fields[0], fields[1], fields[2], fields[3], fields[4], fields[5]);
    }

    /** What a command prints; nothing if it fails. */
    private static String run(String... command) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD);
        builder.environment().put("LC_ALL", "C");
        Process process = builder.start();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            return process.waitFor() == 0 ? text : "";
        } catch (InterruptedException stop) {
            throw new IllegalStateException(stop);
        }
    }

    /** A field of /etc/os-release, without its quotes. */
    static String release(String field) {
        try {
            return Files.readAllLines(Path.of("/etc/os-release")).stream()
                    .filter(line -> line.startsWith(field + "=")).findFirst()
                    .map(line -> line.substring(field.length() + 1).replace("\"", "")).orElse("unknown");
        } catch (IOException none) {
            return "unknown";
        }
    }
}
