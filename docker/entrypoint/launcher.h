/*
 * The launcher: what has to happen before a JVM exists, between spawn and exec, and without a JVM.
 *
 *   main.c     which role: by the name it is called by, or by the first argument
 *   launch.c   becomes the JVM, with all signals blocked and nothing that the daemon's variables can bend
 *   exec.c     what the supervisor spawns: becomes the daemon, or says at which stage it could not
 *   ready.c    `daemon status --ready` from the published files
 *   ask.c      other plain commands that need no JVM, from the supervisor
 *   tini.c, dumb_init.c, compat.c   called by these names: what they take, as the supervisor's settings
 *   util.c     what they share
 *
 * One static binary, so that no LD_ variable and no library of the image reaches it. It allocates only
 * before it ends or becomes another program, and frees nothing.
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

/*
 * Blocks every signal that can be blocked, the C library's own included, by the system call itself.
 * Returns those that were blocked before, signal n as bit n - 1.
 */
unsigned long block_signals(void);

/* Blocks those and no others. */
void block_only(unsigned long mask);

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

/* The same where the path may be a link, as those of a ConfigMap are. */
long read_linked_file(const char *path, char *buffer, size_t size);

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

/* What a JVM is to do. */
struct launch {
    struct words properties;  /* options of the JVM, beside those that each has */
    struct words arguments;   /* of Main */
    int first_victim;         /* the kernel shall kill it first where memory runs out */
};

/*
 * The kernel shall kill this process first where memory runs out. Returns what it was, or less than the least
 * that there is if it stays as it is.
 */
long become_first_victim(void);

/* Runs Main, in place of this process. */
int launch_java(const struct launch *launch, char *const *environment);

/* Whether this is a name of tini's or dumb-init's program. */
int is_tini(const char *name);
int is_dumb_init(const char *name);

/* Takes the arguments of these programs; tini's command gets the signals back that were blocked before. */
int run_as_tini(int argc, char **argv, char *const *environment, unsigned long blocked);
int run_as_dumb_init(int argc, char **argv, char *const *environment);

/* ---- compat.c */

/* Both programs take the signals below the real-time ones only. */
enum { MAX_PLAIN_SIGNAL = 31 };

/* By number, without SIG. */
extern const char *const SIGNAL_NAMES[MAX_PLAIN_SIGNAL + 1];

/* Writes to standard output or error what is longer than a line. */
void print(int fd, const char *lines);

/* `supervise` for a command that runs once. */
struct launch supervise_once(void);

void add_setting(struct launch *launch, const char *option, const char *value);

/* The mode is what the supervisor has no setting for; CompatMode reads it. */
int launch_compat(struct launch *launch, const char *mode, char **command, char *const *environment);

/* `--exec OPTION... -- PROGRAM ARGUMENT...` */
int exec_program(int count, char **arguments, char *const *environment);

/* `status --ready`, if the arguments are that and nothing else; -1 if they are not. */
int status_ready(int count, char **arguments, char *const *environment);

/*
 * Where the supervisor publishes, as the supervisor finds it: the option's value if there is one. Says whether
 * the settings file named it. NULL if that file cannot be read here as the supervisor reads it.
 */
const char *run_directory(const char *option, char *const *environment, int *from_settings);

/*
 * What the supervisor answers in words, with these signals blocked meanwhile; -1 if Java has to ask, with what
 * it needs to know as properties.
 */
int ask(int count, char **words, char *const *environment, unsigned long mask, struct launch *launch);

#endif
