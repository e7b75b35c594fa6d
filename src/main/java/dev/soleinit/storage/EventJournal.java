package dev.soleinit.storage;

import dev.soleinit.json.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * state/{@code events.jsonl}: what happened, one JSON object a line with {@code at} (ISO 8601,
 * UTC) and a rising {@code seq}. At 1 MiB it becomes {@code events.jsonl.1}. A line that cannot be
 * written is counted and said with the next one that can; nothing is thrown, and a file that somebody
 * has removed or replaced is made anew. Used on the loop's thread; the file may be another's
 * ({@link #writeOn}).
 */
public final class EventJournal {
    private static final String NAME = "events.jsonl";
    private static final int REMEMBERED = 256;
    private static final String SEQ = "{\"seq\":";
    private static final int MAX_DIGITS = 18;

    /** Null where nothing is kept. */
    private final JournalFile file;
    private final Deque<String> recent = new ArrayDeque<>();
    private final Deque<Long> recentNumbers = new ArrayDeque<>();
    /** Null where nobody listens. */
    private Consumer<String> listener;
    private long lastSeq;
    private final AtomicLong dropped = new AtomicLong();
    private final AtomicInteger unsaid = new AtomicInteger();
    private Predicate<Runnable> executor = task -> {
        task.run();
        return true;
    };

    private EventJournal(JournalFile file) {
        this.file = file;
    }

    /** Goes on with what an earlier life wrote. */
    public static EventJournal open(Path stateDir) {
        EventJournal journal = new EventJournal(new JournalFile(stateDir.resolve(NAME)));
        try {
            journal.lastSeq = greatest(journal.file.open());
            if (journal.lastSeq == 0) {
                // the last few lines are none of ours, or a very long one
                journal.lastSeq = greatest(journal.file.lastLines(JournalFile.TAIL));
            }
        } catch (IOException unusable) {
            journal.dropped.incrementAndGet();
        }
        return journal;
    }

    /** Keeps its lines in memory alone. */
    public static EventJournal none() {
        return new EventJournal(null);
    }

    /** The greatest number that a line begins with, 0 if none does. */
    private static long greatest(String lines) {
        long greatest = 0;
        for (int begin = lines.indexOf(SEQ); begin >= 0; begin = lines.indexOf(SEQ, begin + 1)) {
            int end = begin + SEQ.length();
            long number = 0;
            while (end < lines.length() && end - begin - SEQ.length() < MAX_DIGITS
                    && lines.charAt(end) >= '0' && lines.charAt(end) <= '9') {
                number = 10 * number + lines.charAt(end++) - '0';
            }
            boolean atLineStart = begin == 0 || lines.charAt(begin - 1) == '\n';
            if (atLineStart && end < lines.length() && lines.charAt(end) == ',') {
                greatest = Math.max(greatest, number);
            }
        }
        return greatest;
    }

    /** Lines that never reached the disk. */
    public long dropped() {
        return dropped.get();
    }

    /** Is told each line, also one that cannot be written, as are those that have said so before. */
    public void listen(Consumer<String> next) {
        listener = listener == null ? next : listener.andThen(next);
    }

    /** Has lines written by another thread; without this, by whoever appends them. */
    public void writeOn(Predicate<Runnable> executor) {
        this.executor = executor;
    }

    /** What {@link #append} does, without a line. */
    public void rehearse(Map<String, Object> fields) {
        text(lastSeq, fields);
    }

    private static String text(long seq, Map<String, Object> fields) {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("seq", seq);
        line.put("at", Instant.now().toString());
        line.putAll(fields);
        return Json.write(line);
    }

    public void append(Map<String, Object> fields) {
        String text = text(++lastSeq, fields);
        remember(text);
        if (file != null && !executor.test(() -> write(text))) {
            lose();
        }
        if (listener != null) {
            listener.accept(text);
        }
    }

    private void remember(String text) {
        recent.add(text);
        recentNumbers.add(lastSeq);
        if (recent.size() > REMEMBERED) {
            recent.remove();
            recentNumbers.remove();
        }
    }

    /** Looks at the file before the line is made whole, which tells what was found. */
    private void write(String text) {
        int lost = unsaid.get();
        try {
            file.ensureOpen();
            StringBuilder line = new StringBuilder(text).deleteCharAt(text.length() - 1);
            if (lost > 0) {
                line.append(",\"linesLostBefore\":").append(lost);
            }
            String warning = file.takeWarning();
            if (!warning.isEmpty()) {
                line.append(",\"journalWarning\":").append(Json.write(warning));
            }
            file.append(line.append("}\n").toString().getBytes(StandardCharsets.UTF_8));
            unsaid.addAndGet(-lost);
        } catch (IOException full) {
            lose();
        }
    }

    private void lose() {
        dropped.incrementAndGet();
        unsaid.incrementAndGet();
    }

    /** The remembered lines (256 at the most) with a greater {@code seq}, oldest first. */
    public List<String> since(long seq) {
        int skip = (int) recentNumbers.stream().filter(number -> number <= seq).count();
        return recent.stream().skip(skip).toList();
    }
}
