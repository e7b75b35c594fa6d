/*
 * Becomes the JVM. The folder's own loader is executed on the folder's own java and C library, so that
 * the image's are not needed, no file is patched, and children inherit no library path.
 */
#include "launcher.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    MAX_PATH = 4096,
    MAX_CONTENTS = 16384,
    /* What the JVM, its jars and 16 connections take, and some more. */
    NEEDED_DESCRIPTORS = 64,
    USUAL_DESCRIPTORS = 1024,
    /* Threads of the JVM, the daemon, and a command of the CLI beside them. */
    NEEDED_PIDS = 24,
    /* What the JVM of such a command takes beside what is there; measured. */
    NEEDED_PIDS_OF_COMMAND = 12,
    OWN_UMASK = 022,
    FIRST_VICTIM = 1000,
};

/* Before the name of a variable that the JVM, its loader or its C library would obey. */
#define HIDDEN "SOLEINIT_HIDDEN_"

static const char *const OBEYED_FAMILIES[] = {"LD_", "MALLOC_", "LC_", "JAVA_", "_JAVA_", "JDK_", "_ALT_JAVA_",
    "GLIBC_", HIDDEN};
static const char *const OBEYED[] = {"CLASSPATH", "LANG", "LANGUAGE", "TZ", "TZDIR", "TMPDIR", "HOME",
    "GCONV_PATH", "GETCONF_DIR", "LOCPATH", "NLSPATH", "HOSTALIASES", "LOCALDOMAIN", "RES_OPTIONS",
    "RESOLV_HOST_CONF", "OUTPUT_CHARSET"};

/* The launcher is HOME/bin/daemon, whatever link or name it was called by. */
static char *find_home(void) {
    char path[MAX_PATH];
    ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);
    if (length <= 0) {
        fail(EXIT_REFUSED, "Cannot start: /proc/self/exe cannot be read (%s); is /proc mounted?", strerror(errno));
    }
    path[length] = '\0';
    for (int levels = 0; levels < 2; levels++) {
        char *slash = strrchr(path, '/');
        if (slash != NULL) {
            *slash = '\0';
        }
    }
    if (strpbrk(path, ":;") != NULL) {
        fail(EXIT_REFUSED, "Cannot start from %s: a colon or semicolon in the path divides lists of folders; move "
             "the folder to a path without", path);
    }
    return text("%s", path);
}

/* lib/contents names what the folder has to have, a path a line. */
static void check_contents(const char *home) {
    char contents[MAX_CONTENTS];
    if (read_file(text("%s/lib/contents", home), contents, sizeof contents) < 0) {
        fail(EXIT_REFUSED, "Cannot start: %s/lib/contents is not there; this program works only within its "
             "folder: copy all of /opt/soleinit, and link to its bin/daemon", home);
    }
    for (char *line = strtok(contents, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        char *path = text("%s/%s", home, line);
        if (access(path, R_OK) != 0) {
            fail(EXIT_REFUSED, "Cannot start: %s: %s; copy the folder %s whole again", path, strerror(errno), home);
        }
    }
}

static int is_obeyed(const char *entry) {
    for (size_t i = 0; i < sizeof OBEYED_FAMILIES / sizeof *OBEYED_FAMILIES; i++) {
        if (strncmp(entry, OBEYED_FAMILIES[i], strlen(OBEYED_FAMILIES[i])) == 0) {
            return 1;
        }
    }
    for (size_t i = 0; i < sizeof OBEYED / sizeof *OBEYED; i++) {
        size_t length = strlen(OBEYED[i]);
        if (strncmp(entry, OBEYED[i], length) == 0 && entry[length] == '=') {
            return 1;
        }
    }
    return 0;
}

/*
 * What the daemon's variables are hidden as; Java reads them from /proc/self/environ, byte for byte, and
 * takes the prefix off. HotSpot keeps a signal for itself, by default USR2: 31 is one that nobody sends. The
 * locale is the folder's own, for an image may have none, and Java's paths would be ASCII.
 */
static void hide(struct words *hidden, const char *home, char *const *environment) {
    append(hidden, "_JAVA_SR_SIGNUM=31");
    append(hidden, "LC_CTYPE=C.UTF-8");
    append(hidden, text("LOCPATH=%s/lib/c/locale", home));
    for (; *environment != NULL; environment++) {
        append(hidden, is_obeyed(*environment) ? text(HIDDEN "%s", *environment) : *environment);
    }
    append(hidden, NULL);
}

/*
 * A soft limit that is meant for the daemon may be too low for a JVM. It is raised here, and given back to
 * the daemon between spawn and exec. Returns what it was, or -1 if it was not changed.
 */
static long raise_descriptor_limit(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= USUAL_DESCRIPTORS) {
        return -1;
    }
    long old = (long) limit.rlim_cur;
    limit.rlim_cur = limit.rlim_max < USUAL_DESCRIPTORS ? limit.rlim_max : USUAL_DESCRIPTORS;
    if (limit.rlim_cur < NEEDED_DESCRIPTORS) {
        fail(EXIT_REFUSED, "Cannot start: only %ld descriptors are allowed (RLIMIT_NOFILE, hard), %d are needed; "
             "raise it (docker run --ulimit nofile=...)", (long) limit.rlim_cur, NEEDED_DESCRIPTORS);
    }
    return setrlimit(RLIMIT_NOFILE, &limit) == 0 ? old : -1;
}

/* The number in a file, or -1 if there is none. */
static long read_count(const char *path) {
    char digits[32];
    return read_file(path, digits, sizeof digits) > 0 && digits[0] >= '0' && digits[0] <= '9'
        ? strtol(digits, NULL, 10) : -1;
}

/* A JVM that gets no threads says so in a dozen lines, or hangs. */
static void check_pids_limit(void) {
    static const char *const FILES[] = {"/sys/fs/cgroup/pids.max", "/sys/fs/cgroup/pids/pids.max"};
    for (size_t i = 0; i < sizeof FILES / sizeof *FILES; i++) {
        long limit = read_count(FILES[i]);
        if (limit >= 0 && limit < NEEDED_PIDS) {
            fail(EXIT_REFUSED, "Cannot start: only %ld processes and threads are allowed (%s), %d are needed; "
                 "raise it (docker run --pids-limit)", limit, FILES[i], NEEDED_PIDS);
        }
    }
    struct rlimit user;
    if (geteuid() != 0 && getrlimit(RLIMIT_NPROC, &user) == 0 && user.rlim_cur < NEEDED_PIDS) {
        fail(EXIT_REFUSED, "Cannot start: only %ld processes and threads of this user are allowed (RLIMIT_NPROC), "
             "%d are needed; raise it (docker run --ulimit nproc=...)", (long) user.rlim_cur, NEEDED_PIDS);
    }
}

/* The same for a command of the CLI, beside what runs already. */
static void check_pids_left(void) {
    static const char *const FOLDERS[] = {"/sys/fs/cgroup", "/sys/fs/cgroup/pids"};
    for (size_t i = 0; i < sizeof FOLDERS / sizeof *FOLDERS; i++) {
        long limit = read_count(text("%s/pids.max", FOLDERS[i]));
        long used = read_count(text("%s/pids.current", FOLDERS[i]));
        if (limit >= 0 && used >= 0 && limit - used < NEEDED_PIDS_OF_COMMAND) {
            fail(EXIT_REFUSED, "Cannot start: %ld of the %ld processes and threads that are allowed "
                 "(%s/pids.max) are in use, %d more are needed; raise it (docker run --pids-limit)", used, limit,
                 FOLDERS[i], NEEDED_PIDS_OF_COMMAND);
        }
    }
}

long become_first_victim(void) {
    char old[16];
    if (read_file("/proc/self/oom_score_adj", old, sizeof old) <= 0
            || write_number("/proc/self/oom_score_adj", FIRST_VICTIM) != 0) {
        return -FIRST_VICTIM - 1;
    }
    return strtol(old, NULL, 10);
}

static void options(struct words *words, const char *home, long descriptors, int first_victim) {
    append(words, text("@%s/lib/jvm.options", home));
    append(words, text("-Djffi.boot.library.path=%s/lib/native", home));
    const char *cache = text("%s/lib/soleinit.aot", home);
    if (access(cache, R_OK) == 0) {
        append(words, text("-XX:AOTCache=%s", cache));
    }
    append(words, text("-Dsoleinit.home=%s", home));
    append(words, text("-Dsoleinit.umask=%o", umask(OWN_UMASK)));
    if (descriptors >= 0) {
        append(words, text("-Dsoleinit.nofile=%ld", descriptors));
    }
    if (first_victim) {
        check_pids_left();
        long old = become_first_victim();
        if (old >= -FIRST_VICTIM) {
            append(words, text("-Dsoleinit.oom=%ld", old));
        }
    } else {
        check_pids_limit();
    }
}

static const char *why(int error) {
    switch (error) {
    case E2BIG:
        return "arguments and environment are too long for the kernel";
    case ENOEXEC:
        return "it is built for another machine; take the image of this architecture";
    case EACCES:
        return "permission denied; is it executable, and on a file system without noexec?";
    default:
        return strerror(error);
    }
}

static void append_all(struct words *words, const struct words *more) {
    for (size_t i = 0; i < more->count; i++) {
        append(words, more->items[i]);
    }
}

int launch_java(const struct launch *launch, char *const *environment) {
    /* who ignores the death of children is never told of one */
    signal(SIGCHLD, SIG_DFL);
    char *home = find_home();
    /* first, for whatever is read from here on takes a descriptor */
    long descriptors = raise_descriptor_limit();
    check_contents(home);
    /* in runtime/bin, for java takes the folder above its own program for its home */
    char *loader = text("%s/runtime/bin/soleinit", home);
    struct words words = {0};
    append(&words, loader);
    append(&words, "--inhibit-cache");
    append(&words, "--library-path");
    append(&words, text("%s/lib/c", home));
    append(&words, text("%s/runtime/bin/java", home));
    options(&words, home, descriptors, launch->first_victim);
    append_all(&words, &launch->properties);
    append(&words, "-cp");
    append(&words, text("%s/lib/soleinit.jar", home));
    append(&words, "dev.soleinit.Main");
    append_all(&words, &launch->arguments);
    append(&words, NULL);
    struct words hidden = {0};
    hide(&hidden, home, environment);
    execve(loader, words.items, hidden.items);
    fail(EXIT_REFUSED, "Cannot start %s: %s", loader, why(errno));
}
