package dev.soleinit.lifecycle;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The run loop of a Java daemon: starts the service, rebuilds it on a reload, ends it on TERM.
 *
 * <pre>{@code
 * public static void main(String[] args) {
 *     System.exit(Lifecycle.run(context -> new Server(context)));
 * }
 * }</pre>
 *
 * <p>A start that fails ends the daemon: exit code 78 for a {@link ConfigurationException}, else 1.
 * A rebuild that fails ends it with 78 under a supervisor; standing alone it stays and waits for the
 * next reload. A reload during a start waits for its turn; a stop during anything wins. Before a
 * life ends, new work is fenced off and what runs may end ({@code DAEMON_DRAIN_TIMEOUT}, 5 s).
 */
public final class Lifecycle {
    static final int CONFIGURATION = 78;
    private static final Logger LOG = LoggerFactory.getLogger("lifecycle");
    private static final Duration OVERALL = Duration.ofSeconds(10);
    private static final Duration DRAIN = Duration.ofSeconds(5);
    private static final Duration RESUMABLE = Duration.ofMinutes(10);

    private sealed interface Command {
        record Stop() implements Command {}

        record Reload(long generation) implements Command {}
    }

    private final Map<String, String> environment;
    private final Service service;
    private final Function<String, AutoCloseable> whenFailed;
    private final AtomicLong generation;
    private final SupervisorBridge reporter;
    private final WorkGate gate;
    private final Optional<SupervisorConnection> link;
    private final InheritedSockets sockets;
    private final BlockingQueue<Command> commands = new LinkedBlockingQueue<>();
    private final CountDownLatch over = new CountDownLatch(1);
    private volatile boolean stopping;
    private List<InterruptedWork> interrupted = List.of();
    private Thread starting;
    /** Null while there is none. */
    private volatile ServiceInstance serving;

    private Lifecycle(Map<String, String> environment, InheritedSockets sockets, Service service,
            Function<String, AutoCloseable> whenFailed) {
        this.environment = environment;
        this.service = service;
        this.whenFailed = whenFailed;
        this.generation = new AtomicLong(Long.parseLong(
                environment.getOrDefault("DAEMON_GENERATION", "0")));
        this.reporter = new SupervisorBridge(this::requestReload, this::resume, generation);
        this.gate = new WorkGate(reporter);
        this.link = SupervisorConnection.of(environment, generation, reporter);
        this.sockets = sockets;
        reporter.connect(gate, link);
    }

    /** Runs until the daemon is told to stop; returns the exit code. */
    public static int run(Service service) {
        return run(service, reason -> () -> { });
    }

    /**
     * The same.
     *
     * @param whenFailed standing alone, what answers while a failed rebuild waits for the next
     *                   reload; given the reason, closed when that comes
     */
    public static int run(Service service, Function<String, AutoCloseable> whenFailed) {
        Lifecycle lifecycle = new Lifecycle(System.getenv(), new InheritedSockets(System.getenv()),
                service, whenFailed);
        Thread hook = new Thread(lifecycle::stopAndWait, "lifecycle-stop");
        Runtime.getRuntime().addShutdownHook(hook);
        return lifecycle.loop();
    }

    /** For tests: another environment, and no hook. */
    static Lifecycle of(Map<String, String> environment, Service service) {
        return new Lifecycle(environment, new InheritedSockets(environment), service,
                reason -> () -> { });
    }

    /** For tests: likewise, with kept sockets from another descriptor on. */
    static Lifecycle of(Map<String, String> environment, int firstSocket, Service service) {
        return new Lifecycle(environment, new InheritedSockets(environment, firstSocket), service,
                reason -> () -> { });
    }

    boolean isSupervised() {
        return link.isPresent();
    }

    WorkGate gate() {
        return gate;
    }

    InheritedSockets sockets() {
        return sockets;
    }

    /** Where state is handed on; of the working directory if nobody names one. */
    Path stateDir() {
        return Path.of(environment.getOrDefault("DAEMON_STATE_DIR", "."), "handover");
    }

    // ---- what others want; any thread

    /** The supervisor's way, with the generation it will be. */
    void requestReload(long next) {
        reporter.notReady();
        commands.add(new Command.Reload(next));
    }

    void requestReload() {
        if (!reporter.askForReload()) {
            commands.add(new Command.Reload(0));
        }
    }

    void stop() {
        stopping = true;
        commands.add(new Command.Stop());
        synchronized (over) {
            // only then: an interrupt would spoil the writing of state
            if (starting != null) {
                starting.interrupt();
            }
        }
    }

    /** On TERM: the JVM goes once this returns, so it returns when all is done, or in time. */
    private void stopAndWait() {
        if (over.getCount() == 0) {
            return;
        }
        stop();
        try {
            boolean done = over.await(OVERALL.toMillis() + 1_000, TimeUnit.MILLISECONDS);
            // an orderly stop is a success, whatever the JVM makes of the signal
            Runtime.getRuntime().halt(done ? 0 : 1);
        } catch (InterruptedException hurry) {
            Runtime.getRuntime().halt(1);
        }
    }

    // ---- the loop

    int loop() {
        link.ifPresent(SupervisorConnection::start);
        try {
            return firstLife();
        } finally {
            link.ifPresent(SupervisorConnection::close);
            over.countDown();
        }
    }

    private int firstLife() {
        ServiceInstance life = new ServiceInstance(this, generation.get(), OVERALL);
        try {
            start(life);
        } catch (Exception failed) {
            life.end();
            return stopping ? 0 : failedStart(failed);
        }
        return runLoop(life);
    }

    private int failedStart(Exception failed) {
        boolean configuration = failed instanceof ConfigurationException;
        LOG.error("Cannot start: {}", failed.getMessage(), configuration ? null : failed);
        reporter.failed(String.valueOf(failed.getMessage()));
        return configuration ? CONFIGURATION : 1;
    }

    private int runLoop(ServiceInstance first) {
        ServiceInstance life = first;
        while (true) {
            if (!(next() instanceof Command.Reload wanted)) {
                end(life);
                return 0;
            }
            long number = wanted.generation() == 0 ? generation.get() : wanted.generation();
            end(life);
            if (stopping) {
                return 0;
            }
            generation.set(number);
            life = new ServiceInstance(this, number, OVERALL);
            Optional<Integer> code = rebuild(life);
            if (code.isPresent()) {
                return code.get();
            }
        }
    }

    /** The next command; of several reloads the last one is enough, and a stop wins. */
    private Command next() {
        Command wanted = null;
        while (wanted == null) {
            try {
                wanted = stopping ? new Command.Stop() : commands.take();
            } catch (InterruptedException stray) {
                // the command that was meant is in the queue
            }
        }
        for (Command later = commands.poll(); later != null; later = commands.poll()) {
            wanted = later;
        }
        return stopping ? new Command.Stop() : wanted;
    }

    private void start(ServiceInstance life) throws Exception {
        interruptible(Thread.currentThread());
        try {
            AutoCloseable server = service.start(life);
            life.shutdown().add("service", server::close);
        } finally {
            interruptible(null);
        }
        if (stopping) {
            throw new InterruptedException("told to stop while starting");
        }
        gate.unfence();
        life.confirm();
        reporter.ready();
        serving = life;
        life.resumer().ifPresent(resumer -> new ResumeWorker(link, resumer, interrupted).start());
        interrupted = List.of();
    }

    /** There is interrupted work that was not there when this life began; one that begins asks itself. */
    private void resume() {
        ServiceInstance life = serving;
        if (life != null && !stopping) {
            life.resumer().ifPresent(resumer -> new ResumeWorker(link, resumer, List.of()).start());
        }
    }

    private void interruptible(Thread thread) throws InterruptedException {
        synchronized (over) {
            starting = thread;
            boolean told = Thread.interrupted() || stopping;
            if (thread != null && told) {
                throw new InterruptedException("told to stop before starting");
            }
        }
    }

    private Optional<Integer> rebuild(ServiceInstance life) {
        try {
            start(life);
            return Optional.empty();
        } catch (Exception failed) {
            if (!stopping) {
                LOG.error("Cannot rebuild: {}", failed.getMessage());
            }
            if (stopping || isSupervised()) {
                life.end();
                return Optional.of(stopping ? 0 : CONFIGURATION);
            }
            return waitForReload(life, failed);
        }
    }

    /** Nobody would start it again: stays, answers, and waits for the next reload. */
    private Optional<Integer> waitForReload(ServiceInstance life, Exception failed) {
        life.endButWatch();
        try (AutoCloseable answering = whenFailed.apply(String.valueOf(failed.getMessage()))) {
            if (next() instanceof Command.Stop) {
                return Optional.of(0);
            }
        } catch (Exception useless) {
            LOG.warn("what answers after a failed rebuild has failed itself", useless);
        } finally {
            life.unwatch();
        }
        return rebuild(new ServiceInstance(this, generation.get(), OVERALL));
    }

    /** Fence, drain, snapshot, stop; what must not be interrupted is waited for. */
    private void end(ServiceInstance life) {
        serving = null;
        gate.fence();
        gate.runtime().lock();
        try {
            gate.drain(drainTimeout(environment));
        } catch (InterruptedException stray) {
            LOG.warn("the wait for work was interrupted");
        } finally {
            gate.runtime().unlock();
        }
        interrupted = gate.abandon().stream().map(Lifecycle::candidate).toList();
        interrupted.forEach(one -> LOG.warn("interrupted: {} {} {}", one.kind(), one.id(),
                one.description()));
        life.save();
        life.end();
        if (!stopping) {
            gate.reset();
            life.reset();
        }
    }

    private static InterruptedWork candidate(Work work) {
        return new InterruptedWork(work.id(), work.kind(), work.description(), work.isRunning(),
                work.lastCheckpoint(), 0, Instant.now().plus(RESUMABLE), 1);
    }

    /** How long a drain may last by the supervisor ({@code DAEMON_DRAIN_TIMEOUT}); else 5 s. */
    static Duration drainTimeout(Map<String, String> environment) {
        String text = environment.getOrDefault("DAEMON_DRAIN_TIMEOUT", "");
        return text.matches("[0-9]{1,9}ms")
                ? Duration.ofMillis(Long.parseLong(text.substring(0, text.length() - 2))) : DRAIN;
    }
}
