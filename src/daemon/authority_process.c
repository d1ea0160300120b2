/* The authority as a process: opens its folder, its segments and its door, in this order, and
 * closes them in reverse. */
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <sched.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "authority/alert.h"
#include "authority/authority.h"
#include "authority/collector.h"
#include "authority/country.h"
#include "authority/courier.h"
#include "authority/evidence.h"
#include "authority/expiry.h"
#include "authority/keeper.h"
#include "authority/observe.h"
#include "authority/publish.h"
#include "authority/reseal.h"
#include "authority/retention.h"
#include "authority/settings.h"
#include "authority/source_board.h"
#include "authority/vault.h"
#include "base/cleared.h"
#include "base/file.h"
#include "base/log.h"
#include "cli/command.h"
#include "cli/options.h"
#include "console/console.h"
#include "console/gateway_door.h"
#include "console/scanner_door.h"
#include "daemon/data_folder.h"
#include "daemon/gateway_user.h"
#include "daemon/processes.h"
#include "daemon/seed_file.h"
#include "keys/secret.h"
#include "portal/portal.h"
#include "shm/segment.h"
#include "store/store.h"
#include "trail/trail.h"

#define LOG_ORIGIN "latchkey/audit"

enum { KEYS_DEFAULT = 100000, KEYS_MOST = 50000000, KEEP_DAYS_MOST = 36500 };

struct options {
    const char *data, *run, *segments, *gateway_user, *audit_keep, *durability, *config, *database;
    const char *master_key, *sandbox, *scanner_user, *scanner_socket;
    const char *depth[ENVIRONMENT_COUNT]; /* "keyed" or "open" (D4) */
    uint64_t keys, audit_keep_days;       /* 0: for ever */
    uid_t gateway, scanner;
};

struct process {
    struct authority authority;
    struct settings *settings;
    struct collector *collector;
    struct console *console;
    struct gateway_door *gateway_door;
    struct scanner_door *scanner_door;
    struct portal *portal;
    struct retention *retention;
    struct expiry *expiry;
    char evidence[FILE_PATH_SIZE];
    int lock;
};

/* No secret in a core file or in another process's debugger.  The master key itself lies in locked
 * memory (authority/vault.h). */
static void memory_protect(void)
{
    const struct rlimit none = { 0, 0 };

    umask(077);
    if (prctl(PR_SET_DUMPABLE, 0) != 0 || setrlimit(RLIMIT_CORE, &none) != 0)
        log_warn("authority", "core dumps cannot be switched off: %s", strerror(errno));
}

/* One authority per folder, and a folder of this version.  False: said why. */
static bool folder_take(const char *data, int *lock)
{
    char path[FILE_PATH_SIZE];

    if (data_folder_take(data, "authority") != OK || !data_path(path, data, "authority.lock"))
        return false;
    *lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (*lock >= 0 && flock(*lock, LOCK_EX | LOCK_NB) == 0)
        return true;
    log_error("authority",
              "%s is in use by another authority: stop that one first, or give this one another "
              "--data",
              data);
    return false;
}

static enum err settings_start(struct process *p, const char *config)
{
    char problem[SETTINGS_PROBLEM_SIZE];
    enum err e = settings_load(config, &p->settings, problem);

    if (e != OK)
        log_error("authority", "%s", problem);
    p->authority.settings = p->settings;
    return e;
}

/* Without the file nobody knows where an address is: then each application goes to review, or none,
 * as the settings say. */
static enum err countries_start(struct process *p)
{
    const char *path = p->settings->country.database;
    char problem[COUNTRY_PROBLEM_SIZE];
    enum err e;

    if (path == NULL)
        return OK;
    e = country_open(path, &p->authority.countries, problem);
    if (e != OK)
        log_error("authority", "%s", problem);
    return e;
}

static enum err evidence_start(struct process *p, const char *data)
{
    if (!data_path(p->evidence, data, "evidence"))
        return ERR_RANGE;
    p->authority.evidence = p->evidence;
    return evidence_sweep(&p->authority);
}

static enum err trail_start(const char *data, struct trail **trail)
{
    uint8_t seed[TRAIL_SEED_SIZE];
    char folder[FILE_PATH_SIZE], key[FILE_PATH_SIZE], problem[TRAIL_PROBLEM_SIZE];
    struct trail_options options = { .folder = folder, .origin = LOG_ORIGIN, .seed = seed };
    enum err e = ERR_RANGE;

    if (!data_path(folder, data, "audit") || !data_path(key, data, "audit.key"))
        goto out;
    TRY(seed_file_open("authority", key, seed));
    e = trail_open(&options, trail, problem);
    if (e != OK)
        log_error("authority", "%s", problem);
out:
    secret_wipe_bytes(seed, sizeof seed);
    return e;
}

static enum err vault_start(const struct options *o, struct vault **vault)
{
    char path[FILE_PATH_SIZE], problem[VAULT_PROBLEM_SIZE];
    enum err e;

    if (!data_path(path, o->data, "master.key"))
        return ERR_RANGE;
    e = vault_open(o->master_key == NULL ? path : o->master_key, vault, problem);
    if (e != OK)
        log_error("authority", "%s", problem);
    return e;
}

static enum err store_start(const struct options *o, struct store **store)
{
    char path[FILE_PATH_SIZE], problem[STORE_PROBLEM_SIZE];
    enum err e;

    if (!data_path(path, o->data, "authority.db"))
        return ERR_RANGE;
    e = store_open(o->database == NULL ? path : o->database, store, problem);
    if (e != OK)
        log_error("authority", "%s", problem);
    return e;
}

static void depth_set(const struct process *p, const struct options *o)
{
    for (enum environment v = 0; v < ENVIRONMENT_COUNT; v++) {
        struct segment *segment = publish_segment(p->authority.publisher, v);
        struct gate_settings settings = segment_settings_get(segment);

        settings.depth_open = strcmp(o->depth[v], "open") == 0;
        segment_settings_set(segment, &settings);
    }
}

static enum err segments_start(struct process *p, const struct options *o)
{
    char problem[PUBLISH_PROBLEM_SIZE];
    enum err e = file_folder_make(o->segments, 0700);

    if (e != OK)
        return e;
    e = publisher_open(&p->authority, o->segments, (uint32_t)o->keys, &p->authority.publisher,
                       problem);
    if (e != OK)
        log_error("authority", "%s", problem);
    else
        depth_set(p, o);
    return e;
}

static enum err keeper_begin(struct process *p, const struct options *o)
{
    char folder[FILE_PATH_SIZE];

    if (!data_path(folder, o->data, "intents"))
        return ERR_RANGE;
    return keeper_open(&p->authority, folder, o->segments, strcmp(o->durability, "disk") == 0,
                       &p->authority.keeper);
}

static enum err alerts_start(struct process *p, const char *data)
{
    char folder[FILE_PATH_SIZE];

    if (!data_path(folder, data, "alert-keys"))
        return ERR_RANGE;
    return alert_desk_open(&p->authority, folder, &p->authority.alerts);
}

static enum err process_open(struct process *p, const struct options *o)
{
    char socket[FILE_PATH_SIZE], gateway[FILE_PATH_SIZE], portal[FILE_PATH_SIZE];
    enum err e = ERR_RANGE;

    if (!data_path(socket, o->run, "authority.sock") ||
        !data_path(gateway, o->run, "gateway.sock") ||
        !data_path(portal, o->run, "portal.sock"))
        goto out;
    TRY(file_folder_make(o->run, 0700));
    TRY(settings_start(p, o->config));
    TRY(source_board_open(&p->authority.sources));
    TRY(vault_start(o, &p->authority.vault));
    TRY(store_start(o, &p->authority.store));
    TRY(evidence_start(p, o->data));
    TRY(countries_start(p));
    TRY(trail_start(o->data, &p->authority.trail));
    TRY(keeper_begin(p, o)); /* what it adds to the log counts for the segments */
    TRY(segments_start(p, o));
    observe_sweep(&p->authority);
    TRY(courier_open(&p->authority, &p->authority.courier));
    TRY(reseal_open(&p->authority, &p->authority.reseal));
    TRY(collector_start(&p->authority, &p->collector));
    TRY(alerts_start(p, o->data));
    TRY(gateway_door_open(&p->authority, p->collector, gateway, o->gateway,
                          &p->gateway_door));
    if (o->scanner_socket != NULL)
        TRY(scanner_door_open(&p->authority, o->scanner_socket, o->scanner, &p->scanner_door));
    TRY(keeper_start(p->authority.keeper, p->collector));
    if (o->audit_keep_days > 0)
        TRY(retention_start(&p->authority, o->audit_keep_days, &p->retention));
    TRY(expiry_start(&p->authority, &p->expiry));
    TRY(portal_open(&p->authority, p->collector, portal, o->gateway, o->sandbox, &p->portal));
    e = console_open(&p->authority, p->collector, socket, &p->console);
out:
    return e;
}

static void process_close(struct process *p)
{
    console_close(&p->console);
    portal_close(&p->portal);
    scanner_door_close(&p->scanner_door);
    alert_desk_close(&p->authority.alerts);
    expiry_stop(&p->expiry);
    retention_stop(&p->retention);
    gateway_door_close(&p->gateway_door);
    keeper_close(&p->authority.keeper);
    collector_stop(&p->collector);
    reseal_close(&p->authority.reseal);
    courier_close(&p->authority.courier); /* all others wake it */
    publisher_close(&p->authority.publisher);
    trail_close(&p->authority.trail);
    store_close(&p->authority.store);
    vault_close(&p->authority.vault);
    country_close(&p->authority.countries);
    source_board_close(&p->authority.sources); /* the doors have written to it and read from it */
    settings_free(&p->settings);
    if (p->lock >= 0)
        close(p->lock);
}

/* "forever", or days from 1 on.  False: neither, told on standard error. */
static bool keep_parse(const char *text, uint64_t *days)
{
    char *end;

    *days = 0;
    if (text == NULL || strcmp(text, "forever") == 0)
        return true;
    if (*text >= '1' && *text <= '9') {
        *days = strtoull(text, &end, 10);
        if (*end == '\0' && *days <= KEEP_DAYS_MOST)
            return true;
    }
    fprintf(stderr,
            "latchkey authority: --audit-keep \"%s\" is neither forever nor 1 to %d days\n", text,
            KEEP_DAYS_MOST);
    return false;
}

static bool users_find(struct options *o)
{
    return gateway_user_find(o->gateway_user, "authority", &o->gateway) &&
           scanner_user_find(o->scanner_user, "authority", &o->scanner);
}

int authority_process(int argc, char **argv)
{
    struct options o = { .data = "data", .run = "run", .keys = KEYS_DEFAULT,
                         .depth = { [ENVIRONMENT_LIVE] = "keyed",
                                    [ENVIRONMENT_SANDBOX] = "open" },
                         .durability = "memory" };
    const struct option options[] = {
        { .name = "data", .kind = OPTION_TEXT, .value = "DIR", .into = &o.data,
          .help = "folder of database, master key and audit log [data]" },
        { .name = "run", .kind = OPTION_TEXT, .value = "DIR", .into = &o.run,
          .help = "folder of the socket authority.sock [run]" },
        { .name = "segments", .kind = OPTION_TEXT, .required = true, .value = "DIR",
          .into = &o.segments, .help = "folder of the gate segments, on tmpfs" },
        { .name = "keys", .kind = OPTION_NUMBER, .value = "N", .least = 1, .most = KEYS_MOST,
          .into = &o.keys, .help = "keys that new segments hold [100000]" },
        { .name = "live-depth", .kind = OPTION_CHOICE, .value = "keyed|open",
          .into = &o.depth[ENVIRONMENT_LIVE],
          .help = "order books of the live venue: for keys with depth:read, or for all [keyed]" },
        { .name = "sandbox-depth", .kind = OPTION_CHOICE, .value = "keyed|open",
          .into = &o.depth[ENVIRONMENT_SANDBOX],
          .help = "the same in the sandbox; stock clients do not sign public calls [open]" },
        { .name = "audit-keep", .kind = OPTION_TEXT, .value = "DAYS|forever",
          .into = &o.audit_keep,
          .help = "how long audit records are kept; their tree always is [forever]" },
        { .name = "config", .kind = OPTION_TEXT, .value = "FILE", .into = &o.config,
          .help = "settings of console, mail and reviews, YAML [none: all defaults]" },
        { .name = "master-key", .kind = OPTION_TEXT, .value = "FILE", .into = &o.master_key,
          .help = "what seals the secrets in the database [master.key in the folder of --data]" },
        { .name = "database", .kind = OPTION_TEXT, .value = "URI", .into = &o.database,
          .help = "postgresql://... instead of the file authority.db in the folder of --data" },
        { .name = "sandbox", .kind = OPTION_TEXT, .value = "SOCKET", .into = &o.sandbox,
          .help = "the sandbox exchange's socket: the console shows its market [none]" },
        GATEWAY_USER_OPTION(o.gateway_user), SCANNER_OPTIONS(o.scanner_user, o.scanner_socket),
        { .name = "durability", .kind = OPTION_CHOICE, .value = "memory|disk",
          .into = &o.durability,
          .help = "where the record of a request is before the request acts [memory]" },
        { 0 },
    };
    const struct syntax syntax = {
        .command = "latchkey authority",
        .summary = "issues keys, publishes them to the gateways, keeps the audit log",
        .details =
            "Runs in the foreground until SIGTERM or SIGINT; its journal is standard error.\n",
        .examples = "latchkey authority --data data --run run --segments /dev/shm/latchkey\n",
        .options = options,
    };
    struct process p = { .authority = { .now_ns = clock_wall_ns }, .lock = -1 };
    int exit = COMMAND_REFUSED, number;
    sigset_t stops;

    OPTIONS_OR_RETURN(&syntax, argc, argv);
    if (!keep_parse(o.audit_keep, &o.audit_keep_days))
        return COMMAND_MISUSED;
    json_set_alloc_funcs(malloc, cleared_free); /* before anything is parsed */
    memory_protect();
    /* Blocked before the first thread is made, so that all inherit it and only sigwait sees
     * them. */
    sigemptyset(&stops);
    sigaddset(&stops, SIGTERM);
    sigaddset(&stops, SIGINT);
    pthread_sigmask(SIG_BLOCK, &stops, NULL);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); /* a limit on file sizes is an error of write, not the end */
    p.authority.started_at_ns = clock_wall_ns();
    if (users_find(&o) && folder_take(o.data, &p.lock) && process_open(&p, &o) == OK) {
        log_info("authority", "ready");
        sigwait(&stops, &number);
        log_info("authority", "stopping");
        exit = COMMAND_DONE;
    }
    process_close(&p);
    return exit;
}
