package dev.soleinit.os.ffi;

import dev.soleinit.os.LinuxKernel;

/**
 * The functions of the C library that {@link LinuxKernel} calls, by their C names. Those that
 * return an error
 * number (posix_spawn and its kin) leave errno alone. Source: the manual page of each name.
 */
public final class LibC extends NativeCalls {
    private static final int F_DUPFD_CLOEXEC = 1030;

    public int waitpid(int pid, int[] status, int options) {
        return (int) inOut(status, at -> call("waitpid", pid, at, options));
    }

    public int waitid(int idtype, int id, Pointer info, int options) {
        return (int) call("waitid", idtype, id, at(info), options);
    }

    public int kill(int pid, int signal) {
        return (int) call("kill", pid, signal);
    }

    public void _exit(int code) {
        call("_exit", code);
    }

    public int getpid() {
        return (int) call("getpid");
    }

    public int getpgid(int pid) {
        return (int) call("getpgid", pid);
    }

    public int isatty(int fd) {
        return (int) call("isatty", fd);
    }

    public int prctl(int option, long arg2, long arg3, long arg4, long arg5) {
        return (int) call("prctl", option, arg2, arg3, arg4, arg5);
    }

    public int signalfd(int fd, byte[] set, int flags) {
        return (int) in(set, at -> call("signalfd", fd, at, flags));
    }

    public int pipe2(int[] ends, int flags) {
        return (int) inOut(ends, at -> call("pipe2", at, flags));
    }

    public int eventfd(int initial, int flags) {
        return (int) call("eventfd", initial, flags);
    }

    public int epoll_create1(int flags) {
        return (int) call("epoll_create1", flags);
    }

    public int epoll_ctl(int epoll, int operation, int fd, Pointer event) {
        return (int) call("epoll_ctl", epoll, operation, fd, at(event));
    }

    public int poll(Pointer fds, long count, int timeoutMs) {
        return (int) call("poll", at(fds), count, timeoutMs);
    }

    public long read(int fd, Pointer buffer, long size) {
        return call("read", fd, at(buffer), size);
    }

    public long write(int fd, byte[] buffer, long size) {
        return in(buffer, at -> call("write", fd, at, size));
    }

    public int close(int fd) {
        return (int) call("close", fd);
    }

    public int open(String path, int flags, int mode) {
        return (int) in(path, at -> call("open", at, flags, mode));
    }

    public int openat(int directory, String path, int flags) {
        return (int) in(path, at -> call("openat", directory, at, flags));
    }

    public int mkdirat(int directory, String path, int mode) {
        return (int) in(path, at -> call("mkdirat", directory, at, mode));
    }

    public int fchown(int fd, int user, int group) {
        return (int) call("fchown", fd, user, group);
    }

    public int fchmod(int fd, int mode) {
        return (int) call("fchmod", fd, mode);
    }

    public int umask(int mask) {
        return (int) call("umask", mask);
    }

    public int unlink(Pointer path) {
        return (int) call("unlink", at(path));
    }

    public int fcntl(int fd, int command, long argument) {
        return (int) call("fcntl", fd, command, argument);
    }

    /** The same open file under the least free number from {@code lowest} on, closed by exec. */
    public int duplicateFrom(int lowest, int fd) {
        return fcntl(fd, F_DUPFD_CLOEXEC, lowest);
    }

    public int socket(int domain, int type, int protocol) {
        return (int) call("socket", domain, type, protocol);
    }

    public int setsockopt(int fd, int level, int name, int[] value, int size) {
        return (int) inOut(value, at -> call("setsockopt", fd, level, name, at, size));
    }

    public int bind(int fd, byte[] address, int size) {
        return (int) in(address, at -> call("bind", fd, at, size));
    }

    public int connect(int fd, byte[] address, int size) {
        return (int) in(address, at -> call("connect", fd, at, size));
    }

    public long send(int fd, byte[] bytes, long size, int flags) {
        return in(bytes, at -> call("send", fd, at, size, flags));
    }

    public int listen(int fd, int backlog) {
        return (int) call("listen", fd, backlog);
    }

    public int getsockname(int fd, Pointer address, int[] size) {
        return (int) inOut(size, at -> call("getsockname", fd, at(address), at));
    }

    public long recvmsg(int fd, Pointer message, int flags) {
        return call("recvmsg", fd, at(message), flags);
    }

    public int posix_spawn(int[] pid, String path, Pointer actions, Pointer attributes, Pointer argv,
            Pointer environment) {
        return (int) inOut(pid, at -> in(path, text -> call("posix_spawn", at, text, at(actions),
                at(attributes), at(argv), at(environment))));
    }

    public int posix_spawnattr_init(Pointer attributes) {
        return (int) call("posix_spawnattr_init", at(attributes));
    }

    public int posix_spawnattr_destroy(Pointer attributes) {
        return (int) call("posix_spawnattr_destroy", at(attributes));
    }

    public int posix_spawnattr_setflags(Pointer attributes, short flags) {
        return (int) call("posix_spawnattr_setflags", at(attributes), flags);
    }

    public int posix_spawnattr_setsigmask(Pointer attributes, byte[] set) {
        return (int) in(set, at -> call("posix_spawnattr_setsigmask", at(attributes), at));
    }

    public int posix_spawnattr_setsigdefault(Pointer attributes, byte[] set) {
        return (int) in(set, at -> call("posix_spawnattr_setsigdefault", at(attributes), at));
    }

    public int posix_spawnattr_setpgroup(Pointer attributes, int group) {
        return (int) call("posix_spawnattr_setpgroup", at(attributes), group);
    }

    public int posix_spawn_file_actions_init(Pointer actions) {
        return (int) call("posix_spawn_file_actions_init", at(actions));
    }

    public int posix_spawn_file_actions_destroy(Pointer actions) {
        return (int) call("posix_spawn_file_actions_destroy", at(actions));
    }

    public int posix_spawn_file_actions_adddup2(Pointer actions, int from, int to) {
        return (int) call("posix_spawn_file_actions_adddup2", at(actions), from, to);
    }

    /** C keeps a copy of the path. */
    public int posix_spawn_file_actions_addopen(Pointer actions, int fd, String path, int flags,
            int mode) {
        return (int) in(path, at ->
                call("posix_spawn_file_actions_addopen", at(actions), fd, at, flags, mode));
    }

    public int malloc_trim(long kept) {
        return (int) call("malloc_trim", kept);
    }

    public int madvise(long address, long size, int advice) {
        return (int) call("madvise", address, size, advice);
    }

    public int getrusage(int who, Pointer usage) {
        return (int) call("getrusage", who, at(usage));
    }
}
