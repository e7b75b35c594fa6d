package dev.soleinit.storage;

import dev.soleinit.checksum.Sha256;
import dev.soleinit.json.Json;
import dev.soleinit.json.JsonException;
import dev.soleinit.json.JsonStream;
import dev.soleinit.storage.files.AtomicFile;
import dev.soleinit.storage.files.RegularFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * A restart manifest on disk, one JSON object: {@code format}, {@code checksum}, {@code content}. It may
 * be larger than the memory there is, so it is written and read piece by piece; the checksum is that of
 * the content's bytes as they stand in the file.
 */
final class ManifestFile {
    /** All that is ever kept, in the longest form that JSON has for it. */
    static final int MAX_BYTES = 96 << 20;
    private static final String BEGIN = "{\"format\":1,\"checksum\":\"";
    private static final String CONTENT = "\"content\":";
    private static final String NO_CHECKSUM = "0".repeat(64);
    private static final int PIECE = 64 * 1024;
    private static final int MAX_BEGIN = 256;

    private final FileChannel channel;
    private final ByteBuffer piece = ByteBuffer.allocate(PIECE);
    private final Sha256 sum = new Sha256();
    private long position;

    private ManifestFile(FileChannel channel) {
        this.channel = channel;
    }

    // ---- writing

    /**
     * Replaces the file durably.
     *
     * @param head    the content beside its lists
     * @param cut     ids of the pieces that ran when they were cut
     * @param entries the fields of each piece
     */
    static void write(Path file, Map<String, Object> head, Stream<String> cut,
            Stream<Map<String, Object>> entries) throws IOException {
        AtomicFile.replace(file, channel -> new ManifestFile(channel).write(head, cut, entries)).close();
    }

    private void write(Map<String, Object> head, Stream<String> cut, Stream<Map<String, Object>> entries)
            throws IOException {
        put(BEGIN + NO_CHECKSUM + "\"," + CONTENT);
        flush();
        sum.reset();
        String text = Json.write(head);
        put(text.substring(0, text.length() - 1) + ",\"cut\":[");
        putEach(cut.iterator());
        put("],\"candidates\":[");
        putEach(entries.iterator());
        put("]}");
        flush();
        String whole = sum.hex();
        put("}\n");
        flush();
        channel.write(ByteBuffer.wrap(whole.getBytes(StandardCharsets.US_ASCII)), BEGIN.length());
    }

    private void putEach(Iterator<?> values) throws IOException {
        while (values.hasNext()) {
            put(Json.write(values.next()) + (values.hasNext() ? "," : ""));
        }
    }

    private void put(String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        for (int at = 0; at < bytes.length;) {
            if (!piece.hasRemaining()) {
                flush();
            }
            int size = Math.min(piece.remaining(), bytes.length - at);
            piece.put(bytes, at, size);
            at += size;
        }
    }

    private void flush() throws IOException {
        piece.flip();
        position += piece.remaining();
        if (position > MAX_BYTES) {
            throw new IOException("it would have more than " + (MAX_BYTES >> 20) + " MiB");
        }
        sum.add(piece);
        while (piece.hasRemaining()) {
            channel.write(piece);
        }
        piece.clear();
    }

    // ---- reading

    /**
     * What is in it beside the entries.
     *
     * @param whole     the outermost object
     * @param untouched its checksum is right
     */
    record Head(Map<String, Object> whole, boolean untouched) {}

    /** Hands over the fields of each entry. */
    static Head read(Path file, Consumer<Map<String, Object>> entries)
            throws IOException, JsonException {
        try (FileChannel channel = RegularFile.openToRead(file)) {
            if (channel.size() > MAX_BYTES) {
                throw new FileSystemException(file.toString(), null, "it has " + channel.size()
                        + " bytes, " + MAX_BYTES + " at the most are read");
            }
            Optional<String> sum = new ManifestFile(channel).checksum();
            channel.position(0);
            // not closed: that is the channel's own end
            InputStream in = Channels.newInputStream(channel);
            Map<String, Object> whole = JsonStream.read(in, "candidates", entries);
            return new Head(whole, sum.isPresent() && sum.get().equals(whole.get("checksum")));
        }
    }

    /** Of the content's bytes; nothing if it is not where it was written. */
    private Optional<String> checksum() throws IOException {
        String begin = new String(read(0, MAX_BEGIN), StandardCharsets.ISO_8859_1);
        long from = begin.indexOf(CONTENT) + (long) CONTENT.length();
        long to = channel.size();
        String last = "";
        while (to > 0 && (last.isBlank())) {
            last = new String(read(--to, 1), StandardCharsets.ISO_8859_1);
        }
        if (from < CONTENT.length() || to < from || !last.equals("}")) {
            return Optional.empty();
        }
        for (long at = from; at < to;) {
            byte[] next = read(at, (int) Math.min(PIECE, to - at));
            sum.add(next, next.length);
            at += next.length;
        }
        return Optional.of(sum.hex());
    }

    private byte[] read(long from, int most) throws IOException {
        piece.clear().limit(most);
        while (piece.hasRemaining() && channel.read(piece, from + piece.position()) >= 0) {
            // goes on until all is there, or the file ends
        }
        if (piece.position() == 0 && channel.size() > from) {
            throw new IOException("it has become shorter");
        }
        byte[] bytes = new byte[piece.position()];
        piece.flip().get(bytes);
        piece.clear();
        return bytes;
    }
}
