package dev.soleinit.os;

import com.kenai.jffi.MemoryIO;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** The loaded C library and the few ways in which memory is handed to it. */
final class Native {
    final LibC libc = new LibC();

    /** The error number of the calling thread's last call. */
    int errno() {
        return libc.errno();
    }

    /** Memory that C may write to, freed with the object. */
    Pointer allocate(int bytes) {
        ByteBuffer block = ByteBuffer.allocateDirect(bytes);
        return new Pointer(block, MemoryIO.getInstance().getDirectBufferAddress(block));
    }

    IllegalStateException failure(String what) {
        return new IllegalStateException("Cannot " + what + ": errno " + errno());
    }

    /**
     * A NULL-terminated array of strings, texts and all in one block: a block of memory a string
     * would be most of the time that a restart takes. The {@code others} are in blocks of their own.
     */
    Pointer strings(List<String> words, List<Pointer> others) {
        List<byte[]> texts = new ArrayList<>(words.size());
        int room = (words.size() + others.size() + 1) * Long.BYTES;
        int at = room;
        for (String word : words) {
            byte[] text = word.getBytes(StandardCharsets.UTF_8);
            texts.add(text);
            room += text.length + 1;
        }
        Pointer array = allocate(room);
        for (int i = 0; i < texts.size(); i++) {
            array.put(at, texts.get(i), 0, texts.get(i).length);
            array.putLong((long) i * Long.BYTES, array.address() + at);
            at += texts.get(i).length + 1;
        }
        for (int i = 0; i < others.size(); i++) {
            array.putLong((long) (texts.size() + i) * Long.BYTES, others.get(i).address());
        }
        return array;
    }
}
