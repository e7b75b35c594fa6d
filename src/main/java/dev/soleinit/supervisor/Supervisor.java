package dev.soleinit.supervisor;

import dev.soleinit.config.Configuration;
import dev.soleinit.control.server.ControlServer;
import dev.soleinit.os.Kernel.Identity;
import dev.soleinit.os.Kernel;
import dev.soleinit.os.ListenException;
import dev.soleinit.os.host.CgroupMemory;
import dev.soleinit.process.SupervisorExit;
import dev.soleinit.process.Version;
import dev.soleinit.statemachine.state.State;
import dev.soleinit.storage.EventJournal;
import dev.soleinit.storage.GenerationFile;
import dev.soleinit.storage.StateDir;
import dev.soleinit.storage.SupervisorMarker;
import dev.soleinit.storage.files.RandomName;
import dev.soleinit.storage.files.RunDirException;
import dev.soleinit.supervisor.children.ChildEnvironment;
import dev.soleinit.supervisor.children.CommandRunner;
import dev.soleinit.supervisor.children.LiveDaemons;
import dev.soleinit.supervisor.children.ShellInFront;
import dev.soleinit.supervisor.children.Spawner;
import dev.soleinit.supervisor.daemon.ConfigFileMonitor;
import dev.soleinit.supervisor.daemon.DaemonConnection;
import dev.soleinit.supervisor.daemon.InterruptedWorkStore;
import dev.soleinit.supervisor.daemon.MemoryMonitor;
import dev.soleinit.supervisor.daemon.PidFiles;
import dev.soleinit.supervisor.inbox.Inbox;
import dev.soleinit.supervisor.inbox.NotifyAddresses;
import dev.soleinit.supervisor.inbox.NotifyListener;
import dev.soleinit.supervisor.loop.Collaborators;
import dev.soleinit.supervisor.outside.Outside;
import dev.soleinit.supervisor.probes.LivenessProber;
import dev.soleinit.supervisor.probes.ReadinessProbers;
import dev.soleinit.supervisor.reporting.EventLog;
import dev.soleinit.supervisor.reporting.StatePublisher;
import dev.soleinit.supervisor.reporting.StatusReport;
import dev.soleinit.supervisor.reporting.StorageWriter;
import dev.soleinit.supervisor.requests.EventSubscribers;
import dev.soleinit.supervisor.requests.OverlapGate;
import dev.soleinit.supervisor.requests.PreflightService;
import dev.soleinit.supervisor.requests.RequestHandler;
import dev.soleinit.supervisor.requests.RequestRegistry;
import dev.soleinit.supervisor.startup.BackgroundThreads;
import dev.soleinit.supervisor.startup.BootCommands;
import dev.soleinit.supervisor.startup.BootPreparation;
import dev.soleinit.supervisor.startup.DaemonVariables;
import dev.soleinit.supervisor.startup.DirectoryClaim;
import dev.soleinit.supervisor.startup.StartupException;
import dev.soleinit.supervisor.startup.StartupPreloader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ThreadFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sets everything up, runs the {@link EventLoop} on the calling thread, and tidies up. Before the
 * loop a failure is fatal and worded; once the daemon may run nothing escapes: what our own code
 * throws hands over to {@link FallbackInit}.
 */
public final class Supervisor {
    private static final Logger LOG = LoggerFactory.getLogger("soleinit");
    /** A disk that stands still does not keep PID 1 from ending. */
    private static final long MAX_CLEANUP_MS = 500;

    private final Configuration configuration;
    private final Path runDir;
    private final List<String> environment;
    private final Kernel os;
    private final long epoch;
    private final String instance = RandomName.hex().substring(0, 16);
    private final List<String> warnings;
    private EventLoop loop;
    private ControlServer server;
    private EventJournal events;
    private ConfigFileMonitor files;
    private StatusReport report;
    private final BackgroundThreads threads;
    private final StorageWriter storage;
    private final Inbox inbox;
    private final Outside outside = new Outside();
    private boolean published;

    /** Prepares a supervisor whose threads, beside the calling one, are made by {@code threads}. */
    Supervisor(Configuration configuration, List<String> environment, Kernel os, ThreadFactory threads) {
        this.threads = new BackgroundThreads(threads);
        this.storage = new StorageWriter(threads);
        this.inbox = new Inbox(os::wake);
        this.configuration = configuration;
        this.runDir = configuration.directories().run();
        this.environment = environment;
        this.os = os;
        this.epoch = os.nanoTime();
        this.warnings = new ArrayList<>(configuration.warnings());
    }

    /**
     * Supervises until the daemon has ended for good; returns the exit code of PID 1.
     *
     * @param environment the entries of the supervisor's own environment
     */
    public static int run(Configuration configuration, List<String> environment, StartupPreloader ahead) {
        try {
            return new Supervisor(configuration, environment, ahead.awaitKernel(),
                    BackgroundThreads.daemons()).supervise();
        } catch (StartupException reason) {
            LOG.error(reason.getMessage());
            return reason.exitCode();
        } catch (RunDirException | IllegalArgumentException reason) {
            LOG.error(reason.getMessage());
            return SupervisorExit.CONFIGURATION;
        } catch (IllegalStateException kernel) {
            LOG.error(kernel.getMessage());
            return SupervisorExit.CANNOT_SUPERVISE;
        }
    }

    Inbox inbox() {
        return inbox;
    }

    StorageWriter storage() {
        return storage;
    }

    int supervise() {
        ensureSignalsBlocked();
        boolean compat = configuration.compat().isPresent();
        if (os.self() != 1 && !compat) {
            os.becomeSubreaper();
        }
        Optional<DirectoryClaim> claim = compat
                ? DirectoryClaim.tryToTake(os, configuration, warnings)
                : Optional.of(DirectoryClaim.take(os, configuration, warnings));
        published = claim.isPresent();
        try {
            initialize(claim.map(DirectoryClaim::stateDir).orElseGet(StateDir::none));
            return runLoop();
        } finally {
            cleanUp();
            claim.ifPresent(DirectoryClaim::close);
        }
    }

    /** Without the launcher the JVM has threads that block nothing. */
    private void ensureSignalsBlocked() {
        if (!os.signalsAreBlocked()) {
            throw new StartupException(SupervisorExit.CANNOT_SUPERVISE,
                    "Cannot supervise: signals are not blocked, so they could get lost; start it "
                            + "with bin/entrypoint or bin/daemon");
        }
    }

    // ---- setting up

    private void initialize(StateDir stateDir) {
        DaemonVariables variables = BootPreparation.prepare(os, configuration.bootTasks(), environment);
        NotifyAddresses notify = NotifyAddresses.in(runDir);
        Optional<Identity> identity = configuration.daemon().user().map(os::lookup);
        long generation = stateDir.loadGeneration(published
                ? GenerationFile.readGeneration(runDir).orElse(0L) : 0);
        int failures = stateDir.loadBackoff().failures();
        warnings.addAll(stateDir.warnings());
        events = published ? EventJournal.open(configuration.directories().state()) : EventJournal.none();
        events.writeOn(storage::submit);
        EventLog journal = new EventLog(events);
        Spawner spawner = new Spawner(os, configuration,
                new ChildEnvironment(configuration, environment,
                        configuration.daemon().user().map(os::userVariables).orElse(Map.of()), variables,
                        notify), identity);
        if (!configuration.bootTasks().before().isEmpty()) {
            BootCommands.run(os, configuration, command -> spawner.probe(command, generation), inbox);
        }
        buildLoop(stateDir, journal, spawner,
                State.initial(configuration.policy(), generation, failures));
        server = new ControlServer(runDir.resolve("control.sock"), inbox::offer, inbox::callerLeft);
        if (configuration.compat().isEmpty()) {
            os.openNotifySockets(notify.known(), notify.told());
        }
        listen(identity);
        outside.notifyManager(environment, configuration.compat().isPresent(), epoch);
        outside.serve(os, spawner, configuration, inbox, journal, threads,
                new LoopSource(loop, report, events));
        server.forDaemonOf(identity.map(one -> OptionalInt.of(one.uid())).orElse(OptionalInt.empty()));
        files.start(loop::state, loop::now);
        MemoryMonitor.start(configuration, inbox, journal, threads, loop::state, loop::now,
                loop::submitInternal);
        threads.require("storage", storage::start);
        if (published) {
            publishMarker(stateDir);
        }
        warnings.forEach(LOG::warn);
        journal.record("boot", Map.of("instance", instance, "pid", (long) os.self(),
                "version", Version.TEXT));
    }

    private void listen(Optional<Identity> identity) {
        try {
            os.openDescriptorStore(configuration.descriptors().storeMax());
            os.listen(configuration.descriptors().listen(), identity);
        } catch (ListenException reason) {
            os.stopListening();
            throw new StartupException(reason.taken() ? SupervisorExit.TAKEN
                    : SupervisorExit.CONFIGURATION, reason.getMessage());
        }
    }

    private void buildLoop(StateDir stateDir, EventLog journal, Spawner spawner, State initial) {
        StatePublisher publisher = publisher(journal, spawner);
        CommandRunner helpers = new CommandRunner(os, spawner::helper, publisher::isBehind);
        ReadinessProbers prober = new ReadinessProbers(os, spawner, configuration, inbox, threads);
        LiveDaemons daemons = new LiveDaemons(os, configuration.policy().leftovers().killMode(),
                pid -> prober.has(pid) || helpers.has(pid) || outside.has(pid), inbox);
        InterruptedWorkStore resume = new InterruptedWorkStore(configuration.directories().state(),
                line -> inbox.run(() -> journal.warn(line)));
        DaemonConnection connection = new DaemonConnection(resume, storage, inbox, instance,
                configuration.work().drainTimeout());
        files = fileMonitor(helpers, journal);
        PreflightService preflights = new PreflightService(configuration, helpers, inbox, os, threads);
        RequestRegistry requests = requestRegistry(journal);
        EffectExecutor effects = new EffectExecutor(os, spawner, stateDir, journal, requests,
                new DaemonEffects(configuration, connection, resume, preflights, helpers, files, inbox),
                daemons, new PidFiles(configuration.daemon().pidFiles(), journal), storage,
                inbox, configuration.directories().terminationLog());
        report = new StatusReport(configuration, publisher, spawner, new LoopStatus(os, instance,
                requests, resume, files, effects, events, () -> loop), warnings);
        RequestHandler handler = new RequestHandler(requests, new EventSubscribers(events), report,
                preflights, publisher, files::reloadFailed, () -> loop.state());
        LivenessProber liveness = new LivenessProber(configuration, helpers, inbox, threads,
                () -> loop.now());
        ShellInFront shell = new ShellInFront(os, configuration, journal, warnings);
        SweepPoll sweep = new SweepPoll(os, inbox);
        Warmup warmup = new Warmup(effects::rehearse);
        loop = new EventLoop(os, configuration, new EventLoop.Sources(inbox,
                new NotifyListener(os, daemons, epoch), connection, daemons, handler), effects, publisher,
                new Collaborators(
                        List.of(daemons, connection, warmup, prober, liveness, shell, sweep, outside),
                        List.of(daemons, prober, liveness, helpers, outside, shell, threads, publisher,
                                sweep, handler),
                        List.of(prober, helpers, outside)),
                warmup, initial, epoch);
    }

    private StatePublisher publisher(EventLog journal, Spawner spawner) {
        StatePublisher publisher = new StatePublisher(runDir, journal, spawner, storage, inbox,
                () -> loop.now(), instance, os.bootId());
        if (!published) {
            publisher.turnOff();
        }
        return publisher;
    }

    private ConfigFileMonitor fileMonitor(CommandRunner helpers, EventLog journal) {
        ConfigFileMonitor monitor = new ConfigFileMonitor(configuration, helpers, inbox, journal,
                threads, (request, caller) -> loop.submitInternal(request, caller));
        warnings.addAll(monitor.warnings());
        return monitor;
    }

    private RequestRegistry requestRegistry(EventLog journal) {
        return new RequestRegistry(configuration, journal, instance,
                generation -> loop.statusText(generation), new OverlapGate(configuration,
                        os.hasTerminal(), CgroupMemory::room, () -> loop.daemonMemory()));
    }

    /** The files are written before the first generation's number is, on the same thread. */
    private void publishMarker(StateDir stateDir) {
        os.rememberMarker(SupervisorMarker.file(runDir));
        SupervisorMarker.removeLeftovers(runDir);
        storage.submit(() -> orWarn(() -> stateDir.writeOwner(instance, os.bootId(), os.self())));
        storage.submit(() -> orWarn(() -> new SupervisorMarker(os.self(), os.startTicks(os.self()),
                instance, Version.TEXT, runDir.resolve("control.sock").toString()).write(runDir)));
        try {
            threads.require("control", () -> orWarn(() -> server.start(threads.factory())));
        } catch (IllegalArgumentException unusable) {
            if (configuration.compat().isEmpty()) {
                throw unusable;
            }
        }
    }

    /** One part of announcing: where it cannot be done, the others still can. */
    private interface Step {
        void run() throws IOException;
    }

    /** From any thread; the warning belongs to the loop's. */
    private void orWarn(Step step) {
        try {
            step.run();
        } catch (IOException full) {
            inbox.run(() -> warn("Cannot announce this supervisor: " + full.getMessage()));
        }
    }

    private void warn(String line) {
        warnings.add(line);
        LOG.warn(line);
    }

    // ---- running

    private int runLoop() {
        try {
            return loop.run();
        } catch (Throwable ours) {
            return fallBack(ours);
        }
    }

    /** It may have been an OutOfMemoryError: nothing here may end in another. */
    private int fallBack(Throwable ours) {
        try {
            LOG.error("unexpected error in the supervisor; from now on it only reaps and forwards "
                    + "signals, and ends with the daemon", ours);
        } catch (Throwable noMemory) {
            // the daemon matters more than the line
        }
        FallbackInit rest = loop.rest();
        // what the daemon is owed comes before what callers are told
        rest.attend();
        server.abandon();
        outside.fallenBack();
        return rest.run();
    }

    private void cleanUp() {
        try {
            os.stopListening();
            outside.close();
            if (files != null) {
                files.close();
            }
            if (server != null && published) {
                server.close();
            }
            if (published) {
                storage.submit(this::removeMarker);
            }
            storage.close(MAX_CLEANUP_MS);
        } catch (IOException | RuntimeException | OutOfMemoryError leftover) {
            // whatever is left behind, PID 1 ends with the code that it has
            LOG.warn("Cannot tidy up {}: {}", runDir, leftover.getMessage());
        }
    }

    private void removeMarker() {
        try {
            SupervisorMarker.remove(runDir);
        } catch (IOException leftover) {
            LOG.warn("Cannot tidy up {}: {}", runDir, leftover.getMessage());
        }
    }
}
