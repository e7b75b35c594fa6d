package dev.soleinit.os.ffi;

/** Combinations of flags for open(2) that differ by machine. Source: fcntl.h of x86-64 and aarch64. */
public final class OpenFlags {
    private static final boolean ARM = System.getProperty("os.arch").equals("aarch64");
    private static final int O_WRONLY_CREAT_APPEND = 1 | 0100 | 02000;
    private static final int O_CLOEXEC = 02000000;
    private static final int O_NOFOLLOW = ARM ? 0100000 : 0400000;

    private static final int O_DIRECTORY = ARM ? 040000 : 0200000;

    public static final int DIRECTORY_NOFOLLOW_CLOEXEC = O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    public static final int APPEND_NEW_NOFOLLOW_CLOEXEC = O_WRONLY_CREAT_APPEND | O_CLOEXEC | O_NOFOLLOW;
    public static final int MODE_0644 = 0644;

    private OpenFlags() {}
}
