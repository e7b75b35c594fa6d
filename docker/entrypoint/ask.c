/*
 * `daemon status`, `preflight`, `wait`, `signal`, `restart`, `reload` and `stop` without a JVM, where the line is
 * plain: one request to the control socket, and an answer that the supervisor has put into words. Whatever is not
 * as expected (an option too many, nobody there, an answer in another form) is left to the JVM, which asks again
 * and says what there is to say; so nothing differs but the time. What must not be done twice, a change, a signal
 * or a wait for time that is over, the JVM is told as a property.
 */
#include "launcher.h"

#include <ctype.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { STATUS, PREFLIGHT, WAIT, SIGNAL, RESTART, RELOAD, STOP, VERBS };

static const char *const NAMES[VERBS] = {"status", "preflight", "wait", "signal", "restart", "reload", "stop"};
static const char *const METHODS[VERBS] = {"status", "restart.preflight", "wait", "signal", "restart.request",
                                           "reload", "stop"};

/* Whoever begins an answer with that has done what was asked, whatever follows. */
static const char NAME[] = "soleinit ";

/* What comes of it, beside a socket or an answer. */
enum { DONE = 0, LEFT_TO_JAVA = -1, UNACCEPTED = -2, UNANSWERED = -3, CLOSED = -4 };

enum {
    MAX_REQUEST = 1024,
    MAX_REASON = 200,
    MAX_FIRST_LINE = 64,
    /* As in ControlClient: what a supervisor takes to accept and to answer, and how often to look meanwhile. */
    ANSWER_MS = 10000,
    CHECK_MS = 5000,
    RETRY_MS = 10,
    /* Of texts; the supervisor sends less. */
    MAX_ANSWER = 4 << 20,
    DEFAULT_WAIT_MS = 60000,
    MAX_DIGITS = 9,
};

/* What was asked for; NULL and 0 for what was not given. */
struct line {
    int verb;
    int json, ready, stopped, no_block;
    int safe, force, not_graceful, overlap;
    const char *directory, *generation, *timeout, *signal, *reason, *safe_wait;
};

/* Whether it does something, so that it must not be asked for again. */
static int is_change(const struct line *line) {
    return line->verb >= SIGNAL;
}

/* Whether an answer comes later than at once, and how much later is not ours to say. */
static int has_outcome(const struct line *line) {
    return line->verb == WAIT || line->verb == PREFLIGHT || (line->verb >= RESTART && !line->no_block);
}

/* What has come so far: the first line, then both texts in one piece. */
struct answer {
    char first[MAX_FIRST_LINE];
    size_t first_length;
    int code;
    char *texts;
    size_t out, err, length;
};

static long long now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (long long) now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* ---- the command line; anything odd is Java's, which has the words for it */

static int is_digits(const char *word, size_t length) {
    return length > 0 && length <= MAX_DIGITS && strspn(word, "0123456789") == length;
}

/* --name, given once. */
static int is_flag(const char *word, const char *name, int *given) {
    if (*given || strcmp(word, name) != 0) {
        return 0;
    }
    *given = 1;
    return 1;
}

/* --name VALUE or --name=VALUE, given once, and not what might be another option. */
static int is_option(char **words, int count, int *at, const char *name, const char **given) {
    size_t length = strlen(name);
    const char *word = words[*at];
    if (*given != NULL || strncmp(word, name, length) != 0) {
        return 0;
    }
    int next = word[length] == '\0' && *at + 1 < count;
    const char *value = next ? words[*at + 1] : word[length] == '=' ? word + length + 1 : "";
    if (*value == '\0' || *value == '-' || *value == '@') {
        return 0;
    }
    *at += next;
    *given = value;
    return 1;
}

/* Letters and digits, as RTMIN+3 has them: nothing that would have to be escaped. */
static int is_signal(const char *word) {
    size_t length = strlen(word);
    if (length > 12 || !isalnum((unsigned char) *word)) {
        return 0;
    }
    for (; *word != '\0'; word++) {
        if (!isalnum((unsigned char) *word) && *word != '+' && *word != '-') {
            return 0;
        }
    }
    return 1;
}

/* Of characters that nothing has to be done to in JSON. */
static int is_reason(const char *word) {
    size_t length = strlen(word);
    for (const char *at = word; *at != '\0'; at++) {
        if (*at < ' ' || *at > '~' || *at == '"' || *at == '\\') {
            return 0;
        }
    }
    return length <= MAX_REASON;
}

static int is_wait_word(struct line *line, char **words, int count, int *at) {
    return is_flag(words[*at], "--json", &line->json) || is_flag(words[*at], "--ready", &line->ready)
        || is_flag(words[*at], "--stopped", &line->stopped)
        || is_option(words, count, at, "--generation", &line->generation)
        || is_option(words, count, at, "--timeout", &line->timeout);
}

static int is_change_word(struct line *line, char **words, int count, int *at) {
    return is_flag(words[*at], "--no-block", &line->no_block)
        || is_option(words, count, at, "--reason", &line->reason);
}

static int is_restart_word(struct line *line, char **words, int count, int *at) {
    return is_change_word(line, words, count, at) || is_flag(words[*at], "--safe", &line->safe)
        || is_flag(words[*at], "--force", &line->force) || is_flag(words[*at], "--overlap", &line->overlap)
        || is_flag(words[*at], "--no-graceful", &line->not_graceful)
        || is_option(words, count, at, "--wait", &line->safe_wait)
        || is_option(words, count, at, "--timeout", &line->timeout);
}

/* A word of this verb; *at moves on to the last one that was taken. */
static int is_word(struct line *line, char **words, int count, int *at) {
    if (is_option(words, count, at, "--run-dir", &line->directory)) {
        return 1;
    }
    switch (line->verb) {
    case STATUS:
    case PREFLIGHT:
        return is_flag(words[*at], "--json", &line->json);
    case WAIT:
        return is_wait_word(line, words, count, at);
    case SIGNAL:
        line->signal = *at == count - 1 && is_signal(words[*at]) ? words[*at] : NULL;
        return line->signal != NULL;
    case RESTART:
        return is_restart_word(line, words, count, at);
    default:
        return is_change_word(line, words, count, at);
    }
}

static int read_line(struct line *line, int count, char **words) {
    for (int i = 1; i < count; i++) {
        if (!is_word(line, words, count, &i)) {
            return LEFT_TO_JAVA;
        }
    }
    int conditions = line->ready + line->stopped + (line->generation != NULL);
    int contradictory = line->safe ? line->force || line->not_graceful : line->safe_wait != NULL;
    return conditions > 1 || contradictory || (line->verb == SIGNAL) != (line->signal != NULL)
        || (line->reason != NULL && !is_reason(line->reason)) ? LEFT_TO_JAVA : DONE;
}

/* A whole number with or without a unit; -1 for any other. */
static long long milliseconds(const char *duration) {
    size_t digits = strspn(duration, "0123456789");
    const char *unit = duration + digits;
    char number[MAX_DIGITS + 1] = "";
    if (digits == 0 || digits > MAX_DIGITS) {
        return -1;
    }
    memcpy(number, duration, digits);
    long long count = atoll(number);
    return strcmp(unit, "ms") == 0 ? count : *unit == '\0' || strcmp(unit, "s") == 0 ? count * 1000
        : strcmp(unit, "m") == 0 ? count * 60000 : strcmp(unit, "h") == 0 ? count * 3600000 : -1;
}

static long long wait_ms(const struct line *line) {
    return line->timeout == NULL ? DEFAULT_WAIT_MS : milliseconds(line->timeout);
}

/* What follows are parameters, each with a comma before it. */

static int write_seconds(const char *name, long long ms, char *params, size_t size) {
    if (ms < 0) {
        return LEFT_TO_JAVA;
    }
    snprintf(params, size, ",\"%s\":%lld.%03lld", name, ms / 1000, ms % 1000);
    return DONE;
}

/* Nothing where it was not given. */
static int write_duration(const char *name, const char *duration, char *params, size_t size) {
    return duration == NULL ? DONE : write_seconds(name, milliseconds(duration), params, size);
}

static const char *boolean(int value) {
    return value ? "true" : "false";
}

static int write_wait(const struct line *line, char *params, size_t size) {
    char timeout[64];
    const char *number = line->generation == NULL ? "0" : line->generation;
    /* Java's numbers of 20 digits, and with a leading 0, are Java's */
    if (!is_digits(number, strlen(number)) || (line->generation != NULL && *number == '0')
            || write_seconds("timeout", wait_ms(line), timeout, sizeof timeout) != DONE) {
        return LEFT_TO_JAVA;
    }
    snprintf(params, size, ",\"condition\":\"%s\",\"generation\":%s%s,\"json\":%s",
             line->stopped ? "stopped" : line->generation != NULL ? "generation" : "ready", number, timeout,
             boolean(line->json));
    return DONE;
}

static void write_change(const struct line *line, char *params, size_t size) {
    snprintf(params, size, ",\"reason\":\"%s\",\"block\":%s", line->reason == NULL ? "" : line->reason,
             boolean(!line->no_block));
}

static int write_restart(const struct line *line, char *params, size_t size) {
    char timeout[64] = "", safe_wait[64] = "", change[MAX_REASON + 64];
    if (write_duration("timeout", line->timeout, timeout, sizeof timeout) != DONE
            || write_duration("wait", line->safe_wait, safe_wait, sizeof safe_wait) != DONE) {
        return LEFT_TO_JAVA;
    }
    write_change(line, change, sizeof change);
    snprintf(params, size, ",\"safe\":%s,\"force\":%s,\"graceful\":%s%s%s%s%s",
             boolean(line->safe), boolean(line->force), boolean(!line->not_graceful && !line->force),
             line->overlap ? ",\"overlap\":\"yes\"" : "", timeout, safe_wait, change);
    return DONE;
}

static int write_params(const struct line *line, char *params, size_t size) {
    switch (line->verb) {
    case WAIT:
        return write_wait(line, params, size);
    case SIGNAL:
        snprintf(params, size, ",\"signal\":\"%s\"", line->signal);
        return DONE;
    case RESTART:
        return write_restart(line, params, size);
    case RELOAD:
    case STOP:
        write_change(line, params, size);
        return DONE;
    default:
        snprintf(params, size, ",\"json\":%s", boolean(line->json));
        return DONE;
    }
}

static int write_request(const struct line *line, char *request) {
    char params[MAX_REQUEST / 2];
    if (write_params(line, params, sizeof params) != DONE) {
        return LEFT_TO_JAVA;
    }
    snprintf(request, MAX_REQUEST, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"print.%s\",\"params\":{\"door\":\"cli\"%s}}\n",
             METHODS[line->verb], params);
    return DONE;
}

/* The socket's path, if it is one that Java would find and take as it stands. */
static int find_socket(const struct line *line, char *const *environment, struct sockaddr_un *address) {
    int from_settings = 0;
    const char *directory = run_directory(line->directory, environment, &from_settings);
    const char *name = "/control.sock";
    address->sun_family = AF_UNIX;
    if (directory == NULL || from_settings || *directory != '/' || strlen(directory) + strlen(name) >= sizeof address->sun_path) {
        return LEFT_TO_JAVA;
    }
    for (const char *at = directory; *at != '\0'; at++) {
        if (*at <= ' ' || *at > '~') {
            return LEFT_TO_JAVA;
        }
    }
    snprintf(address->sun_path, sizeof address->sun_path, "%s%s", directory, name);
    return DONE;
}

/* ---- the socket */

/* A connection; a full backlog is waited for here, for the kernel would wait without bound. */
static int connect_within(const struct sockaddr_un *address, long long deadline) {
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        return LEFT_TO_JAVA;
    }
    while (connect(fd, (const struct sockaddr *) address, sizeof *address) != 0) {
        if (errno != EAGAIN || now_ms() >= deadline) {
            int failed = errno == EAGAIN ? UNACCEPTED : LEFT_TO_JAVA;
            close(fd);
            return failed;
        }
        poll(NULL, 0, RETRY_MS);
    }
    return fd;
}

/* A server without room answers without reading; its word is there nevertheless. */
static void send_request(int fd, const char *request) {
    while (send(fd, request, strlen(request), MSG_NOSIGNAL) < 0 && errno == EINTR) {
    }
}

/* Bytes that are there until the deadline; DONE for a whole answer. */
static int read_into(int fd, char *buffer, size_t size, long long deadline) {
    while (1) {
        ssize_t count = read(fd, buffer, size);
        if (count > 0) {
            return (int) count;
        }
        if (count == 0 || (errno != EAGAIN && errno != EINTR)) {
            return CLOSED;
        }
        long long left = deadline - now_ms();
        struct pollfd readable = {.fd = fd, .events = POLLIN};
        if (left <= 0) {
            return UNANSWERED;
        }
        poll(&readable, 1, (int) left);
    }
}

/* A number of few digits, with this behind it; moves on past both. -1 if it is not there. */
static long read_number(char **at, char end) {
    char *after = *at + strspn(*at, "0123456789");
    size_t digits = (size_t) (after - *at);
    if (digits == 0 || digits > MAX_DIGITS || *after != end) {
        return -1;
    }
    long number = strtol(*at, NULL, 10);
    *at = after + 1;
    return number;
}

/* "soleinit 1 CODE BYTES BYTES": of standard output, then of standard error. */
static int read_sizes(struct answer *answer) {
    static const char BEGIN[] = "soleinit 1 ";
    char *at = answer->first + strlen(BEGIN);
    if (strncmp(answer->first, BEGIN, strlen(BEGIN)) != 0) {
        return LEFT_TO_JAVA;
    }
    long code = read_number(&at, ' ');
    long out = code < 0 ? -1 : read_number(&at, ' ');
    long err = out < 0 ? -1 : read_number(&at, '\0');
    if (err < 0 || code > 255 || out + err > MAX_ANSWER) {
        return LEFT_TO_JAVA;
    }
    answer->code = (int) code;
    answer->out = (size_t) out;
    answer->err = (size_t) err;
    answer->texts = allocate(answer->out + answer->err + 1);
    return DONE;
}

static int read_first_line(struct answer *answer, int fd, long long deadline) {
    while (answer->texts == NULL) {
        if (answer->first_length == sizeof answer->first - 1) {
            return LEFT_TO_JAVA;
        }
        char *next = answer->first + answer->first_length;
        int count = read_into(fd, next, 1, deadline);
        if (count < 0) {
            return count;
        }
        answer->first_length++;
        if (*next == '\n') {
            *next = '\0';
            if (read_sizes(answer) != DONE) {
                return LEFT_TO_JAVA;
            }
        }
    }
    return DONE;
}

/* Can be called again after UNANSWERED, and goes on where it was. */
static int receive(struct answer *answer, int fd, long long deadline) {
    int result = read_first_line(answer, fd, deadline);
    while (result == DONE && answer->length < answer->out + answer->err) {
        int count = read_into(fd, answer->texts + answer->length, answer->out + answer->err - answer->length, deadline);
        if (count < 0) {
            return count;
        }
        answer->length += (size_t) count;
    }
    return result;
}

/* ---- waiting */

/* Whether the supervisor answers others while this one waits. */
static int is_answering(const struct sockaddr_un *address) {
    static const struct line STATUS_LINE = {.verb = STATUS};
    char request[MAX_REQUEST], byte;
    int fd = connect_within(address, now_ms() + ANSWER_MS);
    if (fd < 0) {
        return fd;
    }
    write_request(&STATUS_LINE, request);
    send_request(fd, request);
    int count = read_into(fd, &byte, 1, now_ms() + ANSWER_MS);
    close(fd);
    return count < 0 ? count : DONE;
}

static int ask_supervisor(const struct line *line, const struct sockaddr_un *address, struct answer *answer) {
    char request[MAX_REQUEST];
    if (write_request(line, request) != DONE) {
        return LEFT_TO_JAVA;
    }
    int fd = connect_within(address, now_ms() + ANSWER_MS);
    if (fd < 0) {
        return fd;
    }
    int waits = has_outcome(line);
    send_request(fd, request);
    int result = receive(answer, fd, now_ms() + (waits ? CHECK_MS : ANSWER_MS));
    while (waits && result == UNANSWERED) {
        int others = is_answering(address);
        if (others != DONE) {
            close(fd);
            return others == LEFT_TO_JAVA ? CLOSED : others;
        }
        result = receive(answer, fd, now_ms() + CHECK_MS);
    }
    close(fd);
    return result;
}

/* ---- the answer */

/* Nothing that a terminal would take for a command, whoever sent it: what PlainText leaves out. */
static int is_plain(const char *texts, size_t length) {
    const unsigned char *at = (const unsigned char *) texts;
    for (size_t i = 0; i < length; i++) {
        unsigned char next = i + 1 < length ? at[i + 1] : 0;
        unsigned char third = i + 2 < length ? at[i + 2] : 0;
        int control = (at[i] < ' ' && at[i] != '\n') || at[i] == 0x7f || (at[i] == 0xc2 && next < 0xa0);
        int order = at[i] == 0xe2 && ((next == 0x80 && (third == 0x8e || third == 0x8f || (third >= 0xa8 && third <= 0xae)))
                                      || (next == 0x81 && third >= 0xa6 && third <= 0xa9));
        if (control || order) {
            return 0;
        }
    }
    return 1;
}

/* Whoever does not read it misses it, as with Java. */
static void write_all(int fd, const char *bytes, size_t length) {
    while (length > 0) {
        ssize_t count = write(fd, bytes, length);
        struct pollfd writable = {.fd = fd, .events = POLLOUT};
        if (count < 0 && errno == EAGAIN) {
            poll(&writable, 1, -1);
        } else if (count < 0 && errno != EINTR) {
            return;
        }
        bytes += count > 0 ? count : 0;
        length -= count > 0 ? (size_t) count : 0;
    }
}

/* What the JVM need not, or must not, do again. */
static void tell_java(struct launch *launch, const struct line *line, int result, long long begun) {
    if (line->verb == WAIT) {
        append(&launch->properties, text("-Dsoleinit.begun=%lld000000", begun));
    }
    if (line->verb == WAIT && now_ms() < begun + wait_ms(line)) {
        return;
    }
    if (result == UNACCEPTED) {
        append(&launch->properties, "-Dsoleinit.found=unaccepted");
    } else if (result == UNANSWERED) {
        append(&launch->properties, "-Dsoleinit.found=unanswered");
    } else if (result == CLOSED && is_change(line)) {
        append(&launch->properties, "-Dsoleinit.found=closed");
    }
}

int ask(int count, char **words, char *const *environment, unsigned long mask, struct launch *launch) {
    struct line line = {0};
    struct sockaddr_un address = {0};
    while (line.verb < VERBS && (count == 0 || strcmp(words[0], NAMES[line.verb]) != 0)) {
        line.verb++;
    }
    if (line.verb == VERBS || read_line(&line, count, words) != DONE
            /* on a terminal a wait shows what it waits for */
            || (line.verb != PREFLIGHT && has_outcome(&line) && isatty(0) && isatty(1))
            || find_socket(&line, environment, &address) != DONE) {
        return LEFT_TO_JAVA;
    }
    struct answer answer = {0};
    long long begun = now_ms();
    become_first_victim();
    /* Ctrl-C ends what waits */
    block_only(mask);
    int result = ask_supervisor(&line, &address, &answer);
    if (result != DONE || !is_plain(answer.texts, answer.length)) {
        block_signals();
        tell_java(launch, &line, strncmp(answer.first, NAME, strlen(NAME)) == 0 ? CLOSED : result, begun);
        return LEFT_TO_JAVA;
    }
    /* who reads no more is no reason to die, and who reads late none to be deaf */
    block_only(mask | 1UL << (SIGPIPE - 1));
    write_all(1, answer.texts, answer.out);
    write_all(2, answer.texts + answer.out, answer.err);
    return answer.code;
}
