package dev.soleinit.rundir;

import dev.soleinit.json.Json;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * state/{@code events.jsonl}: what happened, one JSON object a line with {@code at} (ISO 8601,
 * UTC) and a rising {@code seq}. At 1 MiB it becomes {@code events.jsonl.1}. A line that cannot be
 * written is counted and said with the next one that can; nothing is thrown. Used on the loop's
 * thread.
 */
public final class EventJournal {
    private static final String NAME = "events.jsonl";
    private static final long MOST_BYTES = 1 << 20;
    private static final int REMEMBERED = 256;
    /** Longer than any line. */
    private static final int TAIL = 64 * 1024;
    private static final Pattern SEQ = Pattern.compile("(?m)^\\{\"seq\":([0-9]{1,18}),");

    /** Null where nothing is kept. */
    private final Path file;
    private final Deque<String> recent = new ArrayDeque<>();
    private final Deque<Long> recentNumbers = new ArrayDeque<>();
    private Consumer<String> listener = _ -> { };
    private long lastSeq;
    private long size;
    private long dropped;
    private long unsaid;

    private EventJournal(Path file) {
        this.file = file;
    }

    /** Goes on with what an earlier life wrote, and ends the line that it may have left half. */
    public static EventJournal open(Path stateDir) {
        EventJournal journal = new EventJournal(stateDir.resolve(NAME));
        journal.heal();
        return journal;
    }

    /** Keeps its lines in memory alone. */
    public static EventJournal none() {
        return new EventJournal(null);
    }

    private void heal() {
        try (RandomAccessFile old = new RandomAccessFile(file.toFile(), "rw")) {
            size = old.length();
            if (size > 0) {
                old.seek(size - 1);
                if (old.read() != '\n') {
                    old.write('\n');
                    size++;
                }
            }
            lastSeq = lastSeq();
        } catch (IOException unusable) {
            dropped++;
        }
    }

    /** The greatest number of the lines at the end of the file or, if it is empty, of the older. */
    private long lastSeq() throws IOException {
        Path older = file.resolveSibling(NAME + ".1");
        Path newest = size == 0 && Files.exists(older) ? older : file;
        try (RandomAccessFile lines = new RandomAccessFile(newest.toFile(), "r")) {
            lines.seek(Math.max(0, lines.length() - TAIL));
            byte[] tail = new byte[(int) Math.min(TAIL, lines.length())];
            lines.readFully(tail);
            Matcher match = SEQ.matcher(new String(tail, StandardCharsets.UTF_8));
            return match.results().mapToLong(one -> Long.parseLong(one.group(1))).max().orElse(0);
        }
    }

    /** Lines that never reached the disk. */
    public long dropped() {
        return dropped;
    }

    /** Is told each line, also one that cannot be written. */
    public void listen(Consumer<String> listener) {
        this.listener = listener;
    }

    public void append(Map<String, Object> fields) {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("seq", ++lastSeq);
        line.put("at", Instant.now().toString());
        line.putAll(fields);
        if (unsaid > 0) {
            line.put("linesLostBefore", unsaid);
        }
        String text = Json.write(line);
        remember(text);
        write((text + "\n").getBytes(StandardCharsets.UTF_8));
        listener.accept(text);
    }

    private void remember(String text) {
        recent.add(text);
        recentNumbers.add(lastSeq);
        if (recent.size() > REMEMBERED) {
            recent.remove();
            recentNumbers.remove();
        }
    }

    private void write(byte[] line) {
        if (file == null) {
            return;
        }
        try {
            if (size + line.length > MOST_BYTES) {
                Files.move(file, file.resolveSibling(NAME + ".1"),
                        StandardCopyOption.REPLACE_EXISTING);
                size = 0;
            }
            append(line);
            size += line.length;
            unsaid = 0;
        } catch (IOException full) {
            dropped++;
            unsaid++;
        }
    }

    /** A line that did not fit whole is taken back, so that no half one stays. */
    private void append(byte[] line) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE,
                StandardOpenOption.WRITE, StandardOpenOption.APPEND)) {
            long before = channel.size();
            ByteBuffer left = ByteBuffer.wrap(line);
            try {
                while (left.hasRemaining()) {
                    channel.write(left);
                }
            } catch (IOException full) {
                channel.truncate(before);
                throw full;
            }
        }
    }

    /** The remembered lines (256 at the most) with a greater {@code seq}, oldest first. */
    public List<String> since(long seq) {
        int skip = (int) recentNumbers.stream().filter(number -> number <= seq).count();
        return recent.stream().skip(skip).toList();
    }
}
