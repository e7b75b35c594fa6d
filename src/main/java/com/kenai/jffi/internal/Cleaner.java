package com.kenai.jffi.internal;

/**
 * Stands before the class of this name in jffi's own jar. What PID 1 makes with jffi (libraries, the
 * shapes of calls) it uses as long as it lives, so nothing has to be freed with the object that stands
 * for it. jffi's class starts a thread for each of them, and asks at its beginning for a class by a
 * name that no class has, for which the JVM opens every jar: some eight milliseconds of a start.
 */
public final class Cleaner {
    private Cleaner() {}

    /** Frees nothing by itself; what is returned does, when it is run. */
    public static Runnable register(Object object, Runnable free) {
        return free;
    }
}
