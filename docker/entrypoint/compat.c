/* What the roles of tini and dumb-init share. */
#include "launcher.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

const char *const SIGNAL_NAMES[MAX_PLAIN_SIGNAL + 1] = {"", "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE",
    "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM", "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN",
    "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS"};

void print(int fd, const char *lines) {
    size_t length = strlen(lines);
    while (length > 0) {
        ssize_t written = write(fd, lines, length);
        if (written < 0 && errno != EINTR) {
            return;
        }
        lines += written > 0 ? written : 0;
        length -= written > 0 ? (size_t) written : 0;
    }
}

void add_setting(struct launch *launch, const char *option, const char *value) {
    append(&launch->arguments, option);
    append(&launch->arguments, value);
}

struct launch supervise_once(void) {
    struct launch launch = {0};
    append(&launch.arguments, "supervise");
    add_setting(&launch, "--restart", "never");
    add_setting(&launch, "--log-level", "error");
    return launch;
}

int launch_compat(struct launch *launch, const char *mode, char **command, char *const *environment) {
    append(&launch->properties, text("-Dsoleinit.compat=%s", mode));
    /* behind this the command's own options are not taken for ours */
    append(&launch->arguments, "--");
    for (; *command != NULL; command++) {
        append(&launch->arguments, *command);
    }
    return launch_java(launch, environment);
}
