/* `latchkey exchange`: one environment's exchange on its Unix socket. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "cli/command.h"
#include "cli/options.h"
#include "daemon/data_folder.h"
#include "daemon/gateway_user.h"
#include "daemon/processes.h"
#include "venue/owner.h"
#include "venue/serve.h"

struct options {
    const char *environment, *data, *run, *segments, *market, *owner, *gateway_user, *console_user;
    uint64_t seed, heartbeat_s, snapshot_every;
};

static const struct options options_usual = {
    .data = "data",
    .run = "run",
    .market = "on",
    .owner = "operator",
    .seed = 1,
    .heartbeat_s = 15,
    .snapshot_every = 500000,
};

/* "operator", "anybody", or an account's number. */
static bool owner_parse(const char *text, uint64_t *owner)
{
    char *end;

    *owner = strcmp(text, "anybody") == 0 ? VENUE_OWNER_ANYBODY : VENUE_OWNER_OPERATOR;
    if (*owner == VENUE_OWNER_ANYBODY || strcmp(text, "operator") == 0)
        return true;
    *owner = strtoull(text, &end, 10);
    return *text >= '1' && *text <= '9' && *end == '\0' && *owner < VENUE_OWNER_ANYBODY;
}

static enum err serve(const struct options *o, enum environment environment, int stops)
{
    char folder[FILE_PATH_SIZE], socket[FILE_PATH_SIZE], segment[FILE_PATH_SIZE], name[64];
    struct serve_options options = { .environment = environment,
                                     .folder = folder,
                                     .socket = socket,
                                     .seed = o->seed,
                                     .market = strcmp(o->market, "on") == 0,
                                     .snapshot_every = o->snapshot_every,
                                     .heartbeat_ms = o->heartbeat_s * 1000 };
    enum err e = ERR_RANGE;

    if (!owner_parse(o->owner, &options.owner)) {
        log_error("exchange", "--owner is operator, anybody or the number of an account");
        goto out;
    }
    snprintf(name, sizeof name, "exchange-%s", o->environment);
    if (!data_path(folder, o->data, name))
        goto out;
    snprintf(name, sizeof name, "exchange-%s.sock", o->environment);
    if (!data_path(socket, o->run, name))
        goto out;
    if (!gateway_user_find(o->gateway_user, "exchange", &options.gateway) ||
        !console_user_find(o->console_user, "exchange", &options.console)) {
        e = ERR_MISSING;
        goto out;
    }
    snprintf(name, sizeof name, "%s.seg", o->environment);
    if (o->segments != NULL) {
        if (!data_path(segment, o->segments, name)) {
            e = ERR_RANGE;
            goto out;
        }
        options.segment = segment;
    }
    TRY(data_folder_take(o->data, "exchange"));
    TRY(file_folder_make(o->run, 0700));
    TRY(exchange_serve(&options, stops));
out:
    return e;
}

/* Each WebSocket is a descriptor, and the usual limit is for small programs. */
static void descriptors_allow(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return;
    limit.rlim_cur = limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
        log_error("exchange", "the limit of open files stays what it is: %m");
}

/* Readable when the process is told to end. */
static int stops_open(void)
{
    sigset_t stops;

    sigemptyset(&stops);
    sigaddset(&stops, SIGTERM);
    sigaddset(&stops, SIGINT);
    sigprocmask(SIG_BLOCK, &stops, NULL);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); /* a limit on file sizes is an error of write, not the end */
    return signalfd(-1, &stops, SFD_CLOEXEC | SFD_NONBLOCK);
}

static int run(const struct options *o)
{
    enum environment environment;
    int descriptor;
    enum err e;

    if (!environment_parse(slice_of(o->environment), &environment))
        return COMMAND_MISUSED;
    descriptors_allow();
    descriptor = stops_open();
    if (descriptor < 0) {
        log_error("exchange", "signalfd: %m");
        return COMMAND_REFUSED;
    }
    e = serve(o, environment, descriptor);
    close(descriptor);
    return e == OK ? COMMAND_DONE : COMMAND_REFUSED;
}

int exchange_process(int argc, char **argv)
{
    struct options o = options_usual;
    const struct option options[] = {
        { .name = "environment",
          .kind = OPTION_CHOICE,
          .required = true,
          .value = "live|sandbox",
          .into = &o.environment,
          .help = "which of the two worlds it is" },
        { .name = "data",
          .kind = OPTION_TEXT,
          .value = "DIR",
          .into = &o.data,
          .help = "its journal is in the folder exchange-ENVIRONMENT there [data]" },
        { .name = "run",
          .kind = OPTION_TEXT,
          .value = "DIR",
          .into = &o.run,
          .help = "folder of the socket exchange-ENVIRONMENT.sock [run]" },
        { .name = "segments",
          .kind = OPTION_TEXT,
          .value = "DIR",
          .into = &o.segments,
          .help = "folder of the gate segments; without it nobody logs in over WebSocket" },
        { .name = "seed",
          .kind = OPTION_NUMBER,
          .value = "N",
          .most = UINT64_MAX,
          .into = &o.seed,
          .help = "of a new exchange's simulated traders; an old one keeps its own [1]" },
        { .name = "market",
          .kind = OPTION_CHOICE,
          .value = "on|off",
          .into = &o.market,
          .help = "simulated traders, or empty books [on]" },
        { .name = "owner",
          .kind = OPTION_TEXT,
          .value = "operator|anybody|ACCOUNT",
          .into = &o.owner,
          .help = "whose keys may control a sandbox, beside the command line [operator]" },
        { .name = "snapshot-every",
          .kind = OPTION_NUMBER,
          .value = "N",
          .most = UINT64_MAX,
          .into = &o.snapshot_every,
          .help = "commands, after which its state is kept, for a quick start; 0: never [500000]" },
        GATEWAY_USER_OPTION(o.gateway_user),
        CONSOLE_USER_OPTION(o.console_user),
        { 0 },
    };
    const struct syntax syntax = {
        .command = "latchkey exchange",
        .summary = "matches the orders of one environment",
        .details =
            "Runs in the foreground until SIGTERM or SIGINT; its journal is standard error.\n"
            "An order is on disk before it is acknowledged.\n",
        .examples = "latchkey exchange --environment sandbox --data data --run run\n",
        .options = options,
    };
    OPTIONS_OR_RETURN(&syntax, argc, argv);
    return run(&o);
}
