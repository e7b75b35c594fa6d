package dev.soleinit.supervisor.daemon;

import dev.soleinit.statemachine.model.Effect;
import dev.soleinit.statemachine.work.WorkItem;
import dev.soleinit.storage.RestartManifest;
import dev.soleinit.storage.RestartManifest.Entry;
import dev.soleinit.supervisor.reporting.StorageWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Hands interrupted work over to the next generation, one piece at a time: on disk before the old
 * process is stopped, claimed on disk before it is given away, gone only once it is confirmed.
 * What is claimed and not confirmed is offered to the generation after that, three times in all.
 * Used on the storage thread ({@link StorageWriter}), but for {@link #candidates}.
 */
public final class InterruptedWorkStore {
    /** How long after the interruption a piece of work may be resumed. */
    static final Duration RESUMABLE = Duration.ofMinutes(10);
    private static final int MAX_ATTEMPTS = 3;

    private final Path stateDir;
    private final Consumer<String> log;
    private volatile RestartManifest manifest;
    private boolean unwritten;

    /** @param log takes lines for the journal, from the storage thread */
    public InterruptedWorkStore(Path stateDir, Consumer<String> log) {
        this.stateDir = stateDir;
        this.log = log;
        RestartManifest.ReadResult found = RestartManifest.read(stateDir);
        this.manifest = found.manifest().orElse(new RestartManifest("", "", 0, 0, List.of()));
        found.warning().ifPresent(log);
    }

    /** How many pieces are kept; for any thread. */
    public int candidates() {
        return manifest.entries().size();
    }

    /**
     * Keeps what a generation leaves, in place of what was kept of it before. If the disk does not
     * take it, memory has it alone, unless its process lives on with it.
     */
    public void save(Effect.SaveManifest keep) throws IOException {
        Instant now = Instant.now();
        long generation = keep.generation();
        Map<String, Integer> attempts = new HashMap<>();
        for (Entry one : manifest.entries()) {
            attempts.merge(one.id(), one.attempts(), Math::max);
        }
        List<Entry> fresh = new ArrayList<>();
        Set<String> again = new HashSet<>();
        for (WorkItem item : keep.left()) {
            again.add(item.id());
            fresh.add(new Entry(item.id(), item.kind(), item.description(), item.blocks(),
                    item.checkpoint(), generation, now.plus(RESUMABLE), 0,
                    attempts.getOrDefault(item.id(), 0)));
        }
        List<Entry> entries = new ArrayList<>(manifest.entries());
        entries.removeIf(one -> one.generation() == generation || again.contains(one.id()));
        entries.addAll(fresh);
        RestartManifest next = new RestartManifest(keep.reason(), now.toString(), generation,
                keep.drained(), bounded(entries));
        if (keep.ended()) {
            manifest = next;
        }
        next.write(stateDir);
        manifest = next;
    }

    /**
     * What came last is kept first: of what more there is than is ever kept, the oldest goes without its
     * checkpoint, or goes, and that is said.
     */
    private List<Entry> bounded(List<Entry> entries) {
        long checkpoints = 0;
        int bare = 0;
        Deque<Entry> kept = new ArrayDeque<>();
        for (Entry one : entries.reversed()) {
            if (kept.size() == RestartManifest.MAX_ENTRIES) {
                break;
            }
            int length = one.checkpoint().map(String::length).orElse(0);
            boolean fits = checkpoints + length <= RestartManifest.MAX_CHECKPOINTS;
            checkpoints += fits ? length : 0;
            bare += fits ? 0 : 1;
            kept.addFirst(fits ? one : one.bare());
        }
        if (bare > 0 || kept.size() < entries.size()) {
            log.accept("interrupted work is more than is kept (" + RestartManifest.MAX_ENTRIES
                    + " pieces, 8 MiB of checkpoints): " + (entries.size() - kept.size())
                    + " older pieces are not resumed, " + bare + " without their checkpoint");
        }
        return List.copyOf(kept);
    }

    /**
     * The next piece for this generation; marked as taken before anybody has it. What a generation has on
     * hand that still {@code lives} is none: it may yet end there.
     */
    public Optional<Entry> claim(long generation, Set<Long> lives) {
        expire();
        Optional<Entry> next = manifest.entries().stream()
                .filter(one -> one.claimedBy() != generation && !lives.contains(one.generation()))
                .findFirst()
                .map(one -> one.claimed(generation));
        if (next.isPresent()) {
            replace(with(manifest.entries().stream().map(one -> one.id().equals(next.get().id())
                    ? next.get() : one).toList()));
        }
        return next;
    }

    /** It goes on: nobody needs it any longer. False if nobody knows it. */
    boolean confirm(String id) {
        List<Entry> left = manifest.entries().stream().filter(one -> !one.id().equals(id)).toList();
        boolean known = left.size() < manifest.entries().size();
        if (known) {
            replace(with(left));
        }
        return known;
    }

    /**
     * What is too old, or has failed too often, is no longer offered, and said. A clock that was
     * set back makes nothing live longer than its ten minutes from now.
     */
    private void expire() {
        Instant now = Instant.now();
        Instant latest = now.plus(RESUMABLE);
        List<Entry> left = new ArrayList<>();
        for (Entry one : manifest.entries()) {
            if (now.isAfter(one.deadline()) || one.attempts() >= MAX_ATTEMPTS) {
                log.accept("interrupted work is not resumed any more: " + one.kind() + " " + one.id()
                        + (one.attempts() >= MAX_ATTEMPTS ? ", taken " + one.attempts()
                                + " times and never confirmed" : ", too old"));
            } else {
                left.add(one.deadline().isAfter(latest) ? new Entry(one.id(), one.kind(),
                        one.description(), one.running(), one.checkpoint(), one.generation(), latest,
                        one.claimedBy(), one.attempts()) : one);
            }
        }
        if (!left.equals(manifest.entries())) {
            replace(with(left));
        }
    }

    private RestartManifest with(List<Entry> entries) {
        return new RestartManifest(manifest.reason(), manifest.requestedAt(), manifest.generation(),
                manifest.drained(), entries);
    }

    /** A disk that takes no more keeps no work from going on: then memory alone knows. */
    private void replace(RestartManifest next) {
        manifest = next;
        try {
            next.write(stateDir);
            unwritten = false;
        } catch (IOException full) {
            if (!unwritten) {
                log.accept("Cannot note on disk which interrupted work goes on: " + full.getMessage());
            }
            unwritten = true;
        }
    }

    static Map<String, Object> fields(Entry entry) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("id", entry.id());
        fields.put("kind", entry.kind());
        fields.put("description", entry.description());
        fields.put("running", entry.running());
        fields.put("checkpoint", entry.checkpoint().orElse(null));
        fields.put("generation", entry.generation());
        fields.put("deadline", entry.deadline().toString());
        fields.put("attempt", (long) entry.attempts());
        return fields;
    }
}
