package dev.soleinit.os;

import dev.soleinit.os.Os.Identity;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.locks.LockSupport;

/**
 * Tells a program its own process id in its environment (LISTEN_PID), which nobody knows before it
 * exists and nobody can change afterwards. posix_spawn shares its memory with the child until that
 * becomes its program (CLONE_VM), and waits for it (CLONE_VFORK): so a thread of its own starts it,
 * and the child's first action is to open a FIFO, where it waits in turn. Meanwhile it shows up as
 * that thread's child, its id is written into the environment that it will take along, and the
 * FIFO's other end is opened. Sources: posix_spawn(3), vfork(2), fifo(7), proc(5).
 */
final class Gate {
    private static final int O_WRONLY_NONBLOCK_CLOEXEC = 1 | 04000 | 02000000;
    private static final int OWNER_ONLY = 0600;
    private static final long LOOK_AGAIN_NANOS = 20_000;
    /** Then it is let through without knowing its id: PID 1 has more to do than to wait. */
    private static final long LONGEST_NANOS = 5_000_000_000L;
    private static final String NAME = "LISTEN_PID=";
    private static final int DIGITS = 11;

    private final Native nativeCode;
    private final Path fifo;
    private final Pointer variable;
    private volatile int starter;

    Gate(Native nativeCode, Path fifo, Optional<Identity> owner) {
        this.nativeCode = nativeCode;
        this.fifo = fifo;
        this.variable = nativeCode.allocate(NAME.length() + DIGITS + 1);
        write(NAME);
        make(owner);
    }

    /** A daemon's user must be able to open it. */
    private void make(Optional<Identity> owner) {
        try {
            Files.deleteIfExists(fifo);
            nativeCode.libc.mkfifo(fifo.toString(), OWNER_ONLY);
            if (owner.isPresent()) {
                Files.setAttribute(fifo, "unix:uid", owner.get().uid());
            }
        } catch (IOException unusable) {
            // then the start fails, and that has words
        }
    }

    /** What the child has to open for reading before anything else. */
    Path fifo() {
        return fifo;
    }

    /** The variable that its environment has to point at. */
    Pointer variable() {
        return variable;
    }

    /** To be called by the thread that starts the child, before it does. */
    void startsHere() {
        starter = nativeCode.libc.gettid();
    }

    /** Lets the child through; returns once the thread has ended, which it does without a child, too. */
    void release(Thread thread) {
        long begin = System.nanoTime();
        boolean told = false;
        int end = -1;
        while (thread.isAlive()) {
            told = told || tell();
            if (end < 0 && (told || System.nanoTime() - begin > LONGEST_NANOS)) {
                // refused until the child is there
                end = nativeCode.libc.open(fifo.toString(), O_WRONLY_NONBLOCK_CLOEXEC, 0);
            }
            LockSupport.parkNanos(LOOK_AGAIN_NANOS);
        }
        if (end >= 0) {
            nativeCode.libc.close(end);
        }
    }

    private boolean tell() {
        OptionalInt child = starter == 0 ? OptionalInt.empty() : ProcFs.child(starter);
        child.ifPresent(pid -> write(NAME + pid));
        return child.isPresent();
    }

    private void write(String text) {
        byte[] bytes = (text + '\0').getBytes(StandardCharsets.US_ASCII);
        variable.put(0, bytes, 0, bytes.length);
    }
}
