package dev.soleinit.lifecycle;

import dev.soleinit.watch.FileWatcher;
import dev.soleinit.watch.WatchedFiles;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One life: from one {@link Service#start} to the next, or to the end. */
final class ServiceInstance implements Context {
    private static final Logger LOG = LoggerFactory.getLogger("lifecycle");
    private static final Duration POLL = Duration.ofSeconds(5);

    private record Kept(StateStore store, Supplier<Map<String, Object>> snapshot) {}

    private final Lifecycle lifecycle;
    private final long generation;
    private final ShutdownSequence shutdown;
    private final List<Runnable> hooks = new ArrayList<>();
    private final List<Kept> states = new ArrayList<>();
    private final List<FileWatcher> watchers = new ArrayList<>();
    private Optional<Resumer> resumer = Optional.empty();
    private boolean watchesOn;

    ServiceInstance(Lifecycle lifecycle, long generation, Duration overall) {
        this.lifecycle = lifecycle;
        this.generation = generation;
        this.shutdown = new ShutdownSequence(overall);
    }

    @Override
    public long generation() {
        return generation;
    }

    @Override
    public boolean isSupervised() {
        return lifecycle.isSupervised();
    }

    @Override
    public WorkGate gate() {
        return lifecycle.gate();
    }

    @Override
    public ShutdownSequence shutdown() {
        return shutdown;
    }

    @Override
    public synchronized void onReset(Runnable hook) {
        hooks.add(hook);
    }

    @Override
    public synchronized Restored state(String name, Supplier<Map<String, Object>> snapshot) {
        StateStore store = new StateStore(lifecycle.stateDir(), name);
        states.add(new Kept(store, snapshot));
        Restored found = store.load();
        if (found instanceof Restored.Failed failed) {
            LOG.warn("state '{}' could not be restored: {}", name, failed.reason());
        }
        return found;
    }

    @Override
    public synchronized void resume(Resumer handler) {
        resumer = Optional.of(handler);
    }

    synchronized Optional<Resumer> resumer() {
        return resumer;
    }

    @Override
    public void watch(List<Path> paths, List<String> ignore, Duration quiet,
            Consumer<List<Path>> listener) {
        WatchedFiles contents = new WatchedFiles(paths, ignore);
        FileWatcher watcher = new FileWatcher(contents, contents.snapshot(), quiet, POLL,
                change -> listener.accept(change.files()));
        watcher.start();
        synchronized (watchers) {
            watchers.add(watcher);
        }
        shutdown.add("watch", () -> unwatch(false));
    }

    private void unwatch(boolean always) {
        synchronized (watchers) {
            if (always || !watchesOn) {
                watchers.forEach(FileWatcher::close);
                watchers.clear();
            }
        }
    }

    @Override
    public void reload() {
        lifecycle.requestReload();
    }

    @Override
    public ServerSocketChannel listen(SocketAddress address) throws IOException {
        return lifecycle.sockets().listen(address);
    }

    @Override
    public Optional<ServerSocketChannel> listener(String name) throws IOException {
        return lifecycle.sockets().named(name);
    }

    @Override
    public boolean isInherited(ServerSocketChannel channel) {
        return lifecycle.sockets().isInherited(channel);
    }

    @Override
    public void onFence(Runnable fenced, Runnable unfenced) {
        lifecycle.gate().onFence(new WorkGate.FenceListener(fenced, unfenced));
    }

    /** It serves: what it was given is its own now. */
    synchronized void confirm() {
        for (Kept kept : states) {
            try {
                kept.store().confirm();
            } catch (IOException full) {
                LOG.warn("state could not be confirmed: {}", full.getMessage());
            }
        }
    }

    /** Hands its state on; a failure is said and does not keep it from ending. */
    synchronized void save() {
        for (Kept kept : states) {
            try {
                kept.store().save(kept.snapshot().get(), generation);
            } catch (IOException | RuntimeException lost) {
                LOG.error("state could not be handed on: {}", lost.toString());
            }
        }
    }

    /** Ends everything of this life, within its time. */
    synchronized void end() {
        lifecycle.gate().onFence(null);
        ShutdownSequence.Result result = shutdown.run();
        if (!result.clean()) {
            LOG.warn("not everything ended well: {}", result);
        }
    }

    /** Ends everything but the watching: it has failed, and a file may be what makes it good. */
    void endButWatch() {
        synchronized (watchers) {
            watchesOn = true;
        }
        end();
    }

    /** After {@link #endButWatch}. */
    void unwatch() {
        unwatch(true);
    }

    synchronized void reset() {
        hooks.forEach(hook -> {
            try {
                hook.run();
            } catch (RuntimeException failed) {
                LOG.warn("a reset hook failed", failed);
            }
        });
    }
}
