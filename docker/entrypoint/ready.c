/*
 * `daemon status --ready` without a JVM, for health checks that come every few seconds: what the
 * supervisor has published, held against /proc. It is ready if supervisor.json and generation.json are of
 * one instance and of this boot, both processes are the ones that they name (start ticks) and neither is
 * stopped nor dead, and the phase is "ready". Whatever cannot be read is not ready.
 */
#include "launcher.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MAX_FILE = 65536, MAX_VALUE = 4096, READY = 0, NOT_READY = 1 };

/* ---- JSON, as far as the first level of one object goes */

static const char *skip_space(const char *at) {
    while (*at == ' ' || *at == '\t' || *at == '\n' || *at == '\r') {
        at++;
    }
    return at;
}

/* Past a string that begins here; NULL if it does not end. */
static const char *skip_string(const char *at) {
    for (at++; *at != '"'; at++) {
        if (*at == '\0' || (*at == '\\' && *++at == '\0')) {
            return NULL;
        }
    }
    return at + 1;
}

/* Past a value of any kind; NULL if it does not end. */
static const char *skip_value(const char *at) {
    int depth = 0;
    do {
        at = skip_space(at);
        if (*at == '"') {
            if ((at = skip_string(at)) == NULL) {
                return NULL;
            }
        } else if (*at == '{' || *at == '[') {
            depth++;
            at++;
        } else if (*at == '}' || *at == ']') {
            depth--;
            at++;
        } else if (*at == '\0') {
            return NULL;
        } else if (depth > 0 && (*at == ',' || *at == ':')) {
            at++;
        } else {
            at += strcspn(at, ",:{}[]\" \t\r\n");
        }
    } while (depth > 0);
    return at;
}

/* The value of a member as it is written, a string without its quotes; 0, or -1 if there is none. */
static int member(const char *json, const char *name, char *value, size_t size) {
    const char *at = skip_space(json);
    if (*at++ != '{') {
        return -1;
    }
    while (*(at = skip_space(at)) == '"') {
        const char *key = at + 1;
        const char *after = skip_string(at);
        if (after == NULL || *(after = skip_space(after)) != ':') {
            return -1;
        }
        const char *begin = skip_space(after + 1);
        const char *end = skip_value(begin);
        if (end == NULL || end == begin) {
            return -1;
        }
        if (strncmp(key, name, strlen(name)) == 0 && key[strlen(name)] == '"') {
            int quoted = *begin == '"';
            size_t length = (size_t) (end - begin) - (quoted ? 2 : 0);
            if (length >= size) {
                return -1;
            }
            memcpy(value, begin + (quoted ? 1 : 0), length);
            value[length] = '\0';
            return 0;
        }
        at = skip_space(end);
        at += *at == ',' ? 1 : 0;
    }
    return -1;
}

static long long number(const char *json, const char *name) {
    char digits[24];
    return member(json, name, digits, sizeof digits) == 0 ? strtoll(digits, NULL, 10) : 0;
}

/* ---- /proc */

/* Whether a process is the one that has started then, and can run. */
static int is_running(long long pid, long long start_ticks) {
    char stat[2048];
    if (pid <= 0 || start_ticks <= 0
            || read_file(text("/proc/%lld/stat", pid), stat, sizeof stat) <= 0) {
        return 0;
    }
    /* the command before it may hold anything, parentheses too */
    char *field = strrchr(stat, ')');
    if (field == NULL || field[1] != ' ' || strchr("RSDI", field[2]) == NULL) {
        return 0;
    }
    field += 2;
    for (int skipped = 3; skipped < 22 && field != NULL; skipped++) {
        field = strchr(field + 1, ' ');
    }
    return field != NULL && strtoll(field, NULL, 10) == start_ticks;
}

static int is_this_boot(const char *boot) {
    char now[64];
    if (read_file("/proc/sys/kernel/random/boot_id", now, sizeof now) <= 0) {
        return 0;
    }
    now[strcspn(now, "\n")] = '\0';
    return strcmp(boot, now) == 0;
}

/* ---- where the supervisor publishes: as the supervisor finds it */

static int can_hold(const char *directory, const char *parent) {
    return access(directory, W_OK) == 0 || (access(directory, F_OK) != 0 && access(parent, W_OK) == 0);
}

/* From /etc/passwd alone: the C library's own lookup may want libraries of the image. */
static const char *user_name(char *const *environment) {
    static char users[MAX_FILE];
    const char *named = variable(environment, "USER");
    if (named != NULL) {
        return named;
    }
    if (read_file("/etc/passwd", users, sizeof users) <= 0) {
        return "?";
    }
    for (char *line = strtok(users, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        char *password = strchr(line, ':');
        char *number = password == NULL ? NULL : strchr(password + 1, ':');
        if (number != NULL && strtoul(number + 1, NULL, 10) == getuid()) {
            *password = '\0';
            return line;
        }
    }
    return "?";
}

const char *run_directory(const char *option, char *const *environment, int *from_settings) {
    static char file[MAX_FILE], value[MAX_VALUE];
    const char *named = option != NULL ? option : variable(environment, "DAEMON_RUN_DIR");
    if (named != NULL && *named != '\0') {
        return named;
    }
    const char *settings = variable(environment, "DAEMON_CONFIG");
    if (settings == NULL || *settings == '\0') {
        settings = "/etc/daemon/daemon.json";
    }
    long length = read_linked_file(settings, file, sizeof file);
    if (length == sizeof file - 1 || (length < 0 && (errno != ENOENT || access(settings, F_OK) == 0))) {
        return NULL;
    }
    if (length > 0 && member(file, "run-dir", value, sizeof value) == 0 && *value != '\0') {
        *from_settings = 1;
        return value;
    }
    if (can_hold("/run/daemon", "/run")) {
        return "/run/daemon";
    }
    const char *own = variable(environment, "XDG_RUNTIME_DIR");
    return own != NULL ? text("%s/daemon", own) : text("/tmp/daemon-%s", user_name(environment));
}

/* ---- the answer */

static int answer(int code, const char *word, const char *reason, const char *directory) {
    char line[80];
    size_t length = 0;
    for (; *word != '\0' && length < sizeof line - 1; word++) {
        line[length++] = isalpha((unsigned char) *word) || *word == '-' ? *word : '?';
    }
    line[length++] = '\n';
    if (write(1, line, length) < 0) {
        return NOT_READY;
    }
    if (reason != NULL) {
        complain("Cannot tell: %s (%s)", reason, directory);
    }
    return code;
}

static int check(const char *directory) {
    static char supervisor[MAX_FILE], generation[MAX_FILE];
    char instance[80], same[80], boot[64], phase[64];
    const char *marker = text("%s/supervisor.json", directory);
    if (read_file(marker, supervisor, sizeof supervisor) <= 0
            || member(supervisor, "instance", instance, sizeof instance) != 0) {
        return answer(NOT_READY, "unknown", "no supervisor has left its marker supervisor.json", directory);
    }
    if (!is_running(number(supervisor, "pid"), number(supervisor, "startTicks"))) {
        return answer(NOT_READY, "unknown", "the supervisor that supervisor.json names does not run", directory);
    }
    const char *published = text("%s/generation.json", directory);
    if (read_file(published, generation, sizeof generation) <= 0
            || member(generation, "instance", same, sizeof same) != 0
            || member(generation, "bootId", boot, sizeof boot) != 0
            || member(generation, "phase", phase, sizeof phase) != 0) {
        return answer(NOT_READY, "unknown", "the supervisor publishes no generation.json", directory);
    }
    if (strcmp(instance, same) != 0 || !is_this_boot(boot)) {
        return answer(NOT_READY, "unknown", "generation.json is of another supervisor or boot", directory);
    }
    if (strcmp(phase, "ready") != 0) {
        return answer(NOT_READY, phase, NULL, directory);
    }
    if (!is_running(number(generation, "pid"), number(generation, "startTicks"))) {
        return answer(NOT_READY, "unknown", "the daemon that generation.json names does not run", directory);
    }
    return answer(READY, phase, NULL, directory);
}

int status_ready(int count, char **arguments, char *const *environment) {
    const char *directory = NULL;
    int ready = 0, from_settings = 0;
    if (count == 0 || strcmp(arguments[0], "status") != 0) {
        return -1;
    }
    for (int i = 1; i < count; i++) {
        if (strcmp(arguments[i], "--ready") == 0 && !ready) {
            ready = 1;
        } else if (strncmp(arguments[i], "--run-dir=", 10) == 0 && directory == NULL) {
            directory = arguments[i] + 10;
        } else if (strcmp(arguments[i], "--run-dir") == 0 && i + 1 < count && directory == NULL) {
            directory = arguments[++i];
        } else {
            return -1;
        }
    }
    directory = ready ? run_directory(directory, environment, &from_settings) : NULL;
    return directory != NULL ? check(directory) : -1;
}
