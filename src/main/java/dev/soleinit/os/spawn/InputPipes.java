package dev.soleinit.os.spawn;

import dev.soleinit.os.ffi.LibC;

/**
 * The pipes that commands read their standard input from. All of it is in the pipe, and its other end is
 * closed, before the command exists: so nobody ever waits for who does not read. Used on the loop's
 * thread. Source: pipe(7).
 */
final class InputPipes {
    private static final int F_SETFL = 4;
    /** Of the flags that can be set, none. */
    private static final int BLOCKING = 0;
    /** A command that runs as another user may open /dev/stdin, which asks for permission anew. */
    private static final int FOR_ALL = 0666;

    private final LibC libc;
    private final LaunchReports reports;

    InputPipes(LibC libc, LaunchReports reports) {
        this.libc = libc;
        this.reports = reports;
    }

    /** The end to read from; -1 where no descriptor is left, or no pipe takes so much at one stroke. */
    int filled(byte[] content) {
        LaunchReports.Pipe pipe = reports.open();
        if (pipe.writeEnd() < 0) {
            return -1;
        }
        long written = libc.write(pipe.writeEnd(), content, content.length);
        libc.fchmod(pipe.readEnd(), FOR_ALL);
        libc.close(pipe.writeEnd());
        libc.fcntl(pipe.readEnd(), F_SETFL, BLOCKING);
        int moved = reports.moveUp(pipe.readEnd());
        if (written != content.length && moved >= 0) {
            libc.close(moved);
            return -1;
        }
        return moved;
    }
}
