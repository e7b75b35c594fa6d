package dev.soleinit.os.ffi;

import com.kenai.jffi.CallContext;
import com.kenai.jffi.CallingConvention;
import com.kenai.jffi.Invoker;
import com.kenai.jffi.LastError;
import com.kenai.jffi.Library;
import com.kenai.jffi.MemoryIO;
import com.kenai.jffi.Type;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Calls C functions by name, through the jffi that is below jnr-ffi: jnr-ffi's own way, an interface
 * that it implements at run time, takes PID 1 a tenth of a second. Every argument goes as 64 bits,
 * which C narrows: on x86-64 and aarch64 each has a register of its own, and six are enough. For all
 * threads.
 */
class NativeCalls {
    private static final int MAX_ARGUMENTS = 6;

    private final MemoryIO memory = MemoryIO.getInstance();
    private final Invoker invoker = Invoker.getInstance();
    private final Library library = Library.openLibrary("libc.so.6", Library.LAZY);
    private final Map<String, Long> addresses = new ConcurrentHashMap<>();
    private final CallContext[] shapes = new CallContext[MAX_ARGUMENTS + 1];

    NativeCalls() {
        if (library == null) {
            throw new IllegalStateException("Cannot load the C library: " + Library.getLastError());
        }
        for (int count = 0; count <= MAX_ARGUMENTS; count++) {
            Type[] types = new Type[count];
            Arrays.fill(types, Type.SINT64);
            shapes[count] = CallContext.getCallContext(Type.SINT64, types,
                    CallingConvention.DEFAULT, true);
        }
    }

    /** The error number of the calling thread's last call. */
    final int errno() {
        return LastError.getInstance().get();
    }

    private long find(String name) {
        Long known = addresses.get(name);
        if (known == null) {
            known = library.getSymbolAddress(name);
            if (known == 0) {
                throw new UnsatisfiedLinkError("Cannot find " + name + ": " + Library.getLastError());
            }
            addresses.put(name, known);
        }
        return known;
    }

    // ---- a function with so many arguments; its answer still has to be narrowed

    final long call(String name) {
        return invoker.invokeN0(shapes[0], find(name));
    }

    final long call(String name, long a) {
        return invoker.invokeN1(shapes[1], find(name), a);
    }

    final long call(String name, long a, long b) {
        return invoker.invokeN2(shapes[2], find(name), a, b);
    }

    final long call(String name, long a, long b, long c) {
        return invoker.invokeN3(shapes[3], find(name), a, b, c);
    }

    final long call(String name, long a, long b, long c, long d) {
        return invoker.invokeN4(shapes[4], find(name), a, b, c, d);
    }

    final long call(String name, long a, long b, long c, long d, long e) {
        return invoker.invokeN5(shapes[5], find(name), a, b, c, d, e);
    }

    final long call(String name, long a, long b, long c, long d, long e, long f) {
        return invoker.invokeN6(shapes[6], find(name), a, b, c, d, e, f);
    }

    // ---- arguments that are no numbers

    /** The address of a block; 0 for null. */
    static long at(Pointer block) {
        return block == null ? 0 : block.address();
    }

    /** What to do with the address of a copy. */
    interface WithAddress {
        long with(long address);
    }

    /** Hands C a copy of the bytes for the time of one call. */
    final long in(byte[] bytes, WithAddress use) {
        long copy = memory.allocateMemory(Math.max(1, bytes.length), false);
        try {
            memory.putByteArray(copy, bytes, 0, bytes.length);
            return use.with(copy);
        } finally {
            memory.freeMemory(copy);
        }
    }

    /** Likewise a text; C wants it to end in a NUL. */
    final long in(String text, WithAddress use) {
        return in((text + '\0').getBytes(StandardCharsets.UTF_8), use);
    }

    /** Hands C room for the numbers, with what they are now, and takes over what it wrote. */
    final long inOut(int[] numbers, WithAddress use) {
        long copy = memory.allocateMemory((long) numbers.length * Integer.BYTES, false);
        try {
            memory.putIntArray(copy, numbers, 0, numbers.length);
            long answer = use.with(copy);
            memory.getIntArray(copy, numbers, 0, numbers.length);
            return answer;
        } finally {
            memory.freeMemory(copy);
        }
    }
}
