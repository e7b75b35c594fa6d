package dev.soleinit.os;

import dev.soleinit.os.Os.Identity;
import dev.soleinit.os.Os.SpawnResult;
import dev.soleinit.process.SpawnError;
import dev.soleinit.process.SpawnError.Kind;
import java.lang.ref.Reference;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Starts a program as somebody else. For the kernel credentials belong to a thread: a fresh thread
 * drops its own with raw system calls, starts the program, and ends; the rest of the process keeps
 * its rights. Source: credentials(7), nptl(7).
 */
final class Credentials {
    private final Native nativeCode;
    private final boolean arm = System.getProperty("os.arch").equals("aarch64");

    Credentials(Native nativeCode) {
        this.nativeCode = nativeCode;
    }

    /**
     * Starts it on a fresh thread, as somebody else if that is asked for.
     *
     * @param meanwhile called with that thread once it runs
     */
    SpawnResult as(Optional<Identity> identity, Supplier<SpawnResult> start,
            Consumer<Thread> meanwhile) {
        AtomicReference<SpawnResult> result = new AtomicReference<>();
        Thread thread = new Thread(() -> result.set(
                identity.isEmpty() || drop(identity.get()) ? start.get()
                        : notPermitted(identity.get())), "spawn");
        thread.start();
        meanwhile.accept(thread);
        joinForSure(thread);
        return result.get();
    }

    private static SpawnResult notPermitted(Identity identity) {
        return new SpawnResult.Failed(new SpawnError(Kind.NOT_EXECUTABLE, "Cannot start as user "
                + identity.uid() + ":" + identity.gid() + ": the kernel does not permit it; run "
                + "the supervisor as root with CAP_SETUID and CAP_SETGID, or leave out --user"));
    }

    /** In this order: who has given up the user id may no longer change the groups. */
    private boolean drop(Identity identity) {
        return setGroups(identity.groups())
                && call(arm ? 149 : 119, identity.gid(), identity.gid(), identity.gid())
                && call(arm ? 147 : 117, identity.uid(), identity.uid(), identity.uid());
    }

    private boolean setGroups(List<Integer> groups) {
        Pointer list = nativeCode.allocate(Math.max(4, 4 * groups.size()));
        for (int i = 0; i < groups.size(); i++) {
            list.putInt(4L * i, groups.get(i));
        }
        boolean set = call(arm ? 159 : 116, groups.size(), list.address(), 0);
        Reference.reachabilityFence(list);
        return set;
    }

    private boolean call(int number, long first, long second, long third) {
        return nativeCode.libc.syscall(number, first, second, third) == 0;
    }

    private static void joinForSure(Thread thread) {
        boolean interrupted = false;
        while (true) {
            try {
                thread.join();
                break;
            } catch (InterruptedException later) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
