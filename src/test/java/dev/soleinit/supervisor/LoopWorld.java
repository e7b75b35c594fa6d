package dev.soleinit.supervisor;

import dev.soleinit.config.ConfigException;
import dev.soleinit.config.Configuration;
import dev.soleinit.config.loading.ConfigurationLoader;
import dev.soleinit.control.Caller;
import dev.soleinit.control.IncomingRequest;
import dev.soleinit.control.ReplyTo;
import dev.soleinit.control.Request;
import dev.soleinit.os.Kernel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadFactory;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * One life of the whole supervisor on a {@link FakeKernel}: set-up, {@link EventLoop} with all its
 * sources, {@link FallbackInit}, tidying up. Its files are real, in a directory of memory; its threads never
 * run: what the storage thread would do is done at the kernel's word, and calls come by the inbox.
 */
final class LoopWorld {
    private static final Path MEMORY = Path.of("/dev/shm");

    final FakeKernel kernel;
    final LoopInvariants invariants;
    private final Map<String, String> settings;
    private final UnaryOperator<Kernel> between;
    private final Path directory = newDirectory();
    private Supervisor supervisor;
    private final List<Asked> asked = new ArrayList<>();
    private BooleanSupplier storageStalls = () -> false;
    private BooleanSupplier threadsFail = () -> false;
    private long storageMillis = 1;
    private boolean forgetful;

    /** A request and how often it was answered. */
    private static final class Asked implements ReplyTo {
        final Request request;
        int answers;

        Asked(Request request) {
            this.request = request;
        }

        @Override
        public void result(Map<String, Object> fields) {
            answers++;
        }

        @Override
        public void error(int code, String message, Map<String, Object> data) {
            answers++;
        }

        @Override
        public void notice(String method, Map<String, Object> params) {}

        @Override
        public void request(long id, String method, Map<String, Object> params) {}

        @Override
        public Object connection() {
            return this;
        }

        @Override
        public void keepOpen() {}

        @Override
        public boolean isClosed() {
            return false;
        }
    }

    /**
     * Prepares a life.
     *
     * @param between what stands between the loop and the kernel
     */
    LoopWorld(Map<String, String> settings, FakeKernel.Programs programs, long slackMillis,
            UnaryOperator<Kernel> between) {
        invariants = new LoopInvariants(this::now, slackMillis);
        kernel = new FakeKernel(invariants, programs);
        kernel.beforeEachWait(this::workStorage);
        this.settings = settings;
        this.between = between;
    }

    private long now() {
        return kernel == null ? 0 : kernel.nanoTime();
    }

    private static Path newDirectory() {
        try {
            return Files.isWritable(MEMORY) ? Files.createTempDirectory(MEMORY, "soleinit-loop")
                    : Files.createTempDirectory("soleinit-loop");
        } catch (IOException full) {
            throw new UncheckedIOException(full);
        }
    }

    private Configuration configuration() {
        Map<String, List<String>> flags = new HashMap<>();
        settings.forEach((key, value) -> flags.put(key, List.of(value)));
        flags.put("run-dir", List.of(directory.resolve("run").toString()));
        flags.put("state-dir", List.of(directory.resolve("state").toString()));
        try {
            return ConfigurationLoader.load(flags, Map.of(), List.of("/bin/daemon"));
        } catch (ConfigException wrong) {
            throw new IllegalArgumentException(wrong);
        }
    }

    /** Threads that are started in name only, or not even that. */
    private ThreadFactory threads() {
        return task -> new Thread(task) {
            @Override
            public void start() {
                if (threadsFail.getAsBoolean()) {
                    throw new OutOfMemoryError("unable to create native thread");
                }
            }
        };
    }

    // ---- what the test has happen

    void storageStallsWhile(BooleanSupplier stalls) {
        storageStalls = stalls;
    }

    void storageTakes(long millis) {
        storageMillis = millis;
    }

    void threadsFailWhile(BooleanSupplier fail) {
        threadsFail = fail;
    }

    private void workStorage() {
        kernel.after(storageMillis, () -> {
            while (!storageStalls.getAsBoolean() && supervisor.storage().runNext()) {
                // what it has found out is in the inbox
            }
        });
    }

    /** Requests are taken and never looked at. */
    void forgetRequests() {
        forgetful = true;
    }

    boolean storageIsStalled() {
        return storageStalls.getAsBoolean();
    }

    void ask(Request request) {
        Asked one = new Asked(request);
        invariants.note("asked " + request);
        if (forgetful || supervisor.inbox().offer(new IncomingRequest(request,
                new Caller("root", Caller.Origin.CLI, "cli"), one))) {
            asked.add(one);
        }
    }

    // ---- living

    /** Lives until PID 1 has ended; returns its exit code. */
    int live() {
        try {
            supervisor = new Supervisor(configuration(), List.of("PATH=/bin"), between.apply(kernel),
                    threads());
            int code = supervisor.supervise();
            invariants.over(code);
            return code;
        } finally {
            remove();
        }
    }

    /** Each request that was taken has one answer; {@code most} says that it may also have none. */
    void checkAnswers(boolean most) {
        List<Object> untaken = new ArrayList<>();
        supervisor.inbox().nextRequest().ifPresent(call -> untaken.add(call.replyTo()));
        for (var next = supervisor.inbox().nextRequest(); next.isPresent();
                next = supervisor.inbox().nextRequest()) {
            untaken.add(next.get().replyTo());
        }
        for (Asked one : asked) {
            boolean may = most || untaken.contains(one) || one.request instanceof Request.Wait;
            if (one.answers > 1 || one.answers == 0 && !may) {
                invariants.broken("answersOnce", one.request + " was answered " + one.answers
                        + " times");
            }
        }
    }

    private void remove() {
        try (Stream<Path> all = Files.walk(directory)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        } catch (IOException left) {
            throw new UncheckedIOException(left);
        }
    }
}
