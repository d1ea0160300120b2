#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "cli/client.h"
#include "cli/command.h"
#include "cli/master_key.h"
#include "cli/reply.h"

#define COMMAND_NAME "latchkey master-key rotate"

static bool is_rotating(const json_t *reply)
{
    return reply_text(reply, "replaces") != NULL;
}

static long long number(const json_t *reply, const char *name)
{
    return (long long)json_integer_value(json_object_get(reply, name));
}

static void progress_show(const json_t *reply)
{
    if (isatty(STDERR_FILENO))
        fprintf(stderr, "\r\033[K%lld of %lld things are sealed anew ", number(reply, "done"),
                number(reply, "total"));
}

/* Until it is done, or something is in its way.  *reply: the latest. */
static int rotation_follow(const struct client *c, json_t **reply)
{
    const struct timespec pause = { .tv_nsec = 200 * (long)NS_PER_MS };
    int exit = COMMAND_DONE;

    while (exit == COMMAND_DONE && is_rotating(*reply) && reply_text(*reply, "problem") == NULL) {
        progress_show(*reply);
        nanosleep(&pause, NULL);
        json_decref(*reply);
        *reply = NULL;
        exit = client_call(c, "GET", "/master-key", NULL, reply);
    }
    if (isatty(STDERR_FILENO))
        fputs("\r\033[K", stderr);
    return exit;
}

int cli_master_key_rotate(int argc, char **argv)
{
    struct client c = { 0 };
    json_t *reply = NULL;
    bool leave = false, stuck;
    int exit;
    const struct option options[] = {
        { .name = "no-wait", .kind = OPTION_SWITCH, .into = &leave,
          .help = "return once the new key seals, before the old is gone" },
        CLIENT_OPTIONS(c),
        { 0 },
    };
    const struct syntax syntax = {
        .command = COMMAND_NAME,
        .summary = "draw a new master key, and seal everything anew with it",
        .details = "Requests, logins and new keys go on meanwhile.  Stopping this command, or the\n"
                   "authority, stops nothing for good: the rotation goes on at the next start.\n"
                   "While it lasts DATA/master.key.next stands beside DATA/master.key; back both\n"
                   "up.  Backups from before still need the old key.\n",
        .examples = COMMAND_NAME "\n",
        .options = options,
    };

    OPTIONS_OR_RETURN(&syntax, argc, argv);
    exit = client_call(&c, "POST", "/master-key/rotate", NULL, &reply);
    if (exit == COMMAND_DONE && !leave)
        exit = rotation_follow(&c, &reply);
    stuck = !leave && exit == COMMAND_DONE && is_rotating(reply);
    exit = client_show(&c, exit, reply, master_key_print);
    return stuck ? COMMAND_REFUSED : exit;
}
