/*
 * Called as dumb-init: its command line and variables become settings of the supervisor, which then runs
 * the command once and restarts nothing. The terminal and the directory are left here, before there is a
 * JVM. Behaviour: dumb-init 1.2.5; the words are our own.
 */
#define _GNU_SOURCE
#include "launcher.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

enum { AS_IT_IS = -1, DROPPED = 0 };

int is_dumb_init(const char *name) {
    return strcmp(name, "dumb-init") == 0 || strncmp(name, "dumb-init_", strlen("dumb-init_")) == 0;
}

struct dumb_init {
    int session, verbose;
    int rewrite[MAX_PLAIN_SIGNAL + 1];
};

static void dumb_init_usage(void) {
    print(2,
        "Usage: dumb-init [OPTION...] COMMAND [ARGUMENT...]\n"
        "Runs COMMAND once, hands signals on to its session and reaps orphans.\n"
        "This is soleinit in dumb-init's place.\n\n"
        "  -c, --single-child   signals go to COMMAND alone, which gets no session of its own\n"
        "  -r, --rewrite S:R    signal number S arrives as R, or not at all if R is 0; repeatable\n"
        "  -v, --verbose        say on standard error what happens\n"
        "  -h, --help           this text\n"
        "  -V, --version        the version\n\n"
        "DUMB_INIT_SETSID=0 (as -c), DUMB_INIT_DEBUG=1 (as -v)\n");
}

static void add_rewrite(struct dumb_init *init, const char *word) {
    char *colon, *end;
    long from = strtol(word, &colon, 10);
    long to = *colon == ':' && colon > word ? strtol(colon + 1, &end, 10) : -1;
    if (to < 0 || end == colon + 1 || *end != '\0' || from < 1 || from > MAX_PLAIN_SIGNAL || to > MAX_PLAIN_SIGNAL) {
        fail(EXIT_REFUSED, "[dumb-init] -r %s: give two numbers of signals such as 15:3, the first 1 to 31, the "
             "second 0 to 31", word);
    }
    init->rewrite[from] = (int) to;
}

static char **dumb_init_options(struct dumb_init *init, int argc, char **argv) {
    static const struct option names[] = {{"help", no_argument, NULL, 'h'}, {"version", no_argument, NULL, 'V'},
        {"single-child", no_argument, NULL, 'c'}, {"rewrite", required_argument, NULL, 'r'},
        {"verbose", no_argument, NULL, 'v'}, {NULL, 0, NULL, 0}};
    int option;
    while ((option = getopt_long(argc, argv, "+hVcr:v", names, NULL)) != -1) {
        switch (option) {
        case 'h': dumb_init_usage(); exit(0);
        case 'V': print(2, "dumb-init v1.2.5 (by soleinit)\n"); exit(0);
        case 'c': init->session = 0; break;
        case 'r': add_rewrite(init, optarg); break;
        case 'v': init->verbose = 1; break;
        default: exit(EXIT_REFUSED);
        }
    }
    if (optind >= argc) {
        fail(EXIT_REFUSED, "[dumb-init] no command is given; --help says how");
    }
    return argv + optind;
}

static void dumb_init_variables(struct dumb_init *init, char *const *environment) {
    const char *debug = variable(environment, "DUMB_INIT_DEBUG");
    const char *session = variable(environment, "DUMB_INIT_SETSID");
    init->verbose |= debug != NULL && strcmp(debug, "1") == 0;
    init->session &= session == NULL || strcmp(session, "0") != 0;
}

/*
 * The command's session can take the terminal only if ours gives it up. For a session's leader the kernel
 * then sends HUP and CONT, to us as well, which are no news for the command.
 */
static void leave_terminal(const struct dumb_init *init) {
    struct timespec now = {0};
    sigset_t hang_up;
    if (ioctl(0, TIOCNOTTY) != 0 || getsid(0) != getpid()) {
        return;
    }
    sigemptyset(&hang_up);
    sigaddset(&hang_up, SIGHUP);
    sigaddset(&hang_up, SIGCONT);
    for (int signal = sigtimedwait(&hang_up, NULL, &now); signal > 0; signal = sigtimedwait(&hang_up, NULL, &now)) {
        if (init->verbose) {
            complain("[dumb-init] left the terminal; SIG%s of that is not handed on", SIGNAL_NAMES[signal]);
        }
    }
}

/* It keeps no directory busy. The command gets it by its name, so only if the name leads there. */
static void leave_directory(struct launch *launch) {
    int here = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
    char *name = getcwd(NULL, 0);
    if (here < 0 || name == NULL || name[0] != '/' || chdir(name) != 0) {
        return;
    }
    if (chdir("/") == 0) {
        add_setting(launch, "--chdir", name);
    } else if (fchdir(here) != 0) {
        fail(EXIT_REFUSED, "[dumb-init] cannot go back to %s: %s", name, strerror(errno));
    }
    close(here);
}

static void add_rewrites(struct launch *launch, struct dumb_init *init) {
    static const int job_control[] = {SIGTSTP, SIGTTIN, SIGTTOU};
    for (size_t i = 0; init->session && i < sizeof job_control / sizeof *job_control; i++) {
        /* in its own session nobody but the kernel could stop the command */
        int *known = &init->rewrite[job_control[i]];
        *known = *known == AS_IT_IS ? SIGSTOP : *known;
    }
    for (int from = 1; from <= MAX_PLAIN_SIGNAL; from++) {
        int to = init->rewrite[from];
        if (to != AS_IT_IS) {
            const char *target = to == DROPPED ? "" : SIGNAL_NAMES[to];
            add_setting(launch, "--rewrite", text("%s=%s", SIGNAL_NAMES[from], target));
        }
    }
}

int run_as_dumb_init(int argc, char **argv, char *const *environment) {
    struct dumb_init init = {.session = 1};
    for (int signal = 0; signal <= MAX_PLAIN_SIGNAL; signal++) {
        init.rewrite[signal] = AS_IT_IS;
    }
    char **command = dumb_init_options(&init, argc, argv);
    dumb_init_variables(&init, environment);
    struct launch launch = supervise_once();
    add_setting(&launch, "--forward-to", init.session ? "group" : "main");
    add_rewrites(&launch, &init);
    if (init.session) {
        leave_terminal(&init);
    }
    leave_directory(&launch);
    return launch_compat(&launch, text("dumb-init,%s,suspends,verbosity=%d", init.session ? "session" : "same-group",
                                       init.verbose ? 3 : 0), command, environment);
}
