/* `latchkey exchange`: one environment's exchange on its Unix socket. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "cli/command.h"
#include "cli/options.h"
#include "daemon/processes.h"
#include "venue/serve.h"

#define VERSION_TEXT "latchkey data 1\n" /* docs/architecture.md */

struct options {
    const char *environment, *data, *run, *market;
    uint64_t seed;
};

static bool path_join(char path[FILE_PATH_SIZE], const char *folder, const char *name)
{
    return snprintf(path, FILE_PATH_SIZE, "%s/%s", folder, name) < FILE_PATH_SIZE;
}

/* OK, ERR_MISSING, or ERR_VERSION. */
static enum err version_check(const char *data, const char *path)
{
    struct buffer text;
    enum err e;

    buffer_init(&text);
    e = file_read(path, 256, &text);
    if (e == OK && !slice_is(buffer_slice(&text), SLICE(VERSION_TEXT))) {
        log_error("exchange",
                  "%s holds data of another version (\"%.*s\", this Latchkey reads \"latchkey "
                  "data 1\"): start the version that wrote it",
                  data, (int)strcspn(text.at, "\n"), text.at);
        e = ERR_VERSION;
    }
    buffer_wipe(&text);
    return e;
}

/* The authority and the other exchange may be making the same folder at this moment. */
static enum err data_take(const char *data)
{
    char path[FILE_PATH_SIZE];
    enum err e;

    if (!path_join(path, data, "VERSION"))
        return ERR_RANGE;
    TRY(file_folder_make(data, 0700));
    e = version_check(data, path);
    if (e == ERR_MISSING && file_write_atomic(path, 0600, SLICE(VERSION_TEXT)) != OK)
        e = version_check(data, path);
    else if (e == ERR_MISSING)
        e = OK;
out:
    return e;
}

static enum err serve(const struct options *o, enum environment environment, int stops)
{
    char folder[FILE_PATH_SIZE], socket[FILE_PATH_SIZE], name[64];
    struct serve_options options = { .environment = environment,
                                     .folder = folder,
                                     .socket = socket,
                                     .seed = o->seed,
                                     .market = strcmp(o->market, "on") == 0 };
    enum err e = ERR_RANGE;

    snprintf(name, sizeof name, "exchange-%s", o->environment);
    if (!path_join(folder, o->data, name))
        goto out;
    snprintf(name, sizeof name, "exchange-%s.sock", o->environment);
    if (!path_join(socket, o->run, name))
        goto out;
    TRY(data_take(o->data));
    TRY(file_folder_make(o->run, 0700));
    TRY(exchange_serve(&options, stops));
out:
    return e;
}

int exchange_process(int argc, char **argv)
{
    struct options o = { .data = "data", .run = "run", .market = "on", .seed = 1 };
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
    enum environment environment;
    sigset_t stops;
    int descriptor;
    enum err e;

    OPTIONS_OR_RETURN(&syntax, argc, argv);
    if (!environment_parse(slice_of(o.environment), &environment))
        return COMMAND_MISUSED;
    sigemptyset(&stops);
    sigaddset(&stops, SIGTERM);
    sigaddset(&stops, SIGINT);
    sigprocmask(SIG_BLOCK, &stops, NULL);
    signal(SIGPIPE, SIG_IGN);
    descriptor = signalfd(-1, &stops, SFD_CLOEXEC | SFD_NONBLOCK);
    if (descriptor < 0) {
        log_error("exchange", "signalfd: %m");
        return COMMAND_REFUSED;
    }
    e = serve(&o, environment, descriptor);
    close(descriptor);
    return e == OK ? COMMAND_DONE : COMMAND_REFUSED;
}
