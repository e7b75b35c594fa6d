/*
 * The launcher: what has to happen before a JVM exists, between spawn and exec, and without a JVM.
 *
 *   main.c     which role: by the name it is called by, or by the first argument
 *   launch.c   becomes the JVM, with all signals blocked and nothing that the daemon's variables can bend
 *   exec.c     what the supervisor spawns: becomes the daemon, or says at which stage it could not
 *   ready.c    `daemon status --ready` from the published files
 *   util.c     what they share
 *
 * One static binary, so that no LD_ variable and no library of the image reaches it. It allocates only
 * before an exec, and frees nothing: exec does.
 */
#ifndef LAUNCHER_H
#define LAUNCHER_H

#include <stddef.h>

/* Exit codes, as the supervisor's. */
enum {
    EXIT_REFUSED = 1,
    EXIT_USAGE = 2,
    EXIT_CANNOT_EXECUTE = 126,
    EXIT_NOT_FOUND = 127,
};

/* ---- util.c */

/* Blocks every signal that can be blocked, the C library's own included, by the system call itself. */
void block_signals(void);

/* Prints one line on standard error, in one write, with control characters as '?'. */
void complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The same, then ends the process with that code. */
void fail(int code, const char *format, ...) __attribute__((format(printf, 2, 3), noreturn));

/* Memory for good; ends the process where there is none. */
void *allocate(size_t size);

/* A formatted text in memory of its own. */
char *text(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The part of a path after its last slash. */
const char *base_name(const char *path);

/* The value of NAME in an environment, or NULL. */
const char *variable(char *const *environment, const char *name);

/*
 * Reads at most size - 1 bytes of a regular file, ending them with a NUL; returns how many, or -1. It
 * follows no link and waits for nobody: a FIFO or a device is no file.
 */
long read_file(const char *path, char *buffer, size_t size);

/* Writes a number into a file of /proc; 0 or -1. */
int write_number(const char *path, long number);

/* ---- the roles; each returns the exit code of the process, if it returns */

/* A list of arguments that grows by appending. */
struct words {
    char **items;
    size_t count;
    size_t capacity;
};

void append(struct words *words, const char *word);

/* Runs Main with these arguments, in place of this process. */
int launch_java(const struct words *arguments, char *const *environment, int first_victim);

/* `--exec OPTION... -- PROGRAM ARGUMENT...` */
int exec_program(int count, char **arguments, char *const *environment);

/* `status --ready`, if the arguments are that and nothing else; -1 if they are not. */
int status_ready(int count, char **arguments, char *const *environment);

#endif
