/*
 * Called as tini: its command line and variables become settings of the supervisor, which then runs the
 * command once and restarts nothing. What only a process itself can do (adopting orphans, a signal at its
 * parent's death) is done here and lasts through the exec. Behaviour: tini 0.19; the words are our own.
 */
#define _GNU_SOURCE
#include "launcher.h"

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { MAX_CODE = 255, MAX_SIGNAL = 64, KERNEL_SIGSET = 8 };

int is_tini(const char *name) {
    return strcmp(name, "tini") == 0 || strncmp(name, "tini-", strlen("tini-")) == 0;
}

struct tini {
    int verbosity, subreaper, group, warn_of_reaped, death_signal;
    unsigned char success[MAX_CODE + 1];
};

static void tini_usage(int fd) {
    print(fd,
        "Usage: tini [OPTION...] [--] COMMAND [ARGUMENT...]\n"
        "Runs COMMAND once, hands signals on to it and reaps orphans. This is soleinit in tini's place.\n\n"
        "  -h          this text\n"
        "  -s          adopt orphans although it is not PID 1 (child subreaper)\n"
        "  -p SIGNAL   get SIGNAL when the parent dies, such as SIGTERM\n"
        "  -v          more verbose, up to three times\n"
        "  -w          say so when an orphan is reaped\n"
        "  -g          signals go to the command's whole process group\n"
        "  -e CODE     this exit code of the command becomes 0; repeatable\n"
        "  -l          the license\n"
        "  --version   the version, if it is the only argument\n\n"
        "TINI_SUBREAPER, TINI_KILL_PROCESS_GROUP (set: as -s, -g); TINI_VERBOSITY (default: 1)\n");
}

static int tini_signal(const char *name) {
    for (int number = 1; number <= MAX_PLAIN_SIGNAL; number++) {
        if (strncmp(name, "SIG", 3) == 0 && strcmp(name + 3, SIGNAL_NAMES[number]) == 0) {
            return number;
        }
    }
    fail(EXIT_REFUSED, "[tini] -p %s: no signal; give a name such as SIGTERM", name);
}

static int tini_code(const char *word) {
    char *end;
    long code = strtol(word, &end, 10);
    if (*end != '\0' || code < 0 || code > MAX_CODE) {
        fail(EXIT_REFUSED, "[tini] -e %s: no exit code; give 0 to 255", word);
    }
    return (int) code;
}

/* As glibc's getopt(3) does it, options may stand behind the command, unless POSIXLY_CORRECT is set. */
static char **tini_options(struct tini *tini, int argc, char **argv, char *const *environment) {
    static const struct option none[] = {{NULL, 0, NULL, 0}};
    const char *letters = variable(environment, "POSIXLY_CORRECT") != NULL ? "+hsp:vwge:l" : "hsp:vwge:l";
    int option;
    while ((option = getopt_long(argc, argv, letters, none, NULL)) != -1) {
        switch (option) {
        case 'h': tini_usage(1); exit(0);
        case 's': tini->subreaper = 1; break;
        case 'p': tini->death_signal = tini_signal(optarg); break;
        case 'v': tini->verbosity++; break;
        case 'w': tini->warn_of_reaped = 1; break;
        case 'g': tini->group = 1; break;
        case 'e': tini->success[tini_code(optarg)] = 1; break;
        case 'l': print(1, "soleinit, not tini; its license lies in its folder\n"); exit(0);
        default: tini_usage(2); exit(EXIT_REFUSED);
        }
    }
    if (optind >= argc) {
        tini_usage(2);
        exit(EXIT_REFUSED);
    }
    return argv + optind;
}

static void tini_variables(struct tini *tini, char *const *environment) {
    tini->subreaper |= variable(environment, "TINI_SUBREAPER") != NULL;
    tini->group |= variable(environment, "TINI_KILL_PROCESS_GROUP") != NULL;
    const char *verbosity = variable(environment, "TINI_VERBOSITY");
    if (verbosity != NULL) {
        tini->verbosity = atoi(verbosity);
    }
}

static void tini_process(const struct tini *tini) {
    int adopts = 0;
    if (tini->death_signal != 0 && prctl(PR_SET_PDEATHSIG, tini->death_signal) != 0) {
        fail(EXIT_REFUSED, "[tini] -p: the kernel refuses signal %d: %s", tini->death_signal, strerror(errno));
    }
    if (tini->subreaper && prctl(PR_SET_CHILD_SUBREAPER, 1) != 0) {
        fail(EXIT_REFUSED, "[tini] -s: cannot become a child subreaper: %s", strerror(errno));
    }
    if (tini->verbosity > 0 && getpid() != 1 && prctl(PR_GET_CHILD_SUBREAPER, &adopts) == 0 && !adopts) {
        complain("[tini] neither PID 1 nor a child subreaper, so zombie reaping won't work: orphans go to another "
                 "process; run it as PID 1, or give -s or TINI_SUBREAPER");
    }
}

static unsigned long ignored_signals(void) {
    struct { void (*handler)(int); unsigned long flags; void (*restorer)(void); unsigned long mask; } action;
    unsigned long ignored = 0;
    for (int signal = 1; signal <= MAX_SIGNAL; signal++) {
        if (syscall(SYS_rt_sigaction, signal, NULL, &action, KERNEL_SIGSET) == 0 && action.handler == SIG_IGN) {
            ignored |= 1UL << (signal - 1);
        }
    }
    return ignored;
}

int run_as_tini(int argc, char **argv, char *const *environment, unsigned long blocked) {
    struct tini tini = {.verbosity = 1};
    if (argc == 2 && strcmp(argv[1], "--version") == 0) {
        print(1, "tini version 0.19.0 (by soleinit)\n");
        return 0;
    }
    char **command = tini_options(&tini, argc, argv, environment);
    tini_variables(&tini, environment);
    tini_process(&tini);
    struct launch launch = supervise_once();
    add_setting(&launch, "--forward-to", tini.group ? "group" : "main");
    /* what a background process gets from its terminal is meant for nobody else */
    add_setting(&launch, "--rewrite", "TTIN=");
    add_setting(&launch, "--rewrite", "TTOU=");
    for (int code = 0; code <= MAX_CODE; code++) {
        if (tini.success[code]) {
            add_setting(&launch, "--success-exit", text("%d", code));
        }
    }
    /* the command gets back what tini was started with */
    append(&launch.properties, text("-Dsoleinit.blocked=%lx", blocked));
    append(&launch.properties, text("-Dsoleinit.ignored=%lx", ignored_signals()));
    return launch_compat(&launch, text("tini%s,verbosity=%d", tini.warn_of_reaped ? ",warn-of-reaped" : "",
                                       tini.verbosity < 0 ? 0 : tini.verbosity), command, environment);
}
