/* Starts COMMAND several times as PID 1 in a root file system and sends it TERM at a given time
 * after its exec; the times are spread evenly. Prints a line for each: microseconds, then
 * "ended CODE" or "lost".
 *
 *   signal-after-exec [-t SECONDS] ROOT TRIES FROM_US TO_US COMMAND...
 *
 * The moment of the exec is known exactly: it closes a pipe. Before it, the signal would be dropped
 * because of this program. A signal is lost if COMMAND still runs after SECONDS (10). */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static char *environment[] = { "PATH=/usr/bin:/bin", "DAEMON_SUPERVISOR=container", NULL };

static int enter_root(const char *root)
{
    return prctl(PR_SET_PDEATHSIG, SIGKILL)
        || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL)
        || chdir(root)
        || (mkdir("dev", 0755) && errno != EEXIST)
        || (mkdir("proc", 0755) && errno != EEXIST)
        || mount("/dev", "dev", NULL, MS_BIND | MS_REC, NULL)
        || mount("proc", "proc", "proc", 0, NULL)
        || chroot(".") || setsid() < 0 || dup2(2, 1) < 0;
}

/* The other work of the machine could keep COMMAND from its first instruction for longer than we wait. What it
 * starts does not inherit that. By the kernel's own call, for musl's function says ENOSYS. */
static int run_before_others(void)
{
    struct sched_param lowest = { .sched_priority = 1 };
    return syscall(SYS_sched_setscheduler, 0, SCHED_RR | SCHED_RESET_ON_FORK, &lowest);
}

static pid_t start(const char *root, char **command)
{
    int pipes[2], reason = 0;
    if (pipe2(pipes, O_CLOEXEC))
        return -1;
    pid_t child = (pid_t)syscall(SYS_clone, CLONE_NEWPID | CLONE_NEWNS | SIGCHLD, 0, 0, 0, 0);
    if (!child) {
        sigset_t none;
        sigemptyset(&none);
        sigprocmask(SIG_SETMASK, &none, NULL);
        if (!enter_root(root) && !run_before_others())
            execve(*command, command, environment);
        reason = errno;
        if (write(pipes[1], &reason, sizeof reason) < 0)
            perror("pipe");
        _exit(127);
    }
    close(pipes[1]);
    if (child > 0 && read(pipes[0], &reason, sizeof reason) > 0) {
        fprintf(stderr, "%s: %s\n", *command, strerror(reason));
        waitpid(child, NULL, 0);
        child = -1;
    }
    close(pipes[0]);
    return child;
}

static void pause_us(long us)
{
    struct timespec time = { us / 1000000, us % 1000000 * 1000 };
    nanosleep(&time, NULL);
}

/* Prints one line. */
static void send_and_wait(pid_t child, long us, long seconds)
{
    sigset_t chld;
    int status = 0;
    struct timespec timeout = { seconds, 0 };
    sigemptyset(&chld);
    sigaddset(&chld, SIGCHLD);
    pause_us(us);
    kill(child, SIGTERM);
    if (sigtimedwait(&chld, NULL, &timeout) < 0) {
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
        while (sigtimedwait(&chld, NULL, &(struct timespec){ 0 }) > 0)
            ;
        printf("%ld lost\n", us);
    } else {
        waitpid(child, &status, 0);
        printf("%ld ended %d\n", us,
            WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
    }
    fflush(stdout);
}

int main(int argc, char **argv)
{
    long seconds = 10;
    int option;
    while ((option = getopt(argc, argv, "+t:")) != -1)
        seconds = atol(optarg);
    argv += optind;
    if (argc - optind < 5)
        return 2;
    int tries = atoi(argv[1]);
    long from = atol(argv[2]), to = atol(argv[3]);
    sigset_t chld;
    sigemptyset(&chld);
    sigaddset(&chld, SIGCHLD);
    sigprocmask(SIG_BLOCK, &chld, NULL);
    for (int i = 0; i < tries; i++) {
        pid_t child = start(argv[0], argv + 4);
        if (child < 0)
            return 1;
        send_and_wait(child, tries > 1 ? from + (to - from) * i / (tries - 1) : from, seconds);
    }
    return 0;
}
