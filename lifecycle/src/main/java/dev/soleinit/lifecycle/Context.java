package dev.soleinit.lifecycle;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** What one life of the daemon has; a reload gets a new one. For any thread. */
public interface Context {
    /** The generation; 0 without a supervisor, 1 more after each reload there. */
    long generation();

    /** Whether a supervisor is there. */
    boolean isSupervised();

    /** The door for all work; the same in every life. */
    WorkGate gate();

    /**
     * What is to be stopped when this life ends, in reverse order; what {@link Service#start}
     * returned is the last to be added and the first to be closed.
     */
    ShutdownSequence shutdown();

    /** Called between two lives, so that what was interrupted does not block the next one. */
    void onReset(Runnable hook);

    /**
     * State that survives restarts and reloads: returns what the last life left, and asks for the
     * next snapshot when this life ends, after its work has. Confirmed once this life is ready.
     *
     * @param name     1 to 64 of {@code a-z 0-9 . _ -}
     * @param snapshot the state as JSON values: maps, lists, strings, numbers, booleans, nulls
     */
    Restored state(String name, Supplier<Map<String, Object>> snapshot);

    /**
     * Interrupted work of earlier lives is handed to {@code handler} once this life is ready, one
     * piece at a time, 10 s each. A handler that returns has taken it over; one that throws or takes
     * too long will be asked again in the next life.
     */
    void resume(Resumer handler);

    /**
     * Watches files while this life lasts.
     *
     * @param paths    files and folders; one that is not there yet may come
     * @param ignore   what is passed over, as in {@code *.log} or {@code .git/*}
     * @param quiet    how long nothing must have happened before the files are read
     * @param listener gets the files whose content has come, gone or changed; called on the watcher's
     *                 thread
     */
    void watch(List<Path> paths, List<String> ignore, Duration quiet,
            Consumer<List<Path>> listener);

    /** Has the daemon rebuilt in this process; through the supervisor, where there is one. */
    void reload();

    /**
     * A socket that listens on this address: the one that the supervisor keeps ({@code --listen}; or
     * systemd, as in sd_listen_fds(3)), if it keeps one there, else a new one with a backlog of
     * 1,024 and SO_REUSEADDR. Close it when the life ends: a kept one stays open behind it, and who
     * connects meanwhile waits in its backlog for the next life.
     *
     * <p>An address is the same if port and host are, any wildcard being the same host as any other;
     * that of a Unix socket if the path is. What an earlier life left of a Unix socket that is not
     * kept is removed. The channel is in blocking mode and new in each call.
     *
     * <p>Java has no public way to take a socket over, so for a kept one the daemon's {@code java}
     * needs {@code --add-opens java.base/sun.nio.ch=ALL-UNNAMED}, on its command line or in
     * {@code JDK_JAVA_OPTIONS}, or {@code Add-Opens: java.base/sun.nio.ch} in the manifest of the jar
     * it runs. Nothing else here needs it. Made for JDK 17 to 25.
     *
     * @throws java.net.BindException if the address is taken; says so if it is for want of that flag
     * @throws IOException            if it cannot listen there otherwise
     */
    ServerSocketChannel listen(SocketAddress address) throws IOException;

    /**
     * The kept socket of this name ({@code --listen '… name=NAME'}), as a new channel, like those of
     * {@link #listen}; of several the first; empty if none is kept by this name.
     *
     * @throws IOException if it cannot be taken over, for want of that flag for instance
     */
    Optional<ServerSocketChannel> listener(String name) throws IOException;

    /**
     * Whether this channel, from {@link #listen} or {@link #listener}, is over a kept socket. A
     * server does not accept from such a one while {@link WorkGate#isFenced}: what waits in its
     * backlog is served by the next life, where what is accepted could only be refused.
     */
    boolean isInherited(ServerSocketChannel channel);

    /**
     * Has a server stop and go on accepting connections, for a socket that {@link #isInherited}. Both
     * are called one after the other, never at the same time, and must return at once; {@code fenced}
     * right before the gate refuses new work, and in this call if it refuses it already, as it does
     * while a reload builds this life. Until this life ends; a second call takes the place of the first.
     */
    void onFence(Runnable fenced, Runnable unfenced);

    /** Takes over one piece of interrupted work. */
    @FunctionalInterface
    interface Resumer {
        void resume(InterruptedWork candidate) throws Exception;
    }
}
