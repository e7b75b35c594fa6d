package dev.soleinit.os;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import jnr.ffi.LastError;
import jnr.ffi.LibraryLoader;
import jnr.ffi.Memory;
import jnr.ffi.Pointer;
import jnr.ffi.Runtime;

/** The loaded C library and the few ways in which memory is handed to it. */
final class Native {
    final LibC libc;
    final Runtime runtime;

    Native() {
        libc = LibraryLoader.create(LibC.class).load("c");
        runtime = Runtime.getRuntime(libc);
    }

    /** The error number of the calling thread's last call. */
    int errno() {
        return LastError.getLastError(runtime);
    }

    /** Memory that C may write to, freed with the object. */
    Pointer allocate(int bytes) {
        return Memory.allocateDirect(runtime, bytes, true);
    }

    IllegalStateException failure(String what) {
        return new IllegalStateException("Cannot " + what + ": errno " + errno());
    }

    /** A NULL-terminated array of strings, with the memory that it points into. */
    CStrings strings(List<String> words) {
        return new CStrings(words);
    }

    /** Keeps the strings' memory alive as long as the array is in use. */
    final class CStrings {
        private final List<Pointer> kept = new ArrayList<>();
        final Pointer array;

        CStrings(List<String> words) {
            array = allocate((words.size() + 1) * runtime.addressSize());
            for (int i = 0; i < words.size(); i++) {
                byte[] bytes = words.get(i).getBytes(StandardCharsets.UTF_8);
                Pointer text = allocate(bytes.length + 1);
                text.put(0, bytes, 0, bytes.length);
                kept.add(text);
                array.putPointer((long) i * runtime.addressSize(), text);
            }
        }
    }
}
