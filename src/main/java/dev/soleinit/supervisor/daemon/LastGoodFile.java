package dev.soleinit.supervisor.daemon;

import dev.soleinit.checksum.Sha256;
import dev.soleinit.statemachine.model.Event.ConfigurationKept;
import dev.soleinit.statemachine.model.Event.ConfigurationRead;
import dev.soleinit.statemachine.model.Event.ConfigurationRestored;
import dev.soleinit.storage.files.KeptFile;
import dev.soleinit.storage.files.Quarantine;
import dev.soleinit.supervisor.inbox.Inbox;
import dev.soleinit.supervisor.reporting.EventLog;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The file of which the last good content is kept, and put back. Where it is read and written is the
 * storage thread, in the order in which that was decided: what is put back is what the next start reads.
 * What {@code status} says of it belongs to the loop's thread.
 */
final class LastGoodFile {
    private static final String ABSENT = "absent";

    private final Path file;
    private final KeptFile disk;
    private final Inbox inbox;
    private final EventLog journal;
    private boolean tidy;
    /** What was said last: each start would say it again. */
    private String trouble = "";
    private String keptHash = "";
    private String keptAt = "";
    private String restoredAt = "";
    private long restored;

    LastGoodFile(Path file, Inbox inbox, EventLog journal) {
        this.file = file;
        this.disk = new KeptFile(file);
        this.inbox = inbox;
        this.journal = journal;
    }

    /** Files beside it that do not count as changes, where its directory is watched. */
    List<String> ignored() {
        String name = String.valueOf(file.getFileName()).replaceAll("[\\\\*?\\[\\]{}]", "\\\\$0");
        return List.of(name + KeptFile.KEPT, name + KeptFile.REJECTED, "." + name + ".*.tmp");
    }

    // ---- on the storage thread

    void read(long generation) {
        String hash = "";
        try {
            if (!tidy) {
                disk.tidy();
                tidy = true;
            }
            hash = hash(disk.content());
            trouble = "";
        } catch (IOException | OutOfMemoryError unreadable) {
            say("Cannot keep a good content of " + file + ": " + reason(unreadable));
        }
        inbox.post(new ConfigurationRead(generation, hash));
    }

    void keep(String hash) {
        try {
            Optional<byte[]> content = disk.content();
            if (hash(content).equals(hash)) {
                if (content.isPresent()) {
                    disk.keep(content.get());
                    inbox.run(() -> kept(hash));
                }
                inbox.post(new ConfigurationKept(hash, true));
                return;
            }
            say("Cannot keep the good content of " + file + ": it has been changed since; that is "
                    + "tried again");
        } catch (IOException | OutOfMemoryError full) {
            say("Cannot keep what " + file + " contains, which has been good: "
                    + reason(full));
        }
        cannotKeep(hash);
    }

    /**
     * In the place of what has {@code failed}; what somebody has written meanwhile has all its starts
     * before it. {@code replaced} is run at once.
     */
    void restore(String failed, Runnable replaced) {
        ConfigurationRestored told;
        try {
            told = switch (disk.restore(there -> hash(there).equals(failed))) {
                case RESTORED -> {
                    replaced.run();
                    inbox.run(this::restored);
                    yield new ConfigurationRestored(true, "the daemon did not get ready with " + file
                            + ": its last good content is put back, the other one is "
                            + disk.rejected());
                }
                case CHANGED -> new ConfigurationRestored(!failed.isEmpty(), file
                        + " has been changed since: that is tried first");
                case SAME -> new ConfigurationRestored(false, file + " is as it was when it was good: "
                        + "it is not the reason, and stays");
                case NOTHING_KEPT -> new ConfigurationRestored(false, cannot("none of its contents has "
                        + "been good for long enough to be kept"));
            };
        } catch (IOException | OutOfMemoryError refused) {
            told = new ConfigurationRestored(false, cannot(reason(refused)));
        }
        inbox.post(told);
    }

    private String cannot(String why) {
        return "Cannot put back a good content of " + file + ": " + why + "; it stays as it is";
    }

    private static String reason(Throwable refused) {
        return refused instanceof IOException known ? Quarantine.reason(known)
                : "not enough memory for so large a file";
    }

    private void say(String line) {
        if (!line.equals(trouble)) {
            trouble = line;
            inbox.run(() -> journal.warn(line));
        }
    }

    private static String hash(Optional<byte[]> content) {
        return content.map(bytes -> new Sha256().add(bytes, bytes.length).hex()).orElse(ABSENT);
    }

    // ---- on either thread

    void cannotKeep(String hash) {
        inbox.post(new ConfigurationKept(hash, false));
    }

    // ---- on the loop's thread

    void cannotRestore(String why) {
        inbox.post(new ConfigurationRestored(false, cannot(why)));
    }

    private void kept(String hash) {
        keptHash = hash;
        keptAt = Instant.now().toString();
        journal.record("configuration-kept", Map.of("file", file.toString(), "hash", hash));
    }

    private void restored() {
        restored++;
        restoredAt = Instant.now().toString();
        journal.record("configuration-restored", Map.of("file", file.toString(), "rejected",
                disk.rejected().toString()));
    }

    void describe(Map<String, Object> fields) {
        Map<String, Object> words = new LinkedHashMap<>();
        words.put("file", file.toString());
        if (!keptHash.isEmpty()) {
            words.put("hash", keptHash);
            words.put("keptAt", keptAt);
        }
        words.put("restored", restored);
        if (restored > 0) {
            words.put("restoredAt", restoredAt);
            words.put("rejected", disk.rejected().toString());
        }
        fields.put("lastGood", words);
    }
}
