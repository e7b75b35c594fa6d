package dev.soleinit.os.ffi;

import com.kenai.jffi.MemoryIO;
import dev.soleinit.process.text.Bytes;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** The loaded C library and the few ways in which memory is handed to it. */
public final class NativeMemory {
    public final LibC libc = new LibC();

    /** The error number of the calling thread's last call. */
    public int errno() {
        return libc.errno();
    }

    /** Memory that C may write to, freed with the object. */
    public Pointer allocate(int bytes) {
        ByteBuffer block = ByteBuffer.allocateDirect(bytes);
        return new Pointer(block, MemoryIO.getInstance().getDirectBufferAddress(block));
    }

    /** A text as C wants it. */
    public Pointer text(String text) {
        byte[] bytes = Bytes.encode(text);
        Pointer block = allocate(bytes.length + 1);
        block.put(0, bytes, 0, bytes.length);
        return block;
    }

    public IllegalStateException failure(String what) {
        return new IllegalStateException("Cannot " + what + ": errno " + errno());
    }

    /**
     * A NULL-terminated array of strings, texts and all in one block: a block of memory a string
     * would be most of the time that a restart takes.
     */
    public Pointer strings(List<String> words) {
        List<byte[]> texts = new ArrayList<>(words.size());
        int size = (words.size() + 1) * Long.BYTES;
        int at = size;
        for (String word : words) {
            byte[] text = Bytes.encode(word);
            texts.add(text);
            size += text.length + 1;
        }
        Pointer array = allocate(size);
        for (int i = 0; i < texts.size(); i++) {
            array.put(at, texts.get(i), 0, texts.get(i).length);
            array.putLong((long) i * Long.BYTES, array.address() + at);
            at += texts.get(i).length + 1;
        }
        return array;
    }
}
