#include "daemon/up_check.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <netdb.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "daemon/data_folder.h"

enum { ORPHANS_WAIT_S = 15, RETRY_MS = 20 };

__attribute__((format(printf, 1, 2))) static bool refuse(const char *format, ...)
{
    va_list arguments;

    fputs("latchkey up: ", stderr);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    return false;
}

bool up_check_tools(const struct up *up)
{
    if (access(up->nginx, X_OK) != 0)
        return refuse("%s is not there; install the package nginx, or name yours with --nginx",
                      up->nginx);
    if (access(up->module, R_OK) != 0)
        return refuse("the nginx module %s is not there; build it, or name yours with --module",
                      up->module);
    return true;
}

/* OK: free.  Anything else is an errno. */
static int port_try(const char *bind_to, uint16_t port)
{
    const struct addrinfo hints = { .ai_flags = AI_NUMERICHOST | AI_PASSIVE,
                                    .ai_socktype = SOCK_STREAM };
    struct addrinfo *address = NULL;
    char service[8];
    int fd, yes = 1, number = 0;

    snprintf(service, sizeof service, "%u", port);
    if (getaddrinfo(bind_to, service, &hints, &address) != 0)
        return EADDRNOTAVAIL;
    fd = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) != 0 ||
        bind(fd, address->ai_addr, address->ai_addrlen) != 0 || listen(fd, 1) != 0)
        number = errno;
    if (fd >= 0)
        close(fd);
    freeaddrinfo(address);
    return number;
}

bool up_check_ports(const struct up *up)
{
    const struct {
        uint16_t port;
        const char *option;
    } ports[] = { { up->live_port, "--live-port" },
                  { up->sandbox_port, "--sandbox-port" },
                  { up->tripwire_port, "--tripwire-port" } };

    for (int i = 0; i < 3; i++) {
        int next = (i + 1) % 3;

        if (ports[i].port == ports[next].port)
            return refuse("%s and %s are both %u; give them different ports", ports[i].option,
                          ports[next].option, ports[i].port);
    }
    for (int i = 0; i < 3; i++) {
        int number = port_try(up->bind, ports[i].port);

        if (number == EADDRINUSE)
            return refuse("port %u on %s is in use; end what listens there, or choose another "
                          "with %s",
                          ports[i].port, up->bind, ports[i].option);
        if (number != 0)
            return refuse("cannot listen on port %u of %s: %s; choose another with %s or --bind",
                          ports[i].port, up->bind, strerror(number), ports[i].option);
    }
    return true;
}

static bool folders_make(const struct up *up)
{
    const char *const folders[] = { up->data, up->run, up->segments };

    for (int i = 0; i < 3; i++)
        if (file_folder_make(folders[i], 0700) != OK)
            return refuse("cannot make the folder %s: %s", folders[i], strerror(errno));
    return true;
}

/* The supervisor that wrote the lock file, 0 when it is gone. */
static pid_t holder_read(int fd)
{
    char text[24] = { 0 };
    long pid;

    if (pread(fd, text, sizeof text - 1, 0) <= 0)
        return 0;
    pid = strtol(text, NULL, 10);
    return pid > 0 && kill((pid_t)pid, 0) == 0 ? (pid_t)pid : 0;
}

static bool lock_take(const struct up *up, int fd)
{
    uint64_t give_up_ns = clock_mono_ns() + ORPHANS_WAIT_S * NS_PER_S;
    const struct timespec retry = { .tv_nsec = RETRY_MS * (long)NS_PER_MS };

    while (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        pid_t holder = holder_read(fd);

        if (holder != 0)
            return refuse("another latchkey up (process %d) uses %s; stop it, or choose other "
                          "folders with --data and --run",
                          (int)holder, up->data);
        if (clock_mono_ns() > give_up_ns)
            return refuse("processes of an earlier latchkey up still use %s; end them first",
                          up->data);
        nanosleep(&retry, NULL);
    }
    return true;
}

bool up_check_lock(const struct up *up)
{
    char path[FILE_PATH_SIZE], text[24];
    int fd, size;

    if (!folders_make(up))
        return false;
    up_path(path, up->data, "up.lock");
    fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW, 0600);
    if (fd < 0)
        return refuse("cannot write to %s: %s", up->data, strerror(errno));
    if (!lock_take(up, fd)) {
        close(fd);
        return false;
    }
    /* From here on the descriptor stays open, here and in the children. */
    size = snprintf(text, sizeof text, "%d\n", (int)getpid());
    if (ftruncate(fd, 0) != 0 || pwrite(fd, text, (size_t)size, 0) != size)
        return refuse("cannot write to %s: %s", path, strerror(errno));
    return true;
}

static int entry_remove(const char *path, const struct stat *status, int kind, struct FTW *walk)
{
    (void)status;
    (void)kind;
    (void)walk;
    return remove(path);
}

static bool known_remove(const char *folder, const char *const *names)
{
    char path[FILE_PATH_SIZE];

    for (; *names != NULL; names++) {
        up_path(path, folder, *names);
        if (nftw(path, entry_remove, 16, FTW_DEPTH | FTW_PHYS) != 0 && errno != ENOENT)
            return refuse("cannot remove %s: %s", path, strerror(errno));
    }
    return true;
}

static bool fresh_make(const struct up *up)
{
    static const char *const data[] = {
        "VERSION",       "master.key", "audit.key",     "authority.db",     "authority.db-wal",
        "authority.db-shm", "audit",   "exchange-live", "exchange-sandbox", "tls",
        "demo.json",     "gateway.key", NULL,
    };
    static const char *const run[] = {
        "authority.sock", "exchange-live.sock", "exchange-sandbox.sock", "nginx.conf",
        "nginx.pid",      "authority.log",      "exchange-live.log",     "exchange-sandbox.log",
        "nginx.log",      "nginx-body",         "nginx-proxy",           "nginx-fastcgi",
        "nginx-uwsgi",    "nginx-scgi",         "console",               "about",
        "demo.json",      "portal.sock",        "authority.yaml",        "mail",
        NULL,
    };
    static const char *const segments[] = { "live.seg", "sandbox.seg", NULL };

    return known_remove(up->data, data) && known_remove(up->run, run) &&
           known_remove(up->segments, segments);
}

/* Whether there is anything in the folder that a first start did not put there. */
static bool folder_is_empty(const char *folder)
{
    struct dirent **entries = NULL;
    int count = scandir(folder, &entries, NULL, NULL), others = 0;

    for (int i = 0; i < count; i++) {
        const char *name = entries[i]->d_name;

        others += strcmp(name, ".") != 0 && strcmp(name, "..") != 0 && strcmp(name, "up.lock") != 0;
        free(entries[i]);
    }
    free(entries);
    return count >= 0 && others == 0;
}

bool up_check_data(const struct up *up)
{
    enum data_version version = data_version_find(up->data);

    if (version == DATA_NONE && !folder_is_empty(up->data))
        return refuse("%s holds files that are not ours; choose another folder with --data",
                      up->data);
    if (version == DATA_FOREIGN)
        return refuse("%s/VERSION is not what latchkey writes; choose another folder with --data",
                      up->data);
    if (version == DATA_OTHER && !up->fresh)
        return refuse("the data in %s was written by another version of latchkey; move it away, "
                      "or start over with --fresh",
                      up->data);
    if (up->fresh && !fresh_make(up))
        return false;
    if (version == DATA_CURRENT && !up->fresh)
        return true;
    if (data_version_write(up->data) != OK)
        return refuse("cannot write to %s", up->data);
    return true;
}
