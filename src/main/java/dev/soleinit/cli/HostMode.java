package dev.soleinit.cli;

import dev.soleinit.config.Configuration;
import dev.soleinit.control.ControlClient;
import dev.soleinit.control.NoSupervisorException;
import dev.soleinit.os.Os;
import dev.soleinit.os.Os.SpawnRequest;
import dev.soleinit.os.Os.SpawnResult;
import dev.soleinit.os.PosixOs;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Starts a detached supervisor on a host that has none, and waits until it answers. Of many that
 * do so at once the kernel lock lets one supervisor live; the others find that one and use it.
 */
final class HostMode {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final Duration LOOK_AGAIN = Duration.ofMillis(50);
    private static final int LAST_LINES = 10;

    private final Configuration configuration;
    private final List<String> arguments;

    HostMode(Configuration configuration, List<String> commandLine) {
        this.configuration = configuration;
        this.arguments = forSupervise(commandLine);
    }

    /** The same settings, for another verb. */
    private static List<String> forSupervise(List<String> commandLine) {
        List<String> arguments = new ArrayList<>(List.of("supervise"));
        int rest = commandLine.indexOf("--");
        int flags = rest < 0 ? commandLine.size() : rest;
        for (int i = commandLine.indexOf("start") + 1; i < flags; i++) {
            String one = commandLine.get(i);
            if (one.equals("--reason")) {
                i++;
            } else if (!List.of("--no-block", "--json").contains(one)
                    && !one.startsWith("--reason=")) {
                arguments.add(one);
            }
        }
        arguments.addAll(commandLine.subList(flags, commandLine.size()));
        return arguments;
    }

    void start() throws CliException, IOException {
        if (configuration.command().isEmpty()) {
            throw new CliException(ExitCodes.USAGE, "Cannot start: no supervisor runs here and no "
                    + "command is given; use: daemon start -- COMMAND [ARG...]");
        }
        Files.createDirectories(configuration.stateDir());
        Path log = configuration.stateDir().resolve("supervisor.log");
        long before = Files.exists(log) ? Files.size(log) : 0;
        Os os = new PosixOs();
        SpawnResult result = os.spawn(new SpawnRequest(command(), environment(), Optional.empty(),
                Optional.empty(), OptionalInt.empty(), false, true, Optional.of(log)));
        switch (result) {
            case SpawnResult.Started(int pid, long _) -> waitFor(os, pid, log, before);
            case SpawnResult.Failed(var error) ->
                    throw new CliException(ExitCodes.FAILED, error.message());
        }
    }

    private List<String> command() {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("soleinit.home"), "bin", "daemon").toString());
        command.addAll(arguments);
        return command;
    }

    private static Map<String, String> environment() {
        return new HashMap<>(System.getenv());
    }

    private void waitFor(Os os, int supervisor, Path log, long before)
            throws CliException, IOException {
        long deadline = os.nanoTime() + PATIENCE.toNanos();
        boolean alive = true;
        while (os.nanoTime() < deadline) {
            if (answers()) {
                return;
            }
            Optional<Os.Reaped> ended = alive ? os.reap() : Optional.empty();
            if (ended.isPresent() && ended.get().pid() == supervisor) {
                alive = false;
                if (ended.get().status().code() != ExitCodes.TRY_LATER) {
                    throw new CliException(ExitCodes.FAILED, "Cannot start: the supervisor ended with "
                            + ended.get().status().words() + "; its last lines:\n" + tail(log, before));
                }
            }
            os.await(LOOK_AGAIN);
        }
        throw new CliException(ExitCodes.FAILED, "Cannot start: no supervisor answers after "
                + PATIENCE.toSeconds() + " s; its last lines:\n" + tail(log, before));
    }

    private boolean answers() throws IOException {
        try (ControlClient client =
                ControlClient.connect(configuration.runDir().resolve("control.sock"))) {
            return client != null;
        } catch (NoSupervisorException notYet) {
            return false;
        }
    }

    /** What this start has added to the log. */
    private static String tail(Path log, long before) throws IOException {
        byte[] all = Files.exists(log) ? Files.readAllBytes(log) : new byte[0];
        int from = (int) Math.min(before, all.length);
        List<String> lines = new String(all, from, all.length - from, StandardCharsets.UTF_8)
                .lines().toList();
        return String.join("\n", lines.subList(Math.max(0, lines.size() - LAST_LINES), lines.size()));
    }
}
