/* Which role the launcher plays, and what holds for all of them. */
#include "launcher.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/*
 * A descriptor of 0 to 2 that is closed would become the next file that is opened: a file of the JVM
 * would be the daemon's standard input.
 */
static void open_standard_descriptors(void) {
    for (int fd = 0; fd <= 2; fd++) {
        if (fcntl(fd, F_GETFD) < 0 && errno == EBADF && open("/dev/null", O_RDWR) != fd) {
            fail(EXIT_REFUSED, "Cannot start: descriptor %d is closed and /dev/null cannot be opened: %s", fd,
                 strerror(errno));
        }
    }
}

/* What the image's ENTRYPOINT is given: a command, options and a command, or all of it in full. */
static void supervise(struct words *words, int count, char **arguments) {
    int in_full = count > 0 && (strcmp(arguments[0], "supervise") == 0 || strcmp(arguments[0], "run") == 0);
    append(words, "supervise");
    if (!in_full && count > 0 && arguments[0][0] != '-') {
        append(words, "--");
    }
    for (int i = in_full ? 1 : 0; i < count; i++) {
        append(words, arguments[i]);
    }
}

/* A command that supervises, or may start what does: the kernel must not kill that first. */
static int is_first_victim(const struct words *words) {
    const char *verb = words->count > 0 ? words->items[0] : "";
    return strcmp(verb, "supervise") != 0 && strcmp(verb, "run") != 0 && strcmp(verb, "dev") != 0;
}

int main(int argc, char **argv, char **environment) {
    unsigned long blocked = block_signals();
    const char *name = argc > 0 ? base_name(argv[0]) : "";
    if (is_tini(name) || is_dumb_init(name)) {
        open_standard_descriptors();
        return is_tini(name) ? run_as_tini(argc, argv, environment, blocked)
                             : run_as_dumb_init(argc, argv, environment);
    }
    int count = argc > 0 ? argc - 1 : 0;
    char **arguments = argv + (argc > 0 ? 1 : 0);
    if (count > 0 && strcmp(arguments[0], "--exec") == 0) {
        return exec_program(count - 1, arguments + 1, environment);
    }
    open_standard_descriptors();
    struct launch launch = {0};
    if (strcmp(name, "entrypoint") == 0) {
        supervise(&launch.arguments, count, arguments);
    } else {
        int code = status_ready(count, arguments, environment);
        if (code < 0) {
            code = ask(count, arguments, environment, blocked, &launch);
        }
        if (code >= 0) {
            return code;
        }
        for (int i = 0; i < count; i++) {
            append(&launch.arguments, arguments[i]);
        }
    }
    launch.first_victim = is_first_victim(&launch.arguments);
    if (launch.first_victim) {
        /* Ctrl-C ends a command that only asks */
        block_only(blocked);
    }
    return launch_java(&launch, environment);
}
