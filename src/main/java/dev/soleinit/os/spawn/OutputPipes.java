package dev.soleinit.os.spawn;

import dev.soleinit.os.ffi.LibC;
import dev.soleinit.os.ffi.NativeMemory;
import dev.soleinit.os.ffi.Pointer;
import java.util.ArrayList;
import java.util.List;

/**
 * The pipes that take what commands print. The end that is read never waits; the command's own end does,
 * for few programs expect EAGAIN of their standard output. Used on the loop's thread. Sources: pipe(7),
 * fcntl(2).
 */
public final class OutputPipes {
    private static final int F_SETFL = 4;
    /** Of the flags that can be set, none. */
    private static final int BLOCKING = 0;
    /** A command that runs as another user may open /dev/stdout, which asks for permission anew. */
    private static final int FOR_ALL = 0666;
    private static final int BUFFER = 4096;

    /** The reading end of one command's pipe. */
    private static final class Output {
        final int pid;
        final int fd;
        /** More may be there than was read: it is not waited for until it has been read to its end. */
        boolean full;

        Output(int pid, int fd) {
            this.pid = pid;
            this.fd = fd;
        }
    }

    private final NativeMemory memory;
    private final LibC libc;
    private final LaunchReports reports;
    private final List<Output> outputs = new ArrayList<>();
    private Pointer buffer;

    public OutputPipes(NativeMemory memory, LaunchReports reports) {
        this.memory = memory;
        this.libc = memory.libc;
        this.reports = reports;
    }

    /** A new pipe; {@link LaunchReports#NONE} where no descriptor is left. */
    LaunchReports.Pipe open() {
        LaunchReports.Pipe pipe = reports.open();
        if (pipe.writeEnd() >= 0) {
            libc.fcntl(pipe.writeEnd(), F_SETFL, BLOCKING);
            libc.fchmod(pipe.writeEnd(), FOR_ALL);
        }
        return pipe;
    }

    void expect(int pid, int fd) {
        outputs.add(new Output(pid, fd));
    }

    /** The descriptors to wait for. */
    public List<Integer> descriptors() {
        if (outputs.isEmpty()) {
            return List.of();
        }
        List<Integer> waited = new ArrayList<>(outputs.size());
        for (Output one : outputs) {
            if (!one.full) {
                waited.add(one.fd);
            }
        }
        return waited;
    }

    /** Reads what is there, without waiting; 0 if there is nothing now, or nothing any more. */
    public int read(int pid, byte[] bytes) {
        for (Output one : outputs) {
            if (one.pid == pid) {
                return read(one, bytes);
            }
        }
        return 0;
    }

    private int read(Output one, byte[] bytes) {
        if (buffer == null) {
            buffer = memory.allocate(BUFFER);
        }
        int size = (int) libc.read(one.fd, buffer, Math.min(BUFFER, bytes.length));
        one.full = size > 0;
        if (size == 0) {
            // its end would be reported again and again
            close(one.pid);
        }
        if (size > 0) {
            buffer.get(0, bytes, 0, size);
        }
        return Math.max(0, size);
    }

    /** From now on nobody can write to it, whoever still holds it: that gets SIGPIPE or EPIPE. */
    public void close(int pid) {
        for (int i = outputs.size() - 1; i >= 0; i--) {
            if (outputs.get(i).pid == pid) {
                libc.close(outputs.remove(i).fd);
            }
        }
    }
}
