package dev.soleinit.clients;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The clients of all languages keep the protocol; each scenario fails for a client that does not. Each
 * has a supervisor of its own and waits for it most of the time, so some run side by side.
 */
@Execution(ExecutionMode.CONCURRENT)
class ConformanceIT {
    private static final Path SUITE = Path.of("clients/conformance").toAbsolutePath();

    @TempDir
    Path dir;

    private record Ended(int code, String text) {}

    private Ended run(Path in, List<String> command) throws IOException, InterruptedException {
        Path log = dir.resolve("log");
        Process process = new ProcessBuilder(command).directory(in.toFile()).redirectErrorStream(true)
                .redirectOutput(log.toFile()).start();
        if (!process.waitFor(5, TimeUnit.MINUTES)) {
            process.destroyForcibly();
        }
        return new Ended(process.waitFor(), Files.readString(log));
    }

    private Ended conformance(List<String> options, String... daemon) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("python3", SUITE.resolve("conformance.py").toString()));
        command.addAll(options);
        command.add("--");
        command.addAll(List.of(daemon));
        return run(SUITE, command);
    }

    private void passes(String... daemon) throws IOException, InterruptedException {
        Ended ended = conformance(List.of(), daemon);
        assertEquals(0, ended.code(), ended.text());
        assertTrue(ended.text().contains("30 of 30 kept"), ended.text());
    }

    @Test
    void theJavaLibrary() throws Exception {
        List<String> copies = new ArrayList<>();
        for (Path jar : Files.list(Path.of("examples/jetty/target/node/lib"))
                .filter(one -> one.toString().matches(".*(lifecycle|slf4j)-.*\\.jar")).toList()) {
            copies.add(Files.copy(jar, dir.resolve(jar.getFileName())).toString());
        }
        String jars = String.join(":", copies);
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        Ended built = run(SUITE, List.of(java + "c", "-cp", jars, "-d", dir.toString(), "Daemon.java"));
        assertEquals(0, built.code(), built.text());
        dir.toFile().setExecutable(true, false);
        dir.toFile().setReadable(true, false);
        passes(java, "-Xmx128m", "--add-opens", "java.base/sun.nio.ch=ALL-UNNAMED", "-cp",
                jars + ":" + dir, "Daemon");
    }

    @Test
    void thePythonClient() throws Exception {
        passes("python3", SUITE.resolve("daemon.py").toString());
        Path tests = Path.of("clients/python").toAbsolutePath();
        Ended ended = run(tests, List.of("python3", "-m", "unittest", "discover", "-s", "tests"));
        assertEquals(0, ended.code(), ended.text());
    }

    @Test
    void theNodeClient() throws Exception {
        Assumptions.assumeTrue(run(SUITE, List.of("sh", "-c", "command -v node")).code() == 0,
                "no Node.js; smoke-tests/18-clients.sh runs this in an image that has one");
        passes("node", SUITE.resolve("daemon.mjs").toString());
        Ended ended = run(Path.of("clients/node").toAbsolutePath(), List.of("node", "--test"));
        assertEquals(0, ended.code(), ended.text());
    }

    /** The negative controls. */
    @ParameterizedTest
    @CsvSource({"begin, work-is-told", "end, work-is-told", "ready, attach", "failed, failed", "drained, drain",
        "fence, fence", "drain, drain", "unfence, fence", "reload, reload", "stopping, stopping",
        "confirm, resume", "answer, fence", "early, drain", "refusal, token-of-yesterday",
        "refusal, another-protocol", "report, reconnect", "version, attach", "checkpoint, work-is-told",
        "ids, ids", "state, state", "fork, forked-child", "overlap, overlap", "resume, resume-later"})
    void aBrokenClientFails(String what, String scenario) throws Exception {
        Ended ended = conformance(List.of("--only", scenario), "python3",
                SUITE.resolve("broken.py").toString(), what);
        assertEquals(1, ended.code(), ended.text());
        assertTrue(ended.text().contains("not ok  " + scenario + ": "), ended.text());
    }
}
