package dev.soleinit.cli.start;

import dev.soleinit.cli.CliException;
import dev.soleinit.cli.ControlCommand;
import dev.soleinit.cli.ExitCodes;
import dev.soleinit.cli.Terminal;
import dev.soleinit.config.Configuration;
import dev.soleinit.control.client.RpcException;
import dev.soleinit.control.client.SupervisorUnreachableException;
import dev.soleinit.os.Kernel;
import dev.soleinit.os.Kernel.Limits;
import dev.soleinit.os.Kernel.Passed;
import dev.soleinit.os.Kernel.SpawnManner;
import dev.soleinit.os.Kernel.SpawnRequest;
import dev.soleinit.os.Kernel.SpawnResult;
import dev.soleinit.os.LinuxKernel;
import dev.soleinit.process.Grouping;
import dev.soleinit.process.Inherited;
import dev.soleinit.storage.ProcessLock;
import dev.soleinit.storage.StateDir;
import dev.soleinit.storage.SupervisorMarker;
import dev.soleinit.storage.files.AppendedLog;
import dev.soleinit.storage.files.RunDirException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Starts a detached supervisor on a host that has none, and waits until it answers. Of many that
 * do so at once one has its turn (a kernel lock on run/{@code start.lock}, which ends with its
 * process); the others find its supervisor and use that.
 */
public final class DetachedSupervisor {
    /** A hundred JVMs that start at once on two cores take so long. */
    static final Duration TIMEOUT = Duration.ofSeconds(60);
    /** A supervisor that has its lock answers this soon, unless it is stuck. */
    private static final Duration BOOT = Duration.ofSeconds(10);
    private static final Duration LOOK_AGAIN = Duration.ofMillis(20);
    /** Who only waits for another's looks less often: a hundred of them would fill the backlog. */
    private static final Duration LOOK_ON = Duration.ofMillis(200);
    private static final int LAST_LINES = 10;
    private static final int LAST_BYTES = 8192;

    private final Configuration configuration;
    private final List<String> arguments;
    private final Path log;
    private long logBefore;
    private boolean spawned;

    DetachedSupervisor(Configuration configuration, List<String> commandLine) {
        this.configuration = configuration;
        this.arguments = forSupervise(commandLine);
        this.log = configuration.directories().state().resolve("supervisor.log");
    }

    /** The same settings, for another verb. */
    public static List<String> forSupervise(List<String> commandLine) {
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

    /** Whether the supervisor is the one that was made here. */
    boolean startedHere() {
        return spawned;
    }

    Path socket() {
        return configuration.directories().run().resolve("control.sock");
    }

    /** Returns once a supervisor answers, this one's or another's. */
    void start(String nobody) throws CliException, IOException {
        if (ownerAnswers(nobody, false)) {
            return;
        }
        if (configuration.daemon().command().isEmpty()) {
            StartGuard.requireNoOwner(configuration, nobody);
            throw new CliException(ExitCodes.USAGE, "Cannot start: no supervisor runs here and no "
                    + "command is given; use: daemon start -- COMMAND [ARG...]");
        }
        SupervisorMarker.prepare(configuration.directories().run(), daemonUid());
        Optional<ProcessLock> turn = acquireStartLock();
        try {
            // only who has the turn may judge: without it, an owner may appear at any moment
            if (!ownerAnswers(nobody, turn.isPresent())) {
                StartGuard.requireNoOwner(configuration, nobody);
                spawn();
            }
        } finally {
            turn.ifPresent(ProcessLock::close);
        }
    }

    /** Who the daemon will be may own the directories. */
    private OptionalInt daemonUid() {
        try {
            return configuration.daemon().user().isEmpty() ? OptionalInt.empty()
                    : OptionalInt.of(new LinuxKernel().lookup(configuration.daemon().user().get()).uid());
        } catch (IllegalArgumentException unknown) {
            return OptionalInt.empty(); // the supervisor will say so
        }
    }

    /**
     * False if there is no owner. One that owns the directory may still be starting: for as long as
     * somebody waits for it whose turn it is, so does everybody else.
     */
    private boolean ownerAnswers(String nobody, boolean myTurn) throws CliException, IOException {
        long begin = System.nanoTime();
        while (StartGuard.isOwned(configuration.directories().run())) {
            if (answers()) {
                return true;
            }
            boolean othersTurn = !myTurn && isBeingStarted(configuration.directories().run());
            if (System.nanoTime() - begin > (othersTurn ? TIMEOUT : BOOT).toNanos()) {
                StartGuard.requireNoOwner(configuration, nobody);
            }
            pause(othersTurn ? LOOK_ON : LOOK_AGAIN);
        }
        return answers();
    }

    /** Whether somebody makes a supervisor for that directory at this moment, as far as we may see. */
    static boolean isBeingStarted(Path runDir) {
        try {
            return ProcessLock.isHeld(startLock(runDir));
        } catch (RunDirException notForUs) {
            return false;
        }
    }

    private static Path startLock(Path runDir) {
        return runDir.resolve("start.lock");
    }

    /** Empty if another one's supervisor answers meanwhile. */
    private Optional<ProcessLock> acquireStartLock() throws CliException, IOException {
        long deadline = System.nanoTime() + TIMEOUT.toNanos();
        while (System.nanoTime() < deadline) {
            Optional<ProcessLock> turn =
                    ProcessLock.acquire(startLock(configuration.directories().run()));
            if (turn.isPresent() || answers()) {
                return turn;
            }
        }
        throw new CliException(ExitCodes.TRY_LATER, "Cannot start: others have been starting a "
                + "supervisor in " + configuration.directories().run() + " for " + TIMEOUT.toSeconds()
                + " s; try again shortly");
    }

    private void spawn() throws CliException, IOException {
        StateDir.open(configuration.directories().state(), daemonUid());
        logBefore = AppendedLog.prepare(log);
        Kernel os = new LinuxKernel();
        SpawnResult result = os.spawn(new SpawnRequest(command(), environment(),
                Optional.empty(), Optional.empty(), Inherited.umask(), false,
                new SpawnManner(Grouping.OWN_SESSION, false, Inherited.Signals.NONE), Optional.of(log),
                false, Optional.empty(), Passed.NOTHING, false, Limits.inherited()));
        switch (result) {
            case SpawnResult.Started(int pid, long _) -> {
                waitFor(os, pid);
                spawned = true;
            }
            case SpawnResult.Failed(var error) ->
                    throw new CliException(ExitCodes.FAILED, error.message());
        }
    }

    /** The service manager that has started the caller means the caller, and none that leaves it. */
    private static List<String> environment() {
        return Inherited.entries().stream().filter(entry -> !entry.startsWith("NOTIFY_SOCKET=")).toList();
    }

    private List<String> command() throws CliException {
        String home = System.getProperty("soleinit.home");
        if (home == null) {
            throw new CliException(ExitCodes.FAILED, "Cannot start: it is not known where soleinit "
                    + "is installed; use its own bin/daemon");
        }
        List<String> command = new ArrayList<>();
        command.add(Path.of(home, "bin", "daemon").toString());
        command.addAll(arguments);
        return command;
    }

    private void waitFor(Kernel os, int supervisor) throws CliException, IOException {
        long deadline = System.nanoTime() + TIMEOUT.toNanos();
        while (!answers()) {
            Optional<Kernel.Reaped> ended = os.reap();
            if (ended.isPresent() && ended.get().pid() == supervisor) {
                int code = ended.get().status().code();
                throw new CliException(code == ExitCodes.CONFIGURATION || code == ExitCodes.TRY_LATER
                        ? code : ExitCodes.FAILED, "Cannot start: the supervisor ended with "
                        + ended.get().status().words() + lastLines());
            }
            if (System.nanoTime() > deadline) {
                throw new CliException(ExitCodes.FAILED, "Cannot start: no supervisor answers after "
                        + TIMEOUT.toSeconds() + " s" + lastLines());
            }
            pause(LOOK_AGAIN);
        }
    }

    /** A connection alone shows nothing: the kernel makes it before anybody accepts. */
    private boolean answers() throws IOException {
        try {
            ControlCommand.callOnce(socket(), "status", Map.of());
            return true;
        } catch (RpcException busy) {
            return true;
        } catch (SupervisorUnreachableException notYet) {
            return false;
        }
    }

    private static void pause(Duration time) throws IOException {
        try {
            Thread.sleep(time);
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        }
    }

    /** What this start has added to the log, to append to a message. */
    String lastLines() throws IOException {
        List<String> lines = AppendedLog.added(log, logBefore, LAST_BYTES).lines()
                .map(Terminal::value).toList();
        return lines.isEmpty() ? "" : "; the last lines of " + log + ":\n" + String.join("\n",
                lines.subList(Math.max(0, lines.size() - LAST_LINES), lines.size()));
    }
}
