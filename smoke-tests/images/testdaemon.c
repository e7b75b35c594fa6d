/* The daemon of the image tests: one static binary that needs nothing of its image.
 *
 *   testdaemon serve [-c CODE] [-n] [-- ARG...]
 *       prints what it was started with, then each signal that it receives; exits with CODE (143)
 *       on TERM; -n: sends READY=1 to NOTIFY_SOCKET; answers each connection to the first inherited
 *       socket with its pid and LISTEN_PID
 *   testdaemon bytes [-s] [-e NAME=VALUE]... -- COMMAND...
 *       prints the same about COMMAND, then executes it. \xNN in an argument stands for that byte,
 *       because the engine's API cannot carry bytes that are no text; -s: first sets limits, umask
 *       and the like to values that are no default
 *   testdaemon orphans COUNT SECONDS   leaves COUNT processes behind that end after SECONDS
 *   testdaemon processes               prints pid, parent, state and name of all others
 *   testdaemon true
 *
 * What was given to a program is printed as "given KIND ...", what the daemon got as "got KIND ..."
 */
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

static void print_entry(const char *who, const char *kind, const char *bytes)
{
    printf("%s %s ", who, kind);
    for (const unsigned char *b = (const unsigned char *)bytes; *b; b++) {
        if (*b >= ' ' && *b < 127 && *b != '\\')
            putchar(*b);
        else
            printf("\\x%02x", *b);
    }
    putchar('\n');
}

static void print_entries(const char *who, const char *kind, char **list)
{
    for (; *list; list++)
        print_entry(who, kind, *list);
}

/* Prints the lines of a file of /proc/self that begin with START. */
static void print_lines(const char *who, const char *name, const char *start)
{
    char path[64], line[512];
    snprintf(path, sizeof path, "/proc/self/%s", name);
    FILE *file = fopen(path, "re");
    if (!file)
        return;
    while (fgets(line, sizeof line, file)) {
        line[strcspn(line, "\n")] = 0;
        if (!strncmp(line, start, strlen(start)))
            print_entry(who, name, line);
    }
    fclose(file);
}

static void print_descriptors(const char *who)
{
    DIR *dir = opendir("/proc/self/fd");
    struct dirent *entry;
    while (dir && (entry = readdir(dir)))
        if (entry->d_name[0] != '.' && atoi(entry->d_name) != dirfd(dir))
            print_entry(who, "descriptor", entry->d_name);
    if (dir)
        closedir(dir);
}

/* Prints what a process keeps across exec, beside arguments and environment. */
static void print_state(const char *who)
{
    static const char *const kept[] = { "Umask", "Uid", "Gid", "Groups", "NoNewPrivs", "Seccomp:",
        "SigBlk", "SigIgn", "CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb" };
    char where[512];
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
        print_lines(who, "status", kept[i]);
    print_lines(who, "limits", "");
    print_lines(who, "coredump_filter", "");
    print_lines(who, "oom_score_adj", "");
    printf("%s nice %d\n", who, getpriority(PRIO_PROCESS, 0));
    print_entry(who, "directory", getcwd(where, sizeof where) ? where : "none");
    print_descriptors(who);
    printf("%s all\n", who);
    fflush(stdout);
}

static int hex_digit(char c)
{
    return c >= 'a' ? c - 'a' + 10 : c - '0';
}

static char *unescape(char *text)
{
    char *to = text;
    for (char *from = text; *from; to++) {
        if (from[0] == '\\' && from[1] == 'x' && from[2] && from[3]) {
            *to = (char)(hex_digit(from[2]) << 4 | hex_digit(from[3]));
            from += 4;
        } else
            *to = *from++;
    }
    *to = 0;
    return text;
}

/* putenv(3) takes no name twice and no entry without '='. */
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

static void set_unusual_state(void)
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

static int run_with_bytes(char **arg)
{
    if (*arg && !strcmp(*arg, "-s")) {
        set_unusual_state();
        arg++;
    }
    for (; *arg && !strcmp(*arg, "-e") && arg[1]; arg += 2)
        add_variable(unescape(arg[1]));
    if (!*arg || strcmp(*arg, "--") || !arg[1])
        return 2;
    arg++;
    for (char **each = arg; *each; each++)
        unescape(*each);
    print_entries("given", "argument", arg);
    print_entries("given", "variable", environ);
    print_state("given");
    execv(*arg, arg);
    perror(*arg);
    return 127;
}

static int leave_orphans(int count, int seconds)
{
    for (int i = 0; i < count; i++) {
        pid_t child = fork();
        if (!child && !fork()) {
            /* The caller waits until nobody has these streams open. */
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

static int list_processes(void)
{
    DIR *dir = opendir("/proc");
    struct dirent *entry;
    while (dir && (entry = readdir(dir))) {
        char path[300], name[64], run;
        int pid, parent;
        snprintf(path, sizeof path, "/proc/%s/stat", entry->d_name);
        int number = atoi(entry->d_name);
        FILE *file = number && number != getpid() ? fopen(path, "re") : NULL;
        if (!file)
            continue;
        if (fscanf(file, "%d (%63[^)]) %c %d", &pid, name, &run, &parent) == 4)
            printf("%d %d %c %s\n", pid, parent, run, name);
        fclose(file);
    }
    return 0;
}

static void notify_ready(void)
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

static void answer_connection(int listener)
{
    int peer = accept(listener, NULL, NULL);
    const char *pid = getenv("LISTEN_PID"), *count = getenv("LISTEN_FDS");
    dprintf(peer, "pid %d, LISTEN_PID %s, LISTEN_FDS %s\n", getpid(), pid ? pid : "none",
            count ? count : "none");
    close(peer);
}

static const char *signal_name(unsigned number)
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
    print_entries("got", "argument", argv - 1);
    print_entries("got", "variable", environ);
    print_state("got");
    while ((option = getopt(argc, argv, "+c:n")) != -1) {
        if (option == 'c')
            code = atoi(optarg);
        else
            ready = 1;
    }
    /* The C library's functions leave out the signals that it keeps for itself, such as 34. */
    uint64_t all = ~0ull;
    syscall(SYS_rt_sigprocmask, SIG_BLOCK, &all, NULL, sizeof all);
    struct pollfd fds[2] = {
        { .fd = (int)syscall(SYS_signalfd4, -1, &all, sizeof all, SFD_CLOEXEC), .events = POLLIN },
        { .fd = getenv("LISTEN_FDS") ? 3 : -1, .events = POLLIN },
    };
    if (ready)
        notify_ready();
    for (;;) {
        struct signalfd_siginfo info;
        if (poll(fds, 2, -1) < 0)
            return 1;
        if (fds[1].revents)
            answer_connection(fds[1].fd);
        if (!fds[0].revents || read(fds[0].fd, &info, sizeof info) != sizeof info)
            continue;
        printf("signal %s\n", signal_name(info.ssi_signo));
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
        return run_with_bytes(argv + 2);
    if (!strcmp(role, "orphans") && argc == 4)
        return leave_orphans(atoi(argv[2]), atoi(argv[3]));
    if (!strcmp(role, "processes"))
        return list_processes();
    return strcmp(role, "true") ? 2 : 0;
}
