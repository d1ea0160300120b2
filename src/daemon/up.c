/* `latchkey up`: the whole system in the foreground, for a try-out. */
#include "daemon/up.h"

#include <curl/curl.h>
#include <openssl/evp.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/hex.h"
#include "base/log.h"
#include "cli/command.h"
#include "cli/options.h"
#include "daemon/processes.h"
#include "daemon/up_authority.h"
#include "daemon/up_certificates.h"
#include "daemon/up_check.h"
#include "daemon/up_children.h"
#include "daemon/up_demo.h"
#include "daemon/up_nginx.h"
#include "daemon/up_probe.h"
#include "daemon/up_seed.h"

enum {
    PROBE_MS = 20,            /* between two looks at a socket of something that starts */
    ANSWERS_MS = 100,         /* between two requests to the venues, which count their callers */
    START_S = 120,            /* for one process; the exchange fills its charts at first start */
    SOCKET_PATH_MOST = 107,   /* sockaddr_un, less the zero */
    SEGMENTS_DIGEST_BYTES = 4,
};

/* The folder is made, so that it has a real path; everything works on that. */
static bool folder_resolve(const char *folder, char path[FILE_PATH_SIZE])
{
    char real[PATH_MAX];

    if (file_folder_make(folder, 0700) != OK || realpath(folder, real) == NULL) {
        fprintf(stderr, "latchkey up: cannot make the folder %s\n", folder);
        return false;
    }
    snprintf(path, FILE_PATH_SIZE, "%s", real);
    return true;
}

/* A folder on tmpfs that belongs to RUN and to nobody else (docs/architecture.md). */
static bool segments_default(const char *run, char path[FILE_PATH_SIZE])
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    char text[2 * SEGMENTS_DIGEST_BYTES + 1];

    if (EVP_Digest(run, strlen(run), digest, NULL, EVP_sha256(), NULL) != 1)
        return false;
    hex_format(digest, SEGMENTS_DIGEST_BYTES, text);
    snprintf(path, FILE_PATH_SIZE, "/dev/shm/latchkey-%s", text);
    return true;
}

static bool executable_find(struct up *up)
{
    ssize_t size = readlink("/proc/self/exe", up->executable, sizeof up->executable - 1);

    if (size <= 0)
        return false;
    up->executable[size] = '\0';
    return true;
}

/* Joins `name` to the folder of the executable. */
static void beside(const struct up *up, const char *name, char path[FILE_PATH_SIZE])
{
    char folder[FILE_PATH_SIZE];
    char *slash;

    snprintf(folder, sizeof folder, "%s", up->executable);
    slash = strrchr(folder, '/');
    *slash = '\0';
    up_path(path, folder, name);
}

static bool console_is_at(const char *folder)
{
    char page[FILE_PATH_SIZE];

    up_path(page, folder, "index.html");
    return access(page, R_OK) == 0;
}

static bool is_readable(const char *path)
{
    return access(path, R_OK) == 0;
}

/* The first of two places beside the executable where something stands, as built or as installed;
 * "" when neither does. */
static void beside_find(const struct up *up, const char *const places[2],
                        bool (*stands_at)(const char *path), char path[FILE_PATH_SIZE])
{
    for (int i = 0; i < 2; i++) {
        beside(up, places[i], path);
        if (stands_at(path))
            return;
    }
    path[0] = '\0';
}

/* The console is built by npm and the country database is a package of npm: who builds with meson
 * alone gets the about page, and addresses that are in no country. */
static void extras_find(struct up *up)
{
    static const char *const consoles[] = { "../web/console/dist", "../share/latchkey/console" };
    static const char *const countries[] = { "country.mmdb", "../share/latchkey/country.mmdb" };

    beside_find(up, consoles, console_is_at, up->console);
    beside_find(up, countries, is_readable, up->countries);
}

static bool console_resolve(struct up *up, const char *console)
{
    if (console == NULL)
        return true;
    if (realpath(console, up->console) != NULL && console_is_at(up->console))
        return true;
    fprintf(stderr, "latchkey up: %s has no index.html; build the console with npm run build\n",
            console);
    return false;
}

static bool up_resolve(struct up *up, const char *data, const char *run, const char *segments,
                       const char *module)
{
    if (!executable_find(up) || !folder_resolve(data, up->data) || !folder_resolve(run, up->run))
        return false;
    extras_find(up);
    if (strlen(up->run) + sizeof "/exchange-sandbox.sock" - 1 > SOCKET_PATH_MOST) {
        fprintf(stderr, "latchkey up: %s is too long for Unix sockets; choose a shorter --run\n",
                up->run);
        return false;
    }
    if (segments != NULL ? !folder_resolve(segments, up->segments)
                         : !segments_default(up->run, up->segments))
        return false;
    if (module != NULL) {
        snprintf(up->module, sizeof up->module, "%s", module);
        return true;
    }
    beside(up, "ngx_http_latchkey_module.so", up->module);
    return true;
}

static void exchange_add(struct children *c, const struct up *up, const char *name,
                         const char *environment)
{
    struct child *child = children_add(c, up->run, name);
    /* Who may reach this machine's loopback may also reset the sandbox: it is a try-out. */
    const char *const arguments[] = { up->executable, "exchange", "--environment", environment,
                                      "--data", up->data, "--run", up->run,
                                      "--segments", up->segments, "--owner", "anybody" };

    memcpy(child->arguments, arguments, sizeof arguments);
}

static void children_list(struct children *c, const struct up *up,
                          const char nginx_conf[FILE_PATH_SIZE],
                          const char authority_yaml[FILE_PATH_SIZE],
                          const char sandbox[FILE_PATH_SIZE])
{
    struct child *authority = children_add(c, up->run, "authority"), *nginx;
    const char *const authority_arguments[] = { up->executable, "authority", "--data", up->data,
                                                "--run", up->run, "--segments", up->segments,
                                                "--durability", up->durability,
                                                "--config", authority_yaml,
                                                "--sandbox", sandbox };
    const char *const nginx_arguments[] = { up->nginx, "-p", up->run, "-c", nginx_conf, "-e",
                                            "stderr", "-g", "daemon off;" };

    memcpy(authority->arguments, authority_arguments, sizeof authority_arguments);
    exchange_add(c, up, "exchange-live", "live");
    exchange_add(c, up, "exchange-sandbox", "sandbox");
    nginx = children_add(c, up->run, "nginx");
    memcpy(nginx->arguments, nginx_arguments, sizeof nginx_arguments);
    nginx->orphans_signal = SIGQUIT; /* its workers finish what they serve, but listen no more */
}

/* Starts a child and waits for its socket; false after a death, a stop or too long a time. */
static bool start_and_wait(struct children *c, struct child *child, const char *run)
{
    uint64_t give_up_ns = clock_mono_ns() + START_S * NS_PER_S;
    char socket[FILE_PATH_SIZE], file[64];

    snprintf(file, sizeof file, "%s.sock", child->name);
    up_path(socket, run, file);
    unlink(socket); /* a killed process leaves its socket behind */
    if (child_start(child) != OK)
        return false;
    while (!probe_socket(socket)) {
        enum children_turn turn = children_turn(c, PROBE_MS);

        if (turn == CHILDREN_STOP)
            return false;
        if (turn == CHILDREN_DEATH || clock_mono_ns() > give_up_ns) {
            fprintf(stderr, "latchkey up: %s did not start\n", child->name);
            child_log_show(child);
            return false;
        }
    }
    return true;
}

static bool answers(const struct up *up)
{
    const uint16_t ports[] = { up->live_port, up->sandbox_port };
    char url[UP_URL_SIZE], path[UP_URL_SIZE + 32], ca[FILE_PATH_SIZE];

    up_path(ca, up->data, "tls/ca.pem");
    for (int i = 0; i < 2; i++) {
        up_url(up, "https", ports[i], url);
        snprintf(path, sizeof path, "%s/v2/platform/status", url);
        if (!probe_https(path, ca))
            return false;
    }
    return true;
}

/* Everything is up when both venues answer through nginx. */
static bool wait_for_answers(struct children *c, const struct up *up, const struct child *nginx)
{
    uint64_t give_up_ns = clock_mono_ns() + START_S * NS_PER_S;

    while (!answers(up)) {
        enum children_turn turn = children_turn(c, ANSWERS_MS);

        if (turn == CHILDREN_STOP)
            return false;
        if (turn == CHILDREN_DEATH || clock_mono_ns() > give_up_ns) {
            fputs("latchkey up: the venues do not answer through nginx\n", stderr);
            child_log_show(nginx);
            return false;
        }
    }
    return true;
}

static enum err demo_prepare(const struct up *up, json_t **demo)
{
    char socket[FILE_PATH_SIZE];
    enum err e = demo_load(up, demo);

    up_path(socket, up->run, "authority.sock");
    if (e == ERR_MISSING)
        e = seed_demo(socket, demo);
    if (e == OK)
        e = demo_save(up, *demo);
    if (e != OK)
        fprintf(stderr, "latchkey up: the demo accounts are incomplete (%s); start over with "
                        "--fresh\n",
                err_text(e));
    return e;
}

static bool all_start(struct children *c, const struct up *up, json_t **demo)
{
    struct child *nginx = &c->list[c->count - 1];

    for (struct child *child = c->list; child < nginx; child++)
        if (!start_and_wait(c, child, up->run))
            return false;
    if (demo_prepare(up, demo) != OK || child_start(nginx) != OK)
        return false;
    return wait_for_answers(c, up, nginx) && demo_publish(up, *demo) == OK;
}

/* Until somebody says stop.  RUN/demo.json is there only while everything answers. */
static void watch(struct children *c, const struct up *up, const json_t *demo)
{
    bool published = true;
    enum children_turn turn;

    c->restarting = true;
    while ((turn = children_turn(c, published ? -1 : ANSWERS_MS)) != CHILDREN_STOP) {
        if (turn == CHILDREN_DEATH) {
            demo_withdraw(up);
            published = false;
        } else if (!published && answers(up)) {
            published = demo_publish(up, demo) == OK;
            if (published)
                log_info("up", "everything answers again");
        }
    }
}

static int run(const struct up *up)
{
    char nginx_conf[FILE_PATH_SIZE], tls[FILE_PATH_SIZE], authority_yaml[FILE_PATH_SIZE];
    char sandbox[FILE_PATH_SIZE];
    struct children children;
    json_t *demo = NULL;
    bool started;

    up_path(nginx_conf, up->run, "nginx.conf");
    up_path(authority_yaml, up->run, "authority.yaml");
    up_path(sandbox, up->run, "exchange-sandbox.sock");
    up_path(tls, up->data, "tls");
    demo_withdraw(up);
    if (certificates_make(tls, up->bind) != OK || nginx_configure(up) != OK ||
        authority_configure(up) != OK ||
        children_open(&children) != OK) {
        fputs("latchkey up: cannot prepare the start\n", stderr);
        return COMMAND_REFUSED;
    }
    children_list(&children, up, nginx_conf, authority_yaml, sandbox);
    started = all_start(&children, up, &demo);
    if (started) {
        demo_show(up, demo);
        watch(&children, up, demo);
        fputs("latchkey up: stopping\n", stderr);
    }
    demo_withdraw(up);
    children_stop(&children);
    json_decref(demo);
    return started ? COMMAND_DONE : COMMAND_REFUSED;
}

static const char *const details =
    "Starts the authority, two exchanges (live and sandbox) and nginx with our module, makes a\n"
    "certificate authority, two demo accounts and their keys, and prints all of it.  Ctrl-C stops\n"
    "every process; the next start finds keys, orders and audit log again.\n";

static const char *const examples =
    "# in the present folder: data/ and run/\n"
    "latchkey up\n\n"
    "# beside another one\n"
    "latchkey up --data data2 --run run2 --live-port 9443 --sandbox-port 9444 \\\n"
    "    --tripwire-port 9080\n\n"
    "# forget everything of the last time\n"
    "latchkey up --fresh\n";

int up_process(int argc, char **argv)
{
    const char *data = "data", *runtime = "run", *segments = NULL, *module = NULL;
    const char *console = NULL;
    uint64_t live_port = 8443, sandbox_port = 8444, tripwire_port = 8080;
    struct up up = { .nginx = "/usr/sbin/nginx", .bind = "127.0.0.1", .durability = "memory" };
    const struct option options[] = {
        { .name = "data", .kind = OPTION_TEXT, .value = "DIR", .into = &data,
          .help = "[data] what is kept: keys, orders, audit log" },
        { .name = "run", .kind = OPTION_TEXT, .value = "DIR", .into = &runtime,
          .help = "[run] sockets, logs, demo.json" },
        { .name = "segments", .kind = OPTION_TEXT, .value = "DIR", .into = &segments,
          .help = "[a folder of its own in /dev/shm] shared memory" },
        { .name = "live-port", .kind = OPTION_NUMBER, .value = "PORT", .least = 1, .most = 65535,
          .into = &live_port, .help = "[8443] HTTPS" },
        { .name = "sandbox-port", .kind = OPTION_NUMBER, .value = "PORT", .least = 1,
          .most = 65535, .into = &sandbox_port, .help = "[8444] HTTPS" },
        { .name = "tripwire-port", .kind = OPTION_NUMBER, .value = "PORT", .least = 1,
          .most = 65535, .into = &tripwire_port, .help = "[8080] plain HTTP, revokes keys" },
        { .name = "bind", .kind = OPTION_TEXT, .value = "ADDRESS", .into = &up.bind,
          .help = "[127.0.0.1] where to listen; demo keys work from loopback only" },
        { .name = "module", .kind = OPTION_TEXT, .value = "FILE", .into = &module,
          .help = "[beside latchkey] the nginx module" },
        { .name = "console", .kind = OPTION_TEXT, .value = "DIR", .into = &console,
          .help = "[web/console/dist beside the build folder] the console's pages" },
        { .name = "nginx", .kind = OPTION_TEXT, .value = "FILE", .into = &up.nginx,
          .help = "[/usr/sbin/nginx] the nginx to run" },
        { .name = "durability", .kind = OPTION_CHOICE, .value = "memory|disk",
          .into = &up.durability,
          .help = "[memory] where the record of a request is before it acts" },
        { .name = "fresh", .kind = OPTION_SWITCH, .into = &up.fresh,
          .help = "start over: removes what earlier starts left" },
        { 0 },
    };
    const struct syntax syntax = { .command = "latchkey up",
                                   .summary = "everything in the foreground, for a try-out",
                                   .details = details,
                                   .examples = examples,
                                   .options = options };

    OPTIONS_OR_RETURN(&syntax, argc, argv);
    up.live_port = (uint16_t)live_port;
    up.sandbox_port = (uint16_t)sandbox_port;
    up.tripwire_port = (uint16_t)tripwire_port;
    if (sodium_init() < 0 || curl_global_init(CURL_GLOBAL_DEFAULT) != 0 ||
        !up_resolve(&up, data, runtime, segments, module) || !console_resolve(&up, console) ||
        !up_check_tools(&up) ||
        !up_check_lock(&up) || !up_check_ports(&up) || !up_check_data(&up))
        return COMMAND_REFUSED;
    return run(&up);
}
