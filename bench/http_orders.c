/* bench/http_orders.c: durable orders a second over HTTP on the exchange's Unix socket
 *
 * 32 keep-alive connections, each sends its next order when the one before was acknowledged. Beside
 * it, in the same folder in the same minute, the control: a frame of 32 commands appended and
 * fdatasync'ed by hand, which no server can outrun while it flushes once a turn.
 *
 * Usage: build/bench/http_orders [FOLDER [SECONDS]]: a folder on the disk to measure.
 */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "venue/serve.h"

enum {
    CONNECTIONS = 32,
    SAMPLES_MOST = 4000000,
    CONTROL_FRAME_BYTES = 32 * 64, /* a submitted order takes about so much in the journal */
    TARGET_A_SECOND = 20000,
    TARGET_P99_US = 5000,
};

struct connection {
    int fd;
    unsigned number;
    uint64_t sent_at_ns;
    char reply[4096];
    size_t have;
};

static uint32_t *samples_us;
static size_t sample_count, refused_count;

static void must(bool holds, const char *what)
{
    if (holds)
        return;
    perror(what);
    exit(1);
}

static int dial(const char *path)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    if (connect(fd, (const struct sockaddr *)&address, sizeof address) != 0) {
        close(fd);
        return -1;
    }
    return fd;
}

/* Orders that rest at many prices, bought by sixteen accounts and sold by sixteen others. */
static void order_send(struct connection *c)
{
    static unsigned turn;
    bool buys = c->number % 2 == 0;
    char body[160], request[512];
    int body_size, size;

    turn++;
    body_size = snprintf(body, sizeof body,
                         "{\"symbol\":\"tBTCUSD\",\"type\":\"EXCHANGE LIMIT\",\"amount\":\"%s\","
                         "\"price\":\"%u\"}",
                         buys ? "0.001" : "-0.0001", (buys ? 1000 : 90000) + turn % 500);
    size = snprintf(request, sizeof request,
                    "POST /v2/auth/w/order/submit HTTP/1.1\r\nHost: exchange\r\n"
                    "X-Latchkey-Account: %u\r\nX-Latchkey-Scopes: orders:write\r\n"
                    "Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
                    c->number + 1, body_size, body);
    c->sent_at_ns = clock_mono_ns();
    c->have = 0;
    must(write(c->fd, request, (size_t)size) == size, "write");
}

/* True when the reply is whole. */
static bool reply_read(struct connection *c)
{
    ssize_t size = read(c->fd, c->reply + c->have, sizeof c->reply - 1 - c->have);
    const char *end, *length;

    must(size > 0, "read");
    c->have += (size_t)size;
    c->reply[c->have] = '\0';
    end = strstr(c->reply, "\r\n\r\n");
    if (end == NULL)
        return false;
    length = strcasestr(c->reply, "content-length:");
    must(length != NULL && length < end, "a reply without length");
    return c->have >= (size_t)(end + 4 - c->reply) + strtoul(length + 15, NULL, 10);
}

static void drive(const char *socket, unsigned seconds)
{
    static struct connection connections[CONNECTIONS];
    uint64_t until_ns;
    int epoll = epoll_create1(EPOLL_CLOEXEC);

    for (unsigned i = 0; i < CONNECTIONS; i++) {
        struct connection *c = &connections[i];
        struct epoll_event event = { .events = EPOLLIN, .data.ptr = c };

        c->fd = dial(socket);
        c->number = i;
        must(c->fd >= 0 && epoll_ctl(epoll, EPOLL_CTL_ADD, c->fd, &event) == 0, "connect");
        order_send(c);
    }
    until_ns = clock_mono_ns() + seconds * NS_PER_S;
    while (clock_mono_ns() < until_ns && sample_count < SAMPLES_MOST) {
        struct epoll_event events[CONNECTIONS];
        int count = epoll_wait(epoll, events, CONNECTIONS, 1000);

        for (int i = 0; i < count; i++) {
            struct connection *c = events[i].data.ptr;

            if (!reply_read(c))
                continue;
            if (strncmp(c->reply, "HTTP/1.1 200", 12) != 0)
                refused_count++;
            else
                samples_us[sample_count++] = (uint32_t)((clock_mono_ns() - c->sent_at_ns) / 1000);
            order_send(c);
        }
    }
    for (unsigned i = 0; i < CONNECTIONS; i++)
        close(connections[i].fd);
    close(epoll);
}

static double control(const char *folder)
{
    static char frame[CONTROL_FRAME_BYTES];
    char path[4096];
    uint64_t start_ns = clock_mono_ns();
    unsigned count = 0;
    int fd;

    snprintf(path, sizeof path, "%s/control", folder);
    fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    /* Space first, as the journal has it: then a sync writes no metadata. */
    must(fd >= 0 && posix_fallocate(fd, 0, 64 << 20) == 0, "control");
    while (clock_mono_ns() - start_ns < 2 * NS_PER_S && count < 30000) {
        must(pwrite(fd, frame, sizeof frame, (off_t)count * (off_t)sizeof frame) ==
                     (ssize_t)sizeof frame &&
                 fdatasync(fd) == 0,
             "control");
        count++;
    }
    close(fd);
    unlink(path);
    return count / ((double)(clock_mono_ns() - start_ns) / 1e9);
}

static int by_size(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

    return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
    const char *where = argc > 1 ? argv[1] : ".";
    unsigned seconds = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 5;
    char folder[4000], socket[4096], journal[4096];
    double syncs, rate, cpu_us;
    struct rusage used;
    int ends[2], fd;
    pid_t child;

    snprintf(folder, sizeof folder, "%s/latchkey-bench-XXXXXX", where);
    must(mkdtemp(folder) != NULL && pipe2(ends, O_CLOEXEC) == 0, "folder");
    snprintf(socket, sizeof socket, "%s/s", folder);
    snprintf(journal, sizeof journal, "%s/journal", folder);
    samples_us = malloc(SAMPLES_MOST * sizeof *samples_us);
    must(samples_us != NULL, "memory");
    child = fork();
    if (child == 0) {
        struct serve_options options = { .folder = folder, .socket = socket };

        close(ends[1]);
        _exit(exchange_serve(&options, ends[0]) == OK ? 0 : 1);
    }
    while ((fd = dial(socket)) < 0)
        poll(NULL, 0, 5);
    close(fd);
    drive(socket, seconds);
    close(ends[1]);
    wait4(child, NULL, 0, &used);
    syncs = control(folder);
    unlink(journal);
    rmdir(folder);

    must(sample_count > 0, "no order was acknowledged");
    qsort(samples_us, sample_count, sizeof *samples_us, by_size);
    rate = (double)sample_count / seconds;
    cpu_us = ((double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1e6 +
              (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec)) /
             (double)sample_count;
    printf("durable orders over HTTP, %d connections: %.0f/s (target %d), refused %zu\n",
           CONNECTIONS, rate, TARGET_A_SECOND, refused_count);
    printf("  latency p50 %u us, p99 %u us (target %d), largest %u us; the exchange's CPU %.1f us "
           "an order\n",
           samples_us[sample_count / 2], samples_us[sample_count / 100 * 99], TARGET_P99_US,
           samples_us[sample_count - 1], cpu_us);
    printf("  control: append + fdatasync of %d bytes: %.0f/s, so %d orders a frame at most "
           "%.0f/s: ratio %.2f\n",
           CONTROL_FRAME_BYTES, syncs, CONNECTIONS, syncs * CONNECTIONS,
           rate / (syncs * CONNECTIONS));
    return 0;
}
