package dev.soleinit.pidns;

import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** The launcher under another program's name: a link somewhere else, as an image would have it. */
final class OtherInit implements AutoCloseable {
    private final Path dir;
    private final Path link;

    OtherInit(Path dir, String name) throws IOException {
        this.dir = dir;
        this.link = Files.createSymbolicLink(Files.createDirectories(dir.resolve("elsewhere"))
                .resolve(name), PidNamespace.HOME.resolve("bin/daemon"));
    }

    String path() {
        return link.toString();
    }

    /** Removes the link, before the test's folder is. */
    @Override
    public void close() throws IOException {
        Files.deleteIfExists(link);
    }

    /** Runs it to its end, not as PID 1. */
    PidNamespace.Finished run(Map<String, String> environment, String... words) throws IOException {
        List<String> all = new ArrayList<>(List.of(path()));
        all.addAll(Arrays.asList(words));
        return PidNamespace.command(environment, all.toArray(String[]::new));
    }

    PidNamespace.Finished run(String... words) throws IOException {
        return run(Map.of(), words);
    }

    /** The same as PID 1. */
    PidNamespace.Finished runAsPid1(Map<String, String> environment, String... words)
            throws IOException {
        return PidNamespace.command(environment, asPid1(words).toArray(String[]::new));
    }

    private List<String> asPid1(String... words) {
        List<String> all = new ArrayList<>(PidNamespace.AS_PID_1);
        all.add(path());
        all.addAll(Arrays.asList(words));
        return all;
    }

    /** A run that is under way; its process is the init's own. */
    final class Running implements AutoCloseable {
        private final Process process;

        private Running(Process process) {
            this.process = process;
        }

        long pid() {
            return process.pid();
        }

        int exitCode() {
            try {
                if (!process.waitFor(20, TimeUnit.SECONDS)) {
                    fail("expected it to end; it said:\n" + log());
                }
            } catch (InterruptedException stop) {
                throw new IllegalStateException(stop);
            }
            return process.exitValue();
        }

        Running waitForLog(String text) {
            return waitFor("'" + text + "' is said", () -> log().contains(text));
        }

        Running waitFor(String what, BooleanSupplier condition) {
            OtherInit.waitFor(what, condition, this::log);
            return this;
        }

        String log() {
            try {
                return Files.readString(dir.resolve("log"));
            } catch (IOException gone) {
                return "";
            }
        }

        @Override
        public void close() {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }

    Running start(Map<String, String> environment, String... words) throws IOException {
        List<String> all = new ArrayList<>(List.of(path()));
        all.addAll(Arrays.asList(words));
        return launch(environment, all);
    }

    /** Here the process is that of unshare, which has PID 1 as its child. */
    Running startAsPid1(Map<String, String> environment, String... words) throws IOException {
        return launch(environment, asPid1(words));
    }

    private Running launch(Map<String, String> environment, List<String> command)
            throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true)
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .redirectOutput(dir.resolve("log").toFile()).directory(dir.toFile());
        builder.environment().putAll(environment);
        return new Running(builder.start());
    }

    static void waitFor(String what, BooleanSupplier condition,
            Supplier<String> said) {
        long deadline = System.nanoTime() + 20_000_000_000L;
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                fail("expected within 20 s: " + what + "\nit said:\n" + said.get());
            }
            PidNamespace.pause(10);
        }
    }
}
