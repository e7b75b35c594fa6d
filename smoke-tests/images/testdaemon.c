/* The daemon of the images' smoke script: one static binary that needs nothing of its image.
 *
 *   testdaemon serve [-c CODE] [-n] [-- ARG...]   says what it was started with, then every signal;
 *                      ends with CODE (143) on TERM; -n: tells NOTIFY_SOCKET that it is ready;
 *                      answers on the first kept socket with its pid and LISTEN_PID
 *   testdaemon bytes [-s] [-e NAME=VALUE]... -- COMMAND...  says the same of COMMAND, then becomes it:
 *                      \xNN in words is that byte, for what cannot carry bytes that are no text;
 *                      -s: with a state of its own, unlike any default
 *   testdaemon orphans COUNT SECONDS   leaves so many behind that end after that time
 *   testdaemon processes               all others: pid, parent, state, name
 *   testdaemon true
 *
 * What was given to it and what it got are lines of stdout, "given WHAT ..." and "got WHAT ...". */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static void word(const char *who, const char *what, const char *bytes)
{
    printf("%s %s ", who, what);
    for (const unsigned char *b = (const unsigned char *)bytes; *b; b++) {
        if (*b >= ' ' && *b < 127 && *b != '\\')
            putchar(*b);
        else
            printf("\\x%02x", *b);
    }
    putchar('\n');
}

static void words(const char *who, const char *what, char **list)
{
    for (; *list; list++)
        word(who, what, *list);
}

/* the lines of a file of /proc/self that begin so; all if START is empty */
static void lines(const char *who, const char *name, const char *start)
{
    char path[64], line[512];
    snprintf(path, sizeof path, "/proc/self/%s", name);
    FILE *file = fopen(path, "re");
    if (!file)
        return;
    while (fgets(line, sizeof line, file)) {
        line[strcspn(line, "\n")] = 0;
        if (!strncmp(line, start, strlen(start)))
            word(who, name, line);
    }
    fclose(file);
}

static void descriptors(const char *who)
{
    DIR *dir = opendir("/proc/self/fd");
    struct dirent *entry;
    while (dir && (entry = readdir(dir)))
        if (entry->d_name[0] != '.' && atoi(entry->d_name) != dirfd(dir))
            word(who, "descriptor", entry->d_name);
    if (dir)
        closedir(dir);
}

/* what a process keeps across exec, beside arguments and environment */
static void state(const char *who)
{
    static const char *const kept[] = { "Umask", "Uid", "Gid", "Groups", "NoNewPrivs", "Seccomp:",
        "SigBlk", "SigIgn", "CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb" };
    char where[512];
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
        lines(who, "status", kept[i]);
    lines(who, "limits", "");
    lines(who, "coredump_filter", "");
    lines(who, "oom_score_adj", "");
    printf("%s nice %d\n", who, getpriority(PRIO_PROCESS, 0));
    word(who, "directory", getcwd(where, sizeof where) ? where : "none");
    descriptors(who);
    printf("%s all\n", who);
    fflush(stdout);
}

static int hex(char c)
{
    return c >= 'a' ? c - 'a' + 10 : c - '0';
}

static char *unescape(char *text)
{
    char *to = text;
    for (char *from = text; *from; to++) {
        if (from[0] == '\\' && from[1] == 'x' && from[2] && from[3]) {
            *to = (char)(hex(from[2]) << 4 | hex(from[3]));
            from += 4;
        } else
            *to = *from++;
    }
    *to = 0;
    return text;
}

/* not putenv(3): that has opinions on names twice and on words without a '=' */
static void add_variable(char *text)
{
    size_t count = 0;
    while (environ[count])
        count++;
    char **more = calloc(count + 2, sizeof *more);
    if (!more)
        exit(127);
    memcpy(more, environ, count * sizeof *more);
    more[count] = text;
    environ = more;
}

static void write_to(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd >= 0 && write(fd, text, strlen(text)) < 0)
        perror(path);
    close(fd);
}

static void unlike_any_default(void)
{
    struct rlimit limit;
    umask(027);
    setpriority(PRIO_PROCESS, 0, 3);
    write_to("/proc/self/coredump_filter", "0x21");
    write_to("/proc/self/oom_score_adj", "77");
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = 300;
    setrlimit(RLIMIT_NOFILE, &limit);
    getrlimit(RLIMIT_STACK, &limit);
    limit.rlim_cur = 4 << 20;
    setrlimit(RLIMIT_STACK, &limit);
}

static int bytes(char **arg)
{
    if (*arg && !strcmp(*arg, "-s")) {
        unlike_any_default();
        arg++;
    }
    for (; *arg && !strcmp(*arg, "-e") && arg[1]; arg += 2)
        add_variable(unescape(arg[1]));
    if (!*arg || strcmp(*arg, "--") || !arg[1])
        return 2;
    arg++;
    for (char **each = arg; *each; each++)
        unescape(*each);
    words("given", "argument", arg);
    words("given", "variable", environ);
    state("given");
    execv(*arg, arg);
    perror(*arg);
    return 127;
}

static int orphans(int count, int seconds)
{
    for (int i = 0; i < count; i++) {
        pid_t child = fork();
        if (!child && !fork()) {
            /* or who waits for the end of these streams waits for them */
            for (int fd = 0; fd < 3; fd++)
                close(fd);
            sleep((unsigned)seconds);
        }
        if (!child)
            _exit(0);
        waitpid(child, NULL, 0);
    }
    return 0;
}

static int processes(void)
{
    DIR *dir = opendir("/proc");
    struct dirent *entry;
    while (dir && (entry = readdir(dir))) {
        char path[300], name[64], run;
        int pid, parent;
        snprintf(path, sizeof path, "/proc/%s/stat", entry->d_name);
        FILE *file = atoi(entry->d_name) && atoi(entry->d_name) != getpid() ? fopen(path, "re") : NULL;
        if (!file)
            continue;
        if (fscanf(file, "%d (%63[^)]) %c %d", &pid, name, &run, &parent) == 4)
            printf("%d %d %c %s\n", pid, parent, run, name);
        fclose(file);
    }
    return 0;
}

static void tell_ready(void)
{
    const char *path = getenv("NOTIFY_SOCKET");
    struct sockaddr_un to = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (!path)
        return;
    strncpy(to.sun_path, path, sizeof to.sun_path - 1);
    if (sendto(fd, "READY=1", 7, 0, (struct sockaddr *)&to, sizeof to) < 0)
        perror("NOTIFY_SOCKET");
    close(fd);
}

static void answer(int listener)
{
    int peer = accept(listener, NULL, NULL);
    const char *pid = getenv("LISTEN_PID"), *count = getenv("LISTEN_FDS");
    dprintf(peer, "pid %d, LISTEN_PID %s, LISTEN_FDS %s\n", getpid(), pid ? pid : "none",
            count ? count : "none");
    close(peer);
}

static const char *name_of(unsigned number)
{
    static char other[32];
    switch (number) {
    case SIGHUP: return "HUP";
    case SIGINT: return "INT";
    case SIGQUIT: return "QUIT";
    case SIGUSR1: return "USR1";
    case SIGUSR2: return "USR2";
    case SIGTERM: return "TERM";
    case SIGWINCH: return "WINCH";
    default: snprintf(other, sizeof other, "%u", number); return other;
    }
}

static int serve(int argc, char **argv)
{
    int code = 143, ready = 0, option;
    while ((option = getopt(argc, argv, "+c:n")) != -1) {
        if (option == 'c')
            code = atoi(optarg);
        else
            ready = 1;
    }
    words("got", "argument", argv + optind);
    words("got", "variable", environ);
    state("got");
    /* by the system calls: a C library keeps some signals, 34 among them, for its own threads */
    uint64_t all = ~0ull;
    syscall(SYS_rt_sigprocmask, SIG_BLOCK, &all, NULL, sizeof all);
    struct pollfd fds[2] = {
        { .fd = (int)syscall(SYS_signalfd4, -1, &all, sizeof all, SFD_CLOEXEC), .events = POLLIN },
        { .fd = getenv("LISTEN_FDS") ? 3 : -1, .events = POLLIN },
    };
    if (ready)
        tell_ready();
    for (;;) {
        struct signalfd_siginfo info;
        if (poll(fds, 2, -1) < 0)
            return 1;
        if (fds[1].revents)
            answer(fds[1].fd);
        if (!fds[0].revents || read(fds[0].fd, &info, sizeof info) != sizeof info)
            continue;
        printf("signal %s\n", name_of(info.ssi_signo));
        fflush(stdout);
        if (info.ssi_signo == SIGCHLD)
            waitpid(-1, NULL, WNOHANG);
        if (info.ssi_signo == SIGTERM)
            return code;
    }
}

int main(int argc, char **argv)
{
    const char *role = argc > 1 ? argv[1] : "";
    if (!strcmp(role, "serve"))
        return serve(argc - 1, argv + 1);
    if (!strcmp(role, "bytes"))
        return bytes(argv + 2);
    if (!strcmp(role, "orphans") && argc == 4)
        return orphans(atoi(argv[2]), atoi(argv[3]));
    if (!strcmp(role, "processes"))
        return processes();
    return strcmp(role, "true") ? 2 : 0;
}
