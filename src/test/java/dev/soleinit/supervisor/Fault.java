package dev.soleinit.supervisor;

import dev.soleinit.os.Kernel;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;

/**
 * A fault that is planted between the loop and the kernel: at its n-th call something is thrown, before
 * the kernel has done anything or when it has.
 *
 * @param at    which call, from 1; 0 for none
 * @param after whether the kernel has done it already
 */
record Fault(int at, Kind kind, boolean after) {
    static final Fault NONE = new Fault(0, Kind.STATE, false);
    /** What other threads may call, too, and what says nothing that could fail. */
    private static final Set<String> NOT_COUNTED = Set.of("wake", "toString", "hashCode", "equals");

    /** What is thrown. */
    enum Kind {
        STATE, MEMORY;

        private Throwable error() {
            return switch (this) {
                case STATE -> new IllegalStateException("planted");
                case MEMORY -> new OutOfMemoryError("planted");
            };
        }
    }

    /** Counts the calls of a kernel. */
    static final class Counter {
        int calls;
        /** What was called, in this order. */
        final List<String> names = new ArrayList<>();
    }

    /** The kernel with this fault. */
    Kernel plantedInto(Kernel kernel, Counter counter, BiConsumer<String, Boolean> told) {
        return (Kernel) Proxy.newProxyInstance(Kernel.class.getClassLoader(), new Class<?>[] {Kernel.class},
                (_, method, arguments) -> call(kernel, method, arguments, counter, told));
    }

    private Object call(Kernel kernel, Method method, Object[] arguments, Counter counter,
            BiConsumer<String, Boolean> told) throws Throwable {
        boolean counts = !NOT_COUNTED.contains(method.getName());
        if (counts) {
            counter.names.add(method.getName());
        }
        boolean now = counts && ++counter.calls == at;
        if (now) {
            told.accept(kind + (after ? " after " : " before ") + method.getName() + ", call " + at, after);
        }
        if (now && !after) {
            throw kind.error();
        }
        Object answer = invoke(kernel, method, arguments);
        if (now) {
            throw kind.error();
        }
        return answer;
    }

    static Object invoke(Kernel kernel, Method method, Object[] arguments) throws Throwable {
        try {
            return method.invoke(kernel, arguments);
        } catch (InvocationTargetException kernels) {
            throw kernels.getCause();
        }
    }
}
