/*
 * What the supervisor spawns in place of the daemon: sets what only the process itself can set, and
 * becomes the program. No thread of PID 1 ever has the daemon's rights, and a slow exec holds nobody up.
 *
 *   --exec [-e FD] [-l COUNT] [-t] [-o ADJUSTMENT] [-n DESCRIPTORS] [-G GID,...] [-g GID] [-u UID]
 *          [-d DIRECTORY] [-m UMASK] [-s] [-b SIGNALS] [-i SIGNALS] -- PROGRAM [ARGUMENT...]
 *
 * It is spawned with all signals blocked, and unblocks them last. -b and -i name signals that the program
 * has blocked or ignored, as hexadecimal sets; with -s a file that is no program is run by /bin/sh.
 * If it fails it writes to descriptor FD one record: "STAGE ERRNO PATH", the path being the file or directory in question; without -e, a line
 * on standard error. That the descriptor is closed without a record says that the program runs.
 */
#define _GNU_SOURCE
#include "launcher.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { KERNEL_SIGSET = 8, MAX_GROUPS = 1024, MAX_HEAD = 256, MAX_SIGNAL = 64, FIRST_OWN = 3 };

struct request {
    int report;       /* descriptor of -e, -1 if none */
    int sockets;      /* how many are kept, from descriptor 3 on */
    const char *groups, *group, *user, *directory, *mask, *adjustment, *descriptors;
    int foreground, shell;
    unsigned long blocked, ignored;
    char **command;
};

static void give_up(const struct request *request, const char *stage, int error, const char *path) {
    int missing = error == ENOENT || error == ENOTDIR || error == ELOOP || error == ENAMETOOLONG;
    int code = missing && strcmp(stage, "directory") != 0 ? EXIT_NOT_FOUND : EXIT_CANNOT_EXECUTE;
    if (request->report >= 0) {
        char *record = text("%s %d %s", stage, error, path);
        while (write(request->report, record, strlen(record)) < 0 && errno == EINTR) {
        }
        _exit(code);
    }
    fail(code, "Cannot start '%s': %s %s: %s", request->command[0], stage, path, strerror(error));
}

static int parse(struct request *request, int count, char **arguments) {
    int option;
    request->report = -1;
    optind = 0;
    opterr = 0;
    /* one before the first, where getopt expects a program's name */
    while ((option = getopt(count + 1, arguments - 1, "+e:l:to:n:G:g:u:d:m:sb:i:")) != -1) {
        switch (option) {
        case 'e': request->report = atoi(optarg); break;
        case 'l': request->sockets = atoi(optarg); break;
        case 't': request->foreground = 1; break;
        case 'o': request->adjustment = optarg; break;
        case 'n': request->descriptors = optarg; break;
        case 'G': request->groups = optarg; break;
        case 'g': request->group = optarg; break;
        case 'u': request->user = optarg; break;
        case 'd': request->directory = optarg; break;
        case 'm': request->mask = optarg; break;
        case 's': request->shell = 1; break;
        case 'b': request->blocked = strtoul(optarg, NULL, 16); break;
        case 'i': request->ignored = strtoul(optarg, NULL, 16); break;
        default: return -1;
        }
    }
    request->command = arguments - 1 + optind;
    return request->command[0] == NULL ? -1 : 0;
}

/* Not all engines let close_range(2) through, and not all kernels have it. */
static void close_from(unsigned first) {
#ifdef SYS_close_range
    if (syscall(SYS_close_range, first, ~0U, 0) == 0) {
        return;
    }
#endif
    DIR *all = opendir("/proc/self/fd");
    if (all == NULL) {
        for (unsigned fd = first; fd < 65536; fd++) {
            close((int) fd);
        }
        return;
    }
    for (struct dirent *one = readdir(all); one != NULL; one = readdir(all)) {
        unsigned fd = (unsigned) strtoul(one->d_name, NULL, 10);
        if (fd >= first && fd != (unsigned) dirfd(all)) {
            close((int) fd);
        }
    }
    closedir(all);
}

static void keep_descriptors(const struct request *request) {
    unsigned first = FIRST_OWN + (unsigned) request->sockets;
    if (request->report >= 0) {
        fcntl(request->report, F_SETFD, FD_CLOEXEC);
        first = (unsigned) request->report + 1;
    }
    close_from(first);
}

/* As long as it has the rights for it: a lower limit or a higher score always works. */
static void restore_limits(const struct request *request) {
    struct rlimit limit;
    if (request->descriptors != NULL && getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = strtoul(request->descriptors, NULL, 10);
        setrlimit(RLIMIT_NOFILE, &limit);
    }
    if (request->adjustment != NULL) {
        write_number("/proc/self/oom_score_adj", strtol(request->adjustment, NULL, 10));
    }
}

/* In this order: who has given up the user id may no longer change the groups. */
static void become_user(const struct request *request) {
    static gid_t groups[MAX_GROUPS];
    if (request->groups != NULL) {
        size_t count = 0;
        char *next = (char *) request->groups;
        while (*next != '\0' && count < MAX_GROUPS) {
            groups[count++] = (gid_t) strtoul(next, &next, 10);
            next += *next == ',' ? 1 : 0;
        }
        if (setgroups(count, groups) != 0) {
            give_up(request, "groups", errno, request->groups);
        }
    }
    if (request->group != NULL && setgid((gid_t) strtoul(request->group, NULL, 10)) != 0) {
        give_up(request, "group", errno, request->group);
    }
    if (request->user != NULL && setuid((uid_t) strtoul(request->user, NULL, 10)) != 0) {
        give_up(request, "user", errno, request->user);
    }
}

/*
 * The supervisor has it spawned with every signal at its default (POSIX_SPAWN_SETSIGDEF), so what is left
 * are those that are to be ignored. Each other one would be a system call between the daemons.
 */
static void set_signals(const struct request *request) {
    struct { void (*handler)(int); unsigned long flags; void (*restorer)(void); unsigned long mask; } action = {0};
    action.handler = SIG_IGN;
    for (int signal = 1; signal <= MAX_SIGNAL && request->ignored >> (signal - 1) != 0; signal++) {
        if ((request->ignored >> (signal - 1) & 1) != 0) {
            syscall(SYS_rt_sigaction, signal, &action, NULL, KERNEL_SIGSET);
        }
    }
    syscall(SYS_rt_sigprocmask, SIG_SETMASK, &request->blocked, NULL, KERNEL_SIGSET);
}

/* The program that runs a script, or "" if the file is none. */
static const char *interpreter(const char *file) {
    static char head[MAX_HEAD];
    if (read_file(file, head, sizeof head) < 3 || strncmp(head, "#!", 2) != 0) {
        return "";
    }
    char *name = head + 2 + strspn(head + 2, " \t");
    name[strcspn(name, " \t\r\n")] = '\0';
    return name;
}

/* The error of one candidate, with the file that is to blame. */
struct failure {
    int error;
    const char *stage;
    const char *path;
};

/* As execvp(3) does; the shell's own arguments are the file and what was for it. */
static void run_by_shell(const char *file, char **command, char *const *environment) {
    struct words all = {0};
    append(&all, "/bin/sh");
    append(&all, file);
    for (command++; *command != NULL; command++) {
        append(&all, *command);
    }
    append(&all, NULL);
    execve(all.items[0], all.items, environment);
}

static void try(const struct request *request, const char *file, char *const *environment,
                struct failure *failure) {
    execve(file, request->command, environment);
    struct stat status;
    int error = errno;
    if (error == ENOEXEC && request->shell) {
        run_by_shell(file, request->command, environment);
    }
    if ((error == ENOENT || error == ENOTDIR) && stat(file, &status) == 0) {
        /* the file is there: it is what should run it that is missing */
        *failure = (struct failure) {error, "interpreter", text("%s %s", file, interpreter(file))};
    } else if (error == EACCES && stat(file, &status) == 0 && S_ISDIR(status.st_mode)) {
        *failure = (struct failure) {EISDIR, "exec", file};
    } else if (failure->error == 0 || (error != ENOENT && error != ENOTDIR)) {
        *failure = (struct failure) {error, "exec", file};
    }
}

/* As execvp(3) searches, but a script without a first line is an error, as for execve(2). */
static void search(const struct request *request, char *const *environment, struct failure *failure) {
    const char *program = request->command[0];
    const char *path = variable(environment, "PATH");
    if (path == NULL) {
        path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    }
    const char *all = path;
    while (1) {
        size_t length = strcspn(path, ":");
        const char *file = length == 0 ? text("./%s", program) : text("%.*s/%s", (int) length, path, program);
        try(request, file, environment, failure);
        if (failure->error != ENOENT && failure->error != ENOTDIR && failure->error != EACCES
                && failure->error != EISDIR) {
            return;
        }
        if (path[length] == '\0') {
            break;
        }
        path += length + 1;
    }
    if ((failure->error == ENOENT || failure->error == ENOTDIR) && strcmp(failure->stage, "exec") == 0) {
        *failure = (struct failure) {ENOENT, "search", all};
    }
}

/* The environment with the process id that only now is known. */
static char *const *with_listen_pid(char *const *environment) {
    struct words all = {0};
    for (; *environment != NULL; environment++) {
        append(&all, *environment);
    }
    append(&all, text("LISTEN_PID=%ld", (long) getpid()));
    append(&all, NULL);
    return all.items;
}

int exec_program(int count, char **arguments, char *const *environment) {
    struct request request = {0};
    if (parse(&request, count, arguments) != 0) {
        fail(EXIT_USAGE, "Cannot start: --exec is for the supervisor; use 'daemon supervise -- COMMAND'");
    }
    keep_descriptors(&request);
    restore_limits(&request);
    if (request.foreground) {
        if (getsid(0) == getpid()) {
            ioctl(0, TIOCSCTTY, 0);
        }
        tcsetpgrp(0, getpgrp());
    }
    become_user(&request);
    if (request.directory != NULL && chdir(request.directory) != 0) {
        give_up(&request, "directory", errno, request.directory);
    }
    if (request.mask != NULL) {
        umask((mode_t) strtoul(request.mask, NULL, 8));
    }
    if (request.sockets > 0) {
        environment = with_listen_pid(environment);
    }
    set_signals(&request);
    struct failure failure = {0, "exec", request.command[0]};
    if (strchr(request.command[0], '/') != NULL) {
        try(&request, request.command[0], environment, &failure);
    } else {
        search(&request, environment, &failure);
    }
    give_up(&request, failure.stage, failure.error, failure.path);
    return EXIT_REFUSED;
}
