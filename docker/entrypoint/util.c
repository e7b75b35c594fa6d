#include "launcher.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { MAX_LINE = 4096, KERNEL_SIGSET = 8 };

/*
 * Not by sigprocmask(3): a C library keeps two or three real-time signals out of its sets, and PID 1
 * would lose those until the JVM collects them.
 */
unsigned long block_signals(void) {
    unsigned long all = ~0UL;
    unsigned long before = 0;
    syscall(SYS_rt_sigprocmask, 2 /* SIG_SETMASK */, &all, &before, KERNEL_SIGSET);
    return before;
}

void block_only(unsigned long mask) {
    syscall(SYS_rt_sigprocmask, 2 /* SIG_SETMASK */, &mask, NULL, KERNEL_SIGSET);
}

/* In one write, so that the daemon's own output does not land inside the line. */
static void write_line(const char *format, va_list values) {
    char line[MAX_LINE];
    int length = vsnprintf(line, sizeof line - 1, format, values);
    if (length < 0) {
        return;
    }
    if (length > (int) sizeof line - 2) {
        length = sizeof line - 2;
    }
    for (int i = 0; i < length; i++) {
        if ((unsigned char) line[i] < ' ' || line[i] == 127) {
            line[i] = '?';
        }
    }
    line[length++] = '\n';
    while (write(2, line, (size_t) length) < 0 && errno == EINTR) {
    }
}

void complain(const char *format, ...) {
    va_list values;
    va_start(values, format);
    write_line(format, values);
    va_end(values);
}

void fail(int code, const char *format, ...) {
    va_list values;
    va_start(values, format);
    write_line(format, values);
    va_end(values);
    _exit(code);
}

void *allocate(size_t size) {
    void *memory = malloc(size);
    if (memory == NULL) {
        fail(EXIT_REFUSED, "Cannot start: no memory for %zu bytes of arguments and environment; raise the "
             "container's memory limit", size);
    }
    return memory;
}

char *text(const char *format, ...) {
    va_list values;
    va_start(values, format);
    int length = vsnprintf(NULL, 0, format, values);
    va_end(values);
    char *made = allocate((size_t) length + 1);
    va_start(values, format);
    vsnprintf(made, (size_t) length + 1, format, values);
    va_end(values);
    return made;
}

void append(struct words *words, const char *word) {
    if (words->count == words->capacity) {
        size_t larger = words->capacity == 0 ? 64 : words->capacity * 2;
        char **items = allocate(larger * sizeof *items);
        if (words->count > 0) {
            memcpy(items, words->items, words->count * sizeof *items);
        }
        words->items = items;
        words->capacity = larger;
    }
    words->items[words->count++] = (char *) word;
}

const char *base_name(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash == NULL ? path : slash + 1;
}

const char *variable(char *const *environment, const char *name) {
    size_t length = strlen(name);
    for (; *environment != NULL; environment++) {
        if (strncmp(*environment, name, length) == 0 && (*environment)[length] == '=') {
            return *environment + length + 1;
        }
    }
    return NULL;
}

static long read_with(int flags, const char *path, char *buffer, size_t size) {
    struct stat status;
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC | flags);
    if (fd < 0) {
        return -1;
    }
    long total = -1;
    if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode)) {
        total = 0;
        while ((size_t) total < size - 1) {
            ssize_t more = read(fd, buffer + total, size - 1 - (size_t) total);
            if (more == 0 || (more < 0 && errno != EINTR)) {
                break;
            }
            total += more > 0 ? more : 0;
        }
        buffer[total] = '\0';
    }
    close(fd);
    return total;
}

long read_file(const char *path, char *buffer, size_t size) {
    return read_with(O_NOFOLLOW, path, buffer, size);
}

long read_linked_file(const char *path, char *buffer, size_t size) {
    return read_with(0, path, buffer, size);
}

int write_number(const char *path, long number) {
    char digits[24];
    int length = snprintf(digits, sizeof digits, "%ld", number);
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0) {
        return -1;
    }
    int done = write(fd, digits, (size_t) length) == length ? 0 : -1;
    close(fd);
    return done;
}
