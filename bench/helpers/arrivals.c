/* arrivals PORT THREADS RATE MAX_S [SESSION_MS]: HTTP/1.0 connections to 127.0.0.1:PORT at RATE a second in all, each
 * read to its end, until stdin ends or MAX_S have passed. With SESSION_MS each is a POST /sessions of so many
 * milliseconds, else a GET /. Prints one JSON object: what became of them, and how long they took. */
#include "shm.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>

enum { OK, BUSY, REFUSED, RESET, OTHER, NRES, MOST = 1024, SLOTS = 4096 };
static int port, session;
static double gap_ns;
static volatile int stop;
static pthread_mutex_t mu = PTHREAD_MUTEX_INITIALIZER;
static long count[NRES], slots[SLOTS], number;
static uint64_t longest;

/* a status of 200 is an answer, 503 one that says no */
static int request(int s, const char *text, size_t size)
{
    char answer[4096];
    size_t got = 0;
    ssize_t n;
    if (send(s, text, size, MSG_NOSIGNAL) != (ssize_t)size)
        return errno == ECONNRESET || errno == EPIPE ? RESET : OTHER;
    while ((n = recv(s, answer + got, sizeof answer - 1 - got, 0)) > 0 && got + (size_t)n < sizeof answer - 1)
        got += (size_t)n;
    if (n < 0)
        return errno == ECONNRESET ? RESET : OTHER;
    answer[got] = 0;
    if (got < 12 || strncmp(answer, "HTTP/1.", 7))
        return got == 0 ? RESET : OTHER;
    return !strncmp(answer + 9, "200", 3) ? OK : !strncmp(answer + 9, "503", 3) ? BUSY : OTHER;
}

static int one(long id)
{
    char text[256];
    struct timeval tv = { 60, 0 };
    struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
    int result, s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int size = session ? snprintf(text, sizeof text, "POST /sessions?ms=%d&id=b%d-%ld HTTP/1.0\r\nHost: bench\r\n"
                                  "Content-Length: 0\r\n\r\n", session, (int)getpid(), id)
                       : snprintf(text, sizeof text, "GET / HTTP/1.0\r\nHost: bench\r\n\r\n");
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (s < 0)
        return OTHER;
    setsockopt(s, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof tv);
    setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof tv);
    result = connect(s, (void *)&a, sizeof a) == 0 ? request(s, text, (size_t)size) :
             errno == ECONNREFUSED ? REFUSED : errno == ECONNRESET ? RESET : OTHER;
    close(s);
    return result;
}

static void *worker(void *arg)
{
    double next = (double)now_ns() + gap_ns * (double)(long)arg / (double)MOST;
    while (!stop) {
        uint64_t t0 = now_ns(), took;
        if ((double)t0 < next) {
            uint64_t w = (uint64_t)next - t0;
            struct timespec ts = { (time_t)(w / 1000000000ull), (long)(w % 1000000000ull) };
            nanosleep(&ts, NULL);
            t0 = now_ns();
        } else if ((double)t0 > next + 5 * gap_ns)
            next = (double)t0;          /* late: do not pile up */
        next += gap_ns;
        int r = one(__atomic_fetch_add(&number, 1, __ATOMIC_RELAXED));
        took = now_ns() - t0;
        pthread_mutex_lock(&mu);
        count[r]++;
        slots[took / 250000 < SLOTS ? took / 250000 : SLOTS - 1]++;    /* of a quarter of a millisecond */
        if (took > longest)
            longest = took;
        pthread_mutex_unlock(&mu);
    }
    return NULL;
}

static double percentile(double share)
{
    long all = 0, seen = 0;
    for (int i = 0; i < SLOTS; i++)
        all += slots[i];
    for (int i = 0; i < SLOTS; i++)
        if ((double)(seen += slots[i]) >= share * (double)all)
            return (i + 1) * 0.25;
    return 0;
}

int main(int argc, char **argv)
{
    pthread_t th[MOST];
    int n = argc < 5 ? 0 : atoi(argv[2]);
    if (n < 1 || n > MOST)
        return 2;
    port = atoi(argv[1]);
    session = argc > 5 ? atoi(argv[5]) : 0;
    gap_ns = 1e9 * n / atof(argv[3]);
    uint64_t began = now_ns();
    for (long i = 0; i < n; i++)
        if (pthread_create(&th[i], NULL, worker, (void *)(i * MOST / n)))
            return 1;
    struct pollfd p = { 0, POLLIN | POLLHUP, 0 };
    poll(&p, 1, atoi(argv[4]) * 1000);
    stop = 1;
    for (int i = 0; i < n; i++)
        pthread_join(th[i], NULL);
    printf("{\"ok\":%ld,\"busy\":%ld,\"refused\":%ld,\"reset\":%ld,\"other\":%ld,\"p50Ms\":%.2f,\"p99Ms\":%.2f,"
           "\"p999Ms\":%.2f,\"longestMs\":%.1f,\"seconds\":%.1f}\n", count[OK], count[BUSY], count[REFUSED],
           count[RESET], count[OTHER], percentile(0.5), percentile(0.99), percentile(0.999), (double)longest / 1e6,
           (double)(now_ns() - began) / 1e9);
    return 0;
}
