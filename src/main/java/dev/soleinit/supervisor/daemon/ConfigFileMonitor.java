package dev.soleinit.supervisor.daemon;

import dev.soleinit.config.ChangeAction;
import dev.soleinit.config.Configuration;
import dev.soleinit.control.Caller;
import dev.soleinit.control.Request;
import dev.soleinit.process.RestartMode;
import dev.soleinit.statemachine.model.Goal;
import dev.soleinit.statemachine.model.Phase;
import dev.soleinit.statemachine.state.State;
import dev.soleinit.supervisor.children.CommandRunner;
import dev.soleinit.supervisor.inbox.Inbox;
import dev.soleinit.supervisor.reporting.EventLog;
import dev.soleinit.supervisor.startup.BackgroundThreads;
import dev.soleinit.watch.Change;
import dev.soleinit.watch.FileWatcher;
import dev.soleinit.watch.Snapshot;
import dev.soleinit.watch.WatchedFiles;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * The door of watched files: a change of their content becomes a request, once it has passed the
 * check. What the running daemon has read is known by its hash, taken right before each start and
 * reload: so a change during a restart is applied once, not twice, and none is lost. Used on the
 * loop's thread; the watcher has its own.
 */
public final class ConfigFileMonitor {
    public static final Duration CHECK_TIMEOUT = Duration.ofSeconds(30);
    /** So many changed files are named in the journal, whose lines are short. */
    private static final int MAX_NAMED = 10;

    /** Content that was refused: it is not tried again, nor after it was replaced by a kept one. */
    private record Rejected(String hash, String reason, String at, boolean replaced) {}

    private final Configuration configuration;
    private final CommandRunner helpers;
    private final Inbox inbox;
    private final EventLog journal;
    private final BackgroundThreads threads;
    private final BiConsumer<Request, Caller> door;
    private final Optional<WatchedFiles> contents;
    private final Optional<LastGoodFile> lastGood;
    private Optional<FileWatcher> watcher = Optional.empty();
    private Supplier<State> state;
    private LongSupplier now;
    /** Written by the storage thread, while the machine waits for that. */
    private volatile String applied = "";
    private volatile String seen = "";
    private String checking = "";
    private Optional<Rejected> rejected = Optional.empty();

    public ConfigFileMonitor(Configuration configuration, CommandRunner helpers, Inbox inbox,
            EventLog journal, BackgroundThreads threads, BiConsumer<Request, Caller> door) {
        this.threads = threads;
        this.configuration = configuration;
        this.helpers = helpers;
        this.inbox = inbox;
        this.journal = journal;
        this.door = door;
        this.lastGood = configuration.changes().lastGood().map(file ->
                new LastGoodFile(file, inbox, journal));
        List<String> ignored = new ArrayList<>(configuration.changes().ignore());
        lastGood.ifPresent(one -> ignored.addAll(one.ignored()));
        this.contents = configuration.changes().watch().isEmpty() ? Optional.empty()
                : Optional.of(new WatchedFiles(configuration.changes().watch(), ignored));
    }

    public List<String> warnings() {
        return contents.map(WatchedFiles::warnings).orElse(List.of());
    }

    /** Begins to watch; the state is asked for when a change has come. */
    public void start(Supplier<State> currentState, LongSupplier clock) {
        state = currentState;
        now = clock;
        contents.ifPresent(watched -> {
            FileWatcher thread = new FileWatcher(watched, configuration.changes().quiet(),
                    configuration.changes().poll(), change -> inbox.run(() -> changed(change)))
                    .sayingTrouble(line -> inbox.run(() -> journal.warn(line)));
            watcher = Optional.of(thread);
            threads.require("watch", () -> thread.start(threads.factory()));
        });
    }

    public void close() {
        watcher.ifPresent(FileWatcher::close);
    }

    /**
     * That generation is about to read the files. On the storage thread: they may be many. Where they
     * are too many nobody waits for a walk over all of them; then what was last seen has to do, and what
     * changes between that and the start counts once more.
     */
    public void recordAppliedHash(long generation) {
        contents.ifPresent(watched -> applied = watched.takeIfSmall().map(Snapshot::hash).orElse(seen));
        lastGood.ifPresent(one -> one.read(generation));
    }

    /** Keeps what has been good for long enough. On the storage thread. */
    public void keep(String hash) {
        lastGood.ifPresent(one -> one.keep(hash));
    }

    /** No disk takes that, either. */
    public void cannotKeep(String hash) {
        lastGood.ifPresent(one -> one.cannotKeep(hash));
    }

    /** Puts it back in the place of what does not get ready. On the storage thread. */
    public void restore(String failed) {
        String bad = applied;
        lastGood.ifPresent(one -> one.restore(failed, () -> {
            // our own change, which the next start reads: nobody has accepted another content
            contents.flatMap(WatchedFiles::takeIfSmall).ifPresent(now -> applied = now.hash());
            inbox.run(() -> rejected = Optional.of(new Rejected(bad,
                    "it did not get ready, and the last good content was put back",
                    Instant.now().toString(), true)));
        }));
    }

    /** No disk takes it, as too much waits for that. */
    public void cannotRestore(String why) {
        lastGood.ifPresent(one -> one.cannotRestore(why));
    }

    private void changed(Change change) {
        String hash = change.now().hash();
        seen = hash;
        applied = applied.isEmpty() && contents.orElseThrow().isByDate() ? hash : applied;
        if (hash.equals(applied) || applied.isEmpty()) {
            // what nothing has been started with yet is read when something is
            rejected = rejected.filter(Rejected::replaced);
            return;
        }
        if (rejected.map(one -> one.hash().equals(hash)).orElse(false)) {
            return;
        }
        journal.record("changed", Map.of("files", change.files().stream().map(Path::toString)
                .limit(MAX_NAMED).toList(), "count", (long) change.files().size(), "hash", hash));
        if (configuration.changes().check().isEmpty()) {
            accept(hash, change.files());
            return;
        }
        checking = hash;
        helpers.run(configuration.changes().check(), state.get().currentGeneration(), CHECK_TIMEOUT,
                now.getAsLong(), result -> checked(hash, change, result));
    }

    private void checked(String hash, Change change, CommandRunner.Result result) {
        if (!hash.equals(checking)) {
            return;
        }
        checking = "";
        if (result.code() == 0) {
            accept(hash, change.files());
        } else {
            reject(hash, "the check " + (result.code() < 0 ? "could not be run" : "exited "
                    + result.code()) + (result.output().isEmpty() ? "" : ": " + result.output()));
        }
    }

    private void reject(String hash, String reason) {
        rejected = Optional.of(new Rejected(hash, reason, Instant.now().toString(), false));
        journal.warn("configuration rejected, the daemon goes on with what it has: " + reason);
    }

    private void accept(String hash, List<Path> files) {
        rejected = Optional.empty();
        if (hash.equals(applied)) {
            return;
        }
        String reason = "changed: " + (files.isEmpty() ? "watched files" : String.join(", ",
                files.stream().map(file -> String.valueOf(file.getFileName())).limit(5).toList()));
        // whatever else a change leads to, it ends a backoff
        boolean down = state.get().phase() instanceof Phase.BackingOff
                || state.get().phase() instanceof Phase.ClearingLeftovers
                        && state.get().goal() == Goal.UP;
        Request request = down ? new Request.Start(false) : switch (configuration.changes().onChange()) {
            case RELOAD -> new Request.Reload(reason, false, true);
            case RESTART -> restart(RestartMode.GRACEFUL, reason, true);
            case SAFE_RESTART -> restart(RestartMode.SAFE, reason, true);
            case NONE -> null;
        };
        if (request != null) {
            door.accept(request, new Caller("", Caller.Origin.FILE, "file: " + reason));
        }
    }

    public static Request restart(RestartMode mode, String reason, boolean checked) {
        return new Request.Restart(mode, Optional.empty(), Optional.empty(), Set.of(), reason,
                Optional.empty(), false, false, checked, Optional.empty());
    }

    /** A reload that the daemon refused, and survived: its files are as bad as if checked. */
    public void reloadFailed(String why) {
        if (state.get().phase().current().isPresent()) {
            reject(applied, why);
        }
    }

    /** For {@code status}. */
    public void describe(Map<String, Object> fields) {
        contents.ifPresent(watched -> {
            Map<String, Object> words = new LinkedHashMap<>();
            words.put("paths", watched.paths().stream().map(Path::toString).toList());
            words.put("onChange", ChangeAction.word(configuration.changes().onChange()));
            words.put("applied", applied);
            words.put("byDate", watched.isByDate());
            fields.put("watched", words);
        });
        rejected.ifPresent(one -> {
            Map<String, Object> words = new LinkedHashMap<>();
            words.put("reason", one.reason());
            words.put("hash", one.hash());
            words.put("at", one.at());
            fields.put("configRejected", words);
        });
        lastGood.ifPresent(one -> one.describe(fields));
    }
}
