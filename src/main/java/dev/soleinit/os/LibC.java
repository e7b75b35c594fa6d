package dev.soleinit.os;

import jnr.ffi.Pointer;
import jnr.ffi.annotations.In;
import jnr.ffi.annotations.Out;
import jnr.ffi.types.size_t;
import jnr.ffi.types.ssize_t;

/**
 * The functions of glibc that {@link PosixOs} calls, by their C names. Those that return an error
 * number (posix_spawn and its kin) leave errno alone. Source: the manual page of each name.
 */
public interface LibC {
    int waitpid(int pid, @Out int[] status, int options);

    int waitid(int idtype, int id, Pointer info, int options);

    int kill(int pid, int signal);

    int getpid();

    int getpgid(int pid);

    int gettid();

    int isatty(int fd);

    int prctl(int option, long arg2, long arg3, long arg4, long arg5);

    int pthread_sigmask(int how, @In byte[] set, Pointer old);

    int signalfd(int fd, @In byte[] set, int flags);

    int eventfd(int initial, int flags);

    int poll(Pointer fds, long count, int timeoutMs);

    @ssize_t long read(int fd, Pointer buffer, @size_t long size);

    @ssize_t long write(int fd, @In byte[] buffer, @size_t long size);

    int close(int fd);

    int open(String path, int flags, int mode);

    int fcntl(int fd, int command, long argument);

    int mkfifo(String path, int mode);

    int umask(int mask);

    int socket(int domain, int type, int protocol);

    int setsockopt(int fd, int level, int name, @In int[] value, int size);

    int bind(int fd, @In byte[] address, int size);

    int listen(int fd, int backlog);

    int getsockname(int fd, @Out byte[] address, @In @Out int[] size);

    @ssize_t long recvmsg(int fd, Pointer message, int flags);

    int posix_spawn(@Out int[] pid, String path, Pointer actions, Pointer attributes, Pointer argv,
            Pointer environment);

    int posix_spawnattr_init(Pointer attributes);

    int posix_spawnattr_destroy(Pointer attributes);

    int posix_spawnattr_setflags(Pointer attributes, short flags);

    int posix_spawnattr_setsigmask(Pointer attributes, @In byte[] set);

    int posix_spawnattr_setsigdefault(Pointer attributes, @In byte[] set);

    int posix_spawnattr_setpgroup(Pointer attributes, int group);

    int posix_spawn_file_actions_init(Pointer actions);

    int posix_spawn_file_actions_destroy(Pointer actions);

    int posix_spawn_file_actions_adddup2(Pointer actions, int from, int to);

    int posix_spawn_file_actions_addopen(Pointer actions, int fd, String path, int flags, int mode);

    int posix_spawn_file_actions_addchdir_np(Pointer actions, String path);

    int posix_spawn_file_actions_addclosefrom_np(Pointer actions, int from);

    int posix_spawn_file_actions_addtcsetpgrp_np(Pointer actions, int terminal);

    /** Raw, so that it changes the calling thread alone: glibc's wrappers change all threads. */
    long syscall(long number, long first, long second, long third);
}
