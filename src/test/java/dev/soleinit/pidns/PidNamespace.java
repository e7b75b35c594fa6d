package dev.soleinit.pidns;

import static org.junit.jupiter.api.Assertions.fail;

import dev.soleinit.control.client.ControlClient;
import dev.soleinit.control.client.RpcException;
import dev.soleinit.json.Json;
import dev.soleinit.json.JsonException;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.stream.Stream;
import jnr.constants.platform.Errno;
import jnr.constants.platform.Signal;
import jnr.posix.POSIX;
import jnr.posix.POSIXFactory;

/**
 * One supervisor under test. {@code --kill-child} makes the kernel end the whole namespace with
 * the test; what a test prints on failure can be run by hand.
 */
final class PidNamespace implements AutoCloseable {
    static final Path HOME = Path.of(System.getProperty("soleinit.home", "target/soleinit"))
            .toAbsolutePath();
    /** The reference daemon's folder, which the top-level build makes. */
    static final Path NODE = Path.of("examples/jetty/target/node").toAbsolutePath();
    static final List<String> AS_PID_1 = List.of("unshare", "--pid", "--fork", "--mount-proc",
            "--kill-child");
    private static final POSIX KERNEL = POSIXFactory.getPOSIX();
    private static final Duration TIMEOUT = Duration.ofSeconds(60);

    private final Path dir;
    private final List<String> command;
    private final Process process;

    private PidNamespace(Path dir, List<String> command, Map<String, String> environment)
            throws IOException {
        this.dir = dir;
        this.command = command;
        ProcessBuilder builder = new ProcessBuilder(command).directory(dir.toFile())
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(dir.resolve("log").toFile()));
        builder.environment().putAll(environment);
        this.process = builder.start();
    }

    /** Options for the supervisor, then {@code --}, then the command. */
    static PidNamespace start(Path dir, String... words) throws IOException {
        return launch(dir, AS_PID_1, Map.of(), words);
    }

    /** The same behind another launcher than {@code unshare}: as a subreaper, or as somebody. */
    static PidNamespace launch(Path dir, List<String> launcher, Map<String, String> environment,
            String... words) throws IOException {
        return launch(HOME, dir, launcher, environment, words);
    }

    /** {@code daemon dev} as PID 1. */
    static PidNamespace dev(Path dir, String... words) throws IOException {
        List<String> command = new ArrayList<>(AS_PID_1);
        command.addAll(List.of(HOME.resolve("bin/daemon").toString(), "dev",
                "--run-dir", dir.resolve("run").toString(),
                "--state-dir", dir.resolve("state").toString()));
        command.addAll(Arrays.asList(words));
        return new PidNamespace(dir, command, Map.of());
    }

    /** The same of another folder than the built one. */
    static PidNamespace launch(Path home, Path dir, List<String> launcher,
            Map<String, String> environment, String... words) throws IOException {
        List<String> command = new ArrayList<>(launcher);
        command.addAll(List.of(home.resolve("bin/entrypoint").toString(),
                "--run-dir", dir.resolve("run").toString(),
                "--state-dir", dir.resolve("state").toString()));
        command.addAll(Arrays.asList(words));
        return new PidNamespace(dir, command, environment);
    }

    /** A daemon in bash, as a script in the test's folder. */
    static String script(Path dir, String... lines) throws IOException {
        Path file = dir.resolve("daemon-" + Integer.toHexString(Arrays.hashCode(lines)) + ".sh");
        Files.writeString(file, "#!/bin/bash\n" + String.join("\n", lines) + "\n");
        file.toFile().setReadable(true, false);
        file.toFile().setExecutable(true, false);
        return file.toString();
    }

    /** Says how it is called and what it is told, then sleeps until TERM. */
    static String obedient(Path dir) throws IOException {
        return script(dir, "trap 'exit 0' TERM", "echo up $DAEMON_GENERATION",
                "while :; do sleep 0.05; done");
    }

    /** What is answered over HTTP on that port, or why nothing is. */
    static String get(int port, String path) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream().write(("GET " + path + " HTTP/1.0\r\n\r\n").getBytes());
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException nobody) {
            return nobody.toString();
        }
    }

    /** Not of the range for clients, of whom one might get it meanwhile, or connect to itself. */
    static int freePort() throws IOException {
        int first = 20_000 + ThreadLocalRandom.current().nextInt(10_000);
        for (int port = first; ; port++) {
            try (ServerSocket _ = new ServerSocket(port)) {
                return port;
            } catch (BindException taken) {
                // the next one
            }
        }
    }

    /** The whole distribution again, as the folder {@code copy} in a test's folder. */
    static Path copyOfHome(Path dir) throws IOException {
        Path copy = dir.resolve("copy");
        Finished copied = command(Map.of(), "cp", "-a", HOME.toString(), copy.toString());
        if (copied.code() != 0) {
            throw new IOException(copied.output());
        }
        return copy;
    }

    // ---- looking

    /** PID 1 as seen from outside. */
    long pid1() {
        return waitFor("PID 1 exists", () -> process.descendants().findFirst().isPresent())
                .process.children().findFirst().map(ProcessHandle::pid).orElseThrow();
    }

    Process process() {
        return process;
    }

    Path run(String name) {
        return dir.resolve("run").resolve(name);
    }

    Path state(String name) {
        return dir.resolve("state").resolve(name);
    }

    String log() {
        try {
            return Files.exists(dir.resolve("log")) ? Files.readString(dir.resolve("log")) : "";
        } catch (IOException gone) {
            return "";
        }
    }

    Map<String, Object> call(String method, Map<String, Object> params)
            throws IOException, RpcException {
        try (ControlClient client = ControlClient.connect(run("control.sock"))) {
            return client.call(method, params);
        }
    }

    Map<String, Object> status() {
        try {
            return call("status", Map.of());
        } catch (IOException | RpcException nobody) {
            return new HashMap<>(Map.of("state", "unreachable: " + nobody.getMessage()));
        }
    }

    PidNamespace waitFor(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + TIMEOUT.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                fail("expected within " + TIMEOUT.toSeconds() + " s: " + what + "\nstatus: "
                        + status() + "\nlog:\n" + log() + "\nreplay: cd " + dir + " && "
                        + String.join(" ", command));
            }
            pause(10);
        }
        return this;
    }

    Map<String, Object> waitForStatus(String what, Predicate<Map<String, Object>> condition) {
        waitFor(what, () -> condition.test(status()));
        return status();
    }

    PidNamespace waitForState(String state) {
        return waitFor("state " + state, () -> state.equals(status().get("state")));
    }

    PidNamespace waitForLog(String text) {
        return waitFor("log has '" + text + "'", () -> log().contains(text));
    }

    /** Written beside the loop: what has been answered may not be in it yet. */
    PidNamespace waitForJournal(String... texts) {
        return waitFor("the journal has " + List.of(texts), () -> {
            try {
                String journal = Files.readString(state("events.jsonl"));
                return List.of(texts).stream().allMatch(journal::contains);
            } catch (IOException notYet) {
                return false;
            }
        });
    }

    static void pause(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException stop) {
            throw new IllegalStateException(stop);
        }
    }

    // ---- doing

    /** Sends a signal to PID 1 from outside, as an engine does. */
    void signal(String name) throws IOException {
        kill(name, pid1());
    }

    /** By name or number, as kill(1), but by the very call: no process comes and goes for it. */
    static void kill(String signal, long pid) throws IOException {
        int number = signal.matches("[0-9]+") ? Integer.parseInt(signal)
                : Signal.valueOf("SIG" + signal).intValue();
        if (KERNEL.kill(Math.toIntExact(pid), number) != 0) {
            throw new IOException("kill -" + signal + " " + pid + ": "
                    + Errno.valueOf(KERNEL.errno()).description());
        }
    }

    /** Runs the CLI against this supervisor. */
    Finished daemon(Map<String, String> environment, String... words) throws IOException {
        List<String> all = new ArrayList<>(List.of(HOME.resolve("bin/daemon").toString()));
        all.addAll(Arrays.asList(words));
        Map<String, String> complete = new HashMap<>(environment);
        complete.put("DAEMON_RUN_DIR", dir.resolve("run").toString());
        complete.put("DAEMON_STATE_DIR", dir.resolve("state").toString());
        return command(complete, all.toArray(String[]::new));
    }

    /** Runs a program inside the namespace, as {@code docker exec} does. */
    Finished inside(Map<String, String> environment, String... words) throws IOException {
        List<String> all = new ArrayList<>(List.of("nsenter", "--target", Long.toString(pid1()),
                "--pid", "--mount", "--"));
        all.addAll(Arrays.asList(words));
        Map<String, String> complete = new HashMap<>(environment);
        complete.putIfAbsent("DAEMON_RUN_DIR", dir.resolve("run").toString());
        return command(complete, all.toArray(String[]::new));
    }

    /** The health check, inside. */
    Finished health() throws IOException {
        return inside(Map.of(), HOME.resolve("bin/daemon").toString(), "status", "--ready");
    }

    /** The same with {@code --json}: the request with its outcome. */
    Map<String, Object> daemonJson(String... words) throws IOException {
        List<String> all = new ArrayList<>(Arrays.asList(words));
        all.add("--json");
        List<String> lines = daemon(Map.of(), all.toArray(String[]::new)).output().lines().toList();
        try {
            Map<String, Object> answer = new HashMap<>();
            ((Map<?, ?>) Json.parse(lines.get(0))).forEach((key, value) ->
                    answer.put(key.toString(), value));
            answer.put("outcome", Json.parse(lines.get(1)));
            return answer;
        } catch (JsonException broken) {
            throw new IOException(String.join("\n", lines), broken);
        }
    }

    /** How a program ended and what it printed. */
    record Finished(int code, String output) {}

    static Finished command(Map<String, String> environment, String... words) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(words).redirectErrorStream(true);
        builder.environment().putAll(environment);
        Process started = builder.start();
        started.getOutputStream().close();
        String output = new String(started.getInputStream().readAllBytes());
        try {
            return new Finished(started.waitFor(), output);
        } catch (InterruptedException stop) {
            throw new IOException(stop);
        }
    }

    /** The exit code of PID 1. */
    int exitCode() {
        try {
            if (!process.waitFor(TIMEOUT.toSeconds(), TimeUnit.SECONDS)) {
                fail("expected PID 1 to end; status: " + status() + "\nlog:\n" + log());
            }
        } catch (InterruptedException stop) {
            throw new IllegalStateException(stop);
        }
        return process.exitValue();
    }

    /** The daemon's process id as seen from outside. */
    long daemonPid() {
        long inside = ((Number) status().get("pid")).longValue();
        return inNamespace(inside);
    }

    /** Translates a process id of the namespace with field NSpid of /proc/PID/status. */
    long inNamespace(long inside) {
        try (Stream<ProcessHandle> all = process.descendants()) {
            return all.map(ProcessHandle::pid)
                    .filter(pid -> nsPid(pid).endsWith("\t" + inside)).findFirst().orElse(0L);
        }
    }

    private static String nsPid(long pid) {
        return proc(pid, "status").lines().filter(line -> line.startsWith("NSpid:")).findFirst()
                .orElse("");
    }

    static String proc(long pid, String file) {
        try {
            return Files.readString(Path.of("/proc", Long.toString(pid), file));
        } catch (IOException gone) {
            return "";
        }
    }

    @Override
    public void close() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        try {
            process.waitFor(5, TimeUnit.SECONDS);
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
    }
}
