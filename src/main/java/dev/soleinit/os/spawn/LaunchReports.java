package dev.soleinit.os.spawn;

import dev.soleinit.os.Kernel.Launched;
import dev.soleinit.os.ffi.LibC;
import dev.soleinit.os.ffi.NativeMemory;
import dev.soleinit.os.ffi.Pointer;
import dev.soleinit.process.text.Bytes;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/**
 * The pipes by which launchers tell whether they became their program: the kernel closes the writing
 * end when the program is executed, and a launcher that fails writes why. Used on the loop's thread.
 * Sources: pipe(2), execve(2), docker/entrypoint/exec.c.
 */
public final class LaunchReports {
    static final Pipe NONE = new Pipe(-1, -1);
    private static final int NONBLOCK_CLOEXEC = 04000 | 02000000;
    private static final int MAX_RECORD = 4096;

    /** Both ends of a pipe, -1 for none. */
    record Pipe(int readEnd, int writeEnd) {}

    private record Expected(int pid, String program, int fd) {}

    private final LibC libc;
    private final Pointer buffer;
    private final List<Expected> expected = new ArrayList<>();
    private int lowest;

    /** @param lowest above whatever descriptors a child is given */
    public LaunchReports(NativeMemory memory, int lowest) {
        this.lowest = lowest;
        this.libc = memory.libc;
        this.buffer = memory.allocate(MAX_RECORD);
    }

    /** From now on children may be given more. */
    public void keepAbove(int number) {
        lowest = number;
    }

    /** A new pipe; {@link #NONE} where no descriptor is left, and then nothing is reported. */
    Pipe open() {
        int[] ends = {-1, -1};
        if (libc.pipe2(ends, NONBLOCK_CLOEXEC) != 0) {
            return NONE;
        }
        int writeEnd = moveUp(ends[1]);
        if (writeEnd < 0) {
            libc.close(ends[0]);
            return NONE;
        }
        return new Pipe(ends[0], writeEnd);
    }

    /** The same open file under a number that no child is given; closes the old one. */
    int moveUp(int fd) {
        int high = libc.duplicateFrom(lowest, fd);
        libc.close(fd);
        return high;
    }

    void expect(int pid, String program, int fd) {
        expected.add(new Expected(pid, program, fd));
    }

    /** The descriptors to wait for. */
    public List<Integer> descriptors() {
        return expected.isEmpty() ? List.of() : expected.stream().map(Expected::fd).toList();
    }

    /** What has been decided since the last call, without waiting. */
    public List<Launched> read() {
        if (expected.isEmpty()) {
            return List.of();
        }
        List<Launched> decided = new ArrayList<>();
        for (Iterator<Expected> all = expected.iterator(); all.hasNext();) {
            Expected one = all.next();
            long size = libc.read(one.fd(), buffer, MAX_RECORD);
            if (size >= 0) {
                libc.close(one.fd());
                all.remove();
                decided.add(new Launched(one.pid(), size == 0 ? Optional.empty()
                        : Optional.of(SpawnErrors.parse(one.program(), text((int) size)))));
            }
        }
        return decided;
    }

    private String text(int size) {
        byte[] bytes = new byte[size];
        buffer.get(0, bytes, 0, size);
        return Bytes.decode(bytes);
    }
}
