#include <string.h>

#include "base/clock.h"
#include "cli/client.h"
#include "cli/command.h"
#include "cli/moment.h"
#include "cli/reply.h"

struct ask {
    const char *id, *window, *end;
    uint64_t public_rate, private_rate;
};

/* The body of the call; NULL when the end is no moment. */
static json_t *body_of(const struct ask *ask)
{
    json_t *body = json_object();
    char text[CLOCK_TEXT_SIZE];
    uint64_t end_ns;

    if (ask->public_rate != 0)
        json_object_set_new(body, "public_per_s", json_integer((json_int_t)ask->public_rate));
    if (ask->private_rate != 0)
        json_object_set_new(body, "private_per_s", json_integer((json_int_t)ask->private_rate));
    if (ask->window != NULL)
        json_object_set_new(body, "nonce_window", json_boolean(strcmp(ask->window, "on") == 0));
    if (ask->end != NULL && strcmp(ask->end, "never") == 0) {
        json_object_set_new(body, "ends_at", json_null());
    } else if (ask->end != NULL && moment_parse(ask->end, clock_wall_ns(), &end_ns)) {
        clock_format(end_ns, text);
        json_object_set_new(body, "ends_at", json_string(text));
    } else if (ask->end != NULL) {
        fprintf(stderr, "latchkey key set: \"%s\" is no moment; write 2026-11-30T12:00Z or never\n",
                ask->end);
        json_decref(body);
        return NULL;
    }
    return body;
}

static int terms_send(const struct client *c, const struct ask *ask)
{
    json_t *body = body_of(ask), *key = NULL;
    struct buffer path;
    int exit;

    if (body == NULL)
        return COMMAND_MISUSED;
    buffer_init(&path);
    buffer_append(&path, SLICE("/keys"));
    path_append(&path, ask->id);
    buffer_append(&path, SLICE("/terms"));
    exit = client_call(c, "POST", path.at, body, &key);
    buffer_wipe(&path);
    return client_show(c, exit, key, key_print);
}

int cli_key_set(int argc, char **argv)
{
    struct client c = { 0 };
    struct ask ask = { 0 };
    const struct option options[] = {
        { .name = "KEY", .kind = OPTION_OPERAND, .required = true, .into = &ask.id,
          .help = "the key id" },
        { .name = "public-rate", .kind = OPTION_NUMBER, .value = "N", .least = 1, .most = 100000,
          .into = &ask.public_rate, .help = "calls a second on public endpoints" },
        { .name = "private-rate", .kind = OPTION_NUMBER, .value = "N", .least = 1, .most = 100000,
          .into = &ask.private_rate, .help = "calls a second on private endpoints" },
        { .name = "nonce-window", .kind = OPTION_CHOICE, .value = "on|off", .into = &ask.window,
          .help = "on: nonces may come out of order, each of the last 127 once" },
        { .name = "end", .kind = OPTION_TEXT, .value = "MOMENT|never", .into = &ask.end,
          .help = "when the key ends for good; replies say so from 14 days before" },
        CLIENT_OPTIONS(c),
        { 0 },
    };
    const struct syntax syntax = {
        .command = "latchkey key set",
        .summary = "rates, nonce window and end of one key",
        .details = "What is not given stays as it is.  Every gateway follows before it returns.\n",
        .examples = "# a market maker with many requests under way\n"
                    "latchkey key set lki_live_EXAMPLE0EXAMPLE000000 --private-rate 50 "
                    "--nonce-window on\n",
        .options = options,
    };

    OPTIONS_OR_RETURN(&syntax, argc, argv);
    return terms_send(&c, &ask);
}
