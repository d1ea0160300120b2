#include "cli/sandbox_call.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "cli/client.h"
#include "cli/command.h"
#include "cli/reply.h"

enum { WAIT_S = 300 }; /* a reset makes a day of the past */

static const char *socket_of(const struct sandbox_client *client)
{
    const char *named = client->socket != NULL ? client->socket : getenv("LATCHKEY_SANDBOX_SOCKET");

    return named != NULL ? named : "run/exchange-sandbox.sock";
}

void sandbox_put_text(json_t *body, const char *name, const char *value)
{
    if (value != NULL)
        json_object_set_new(body, name, json_string(value));
}

void sandbox_put_number(json_t *body, const char *name, uint64_t value)
{
    if (value != 0)
        json_object_set_new(body, name, json_integer((json_int_t)value));
}

static void time_add(struct table *t, const json_t *ms)
{
    char text[CLOCK_TEXT_SIZE];

    clock_format((uint64_t)json_integer_value(ms) * NS_PER_MS, text);
    table_add(t, text);
}

/* The value of an injection, whatever it is called, or "-". */
static void value_add(struct table *t, const json_t *injection)
{
    static const char *const names[][2] = {
        { "ms", " ms" }, { "status", "" }, { "reason", "" }, { "percent", " %" }
    };
    char text[80];

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const json_t *value = json_object_get(injection, names[i][0]);

        if (value == NULL)
            continue;
        if (json_is_string(value))
            snprintf(text, sizeof text, "%s%s", json_string_value(value), names[i][1]);
        else
            snprintf(text, sizeof text, "%g%s", json_number_value(value), names[i][1]);
        table_add(t, text);
        return;
    }
    table_add(t, NULL);
}

/* What it waits for or concerns. */
static void concern_add(struct table *t, const json_t *injection)
{
    static const char *const names[] = { "symbol", "cid", "label", "account" };

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const json_t *value = json_object_get(injection, names[i]);
        char text[80];

        if (value == NULL || json_is_null(value))
            continue;
        if (json_is_string(value))
            snprintf(text, sizeof text, "%s %s", names[i], json_string_value(value));
        else
            snprintf(text, sizeof text, "%s %" JSON_INTEGER_FORMAT, names[i],
                     json_integer_value(value));
        table_add(t, text);
        return;
    }
    table_add(t, "everybody");
}

static void injections_print(const json_t *injections, FILE *out)
{
    static const char *const titles[] = { "ID",   "INJECTED", "VALUE", "CONCERNS",
                                          "USES", "ACTS",     "UNTIL", NULL };
    const json_t *injection;
    struct table t;
    size_t i;

    if (json_array_size(injections) == 0) {
        fputs("nothing is injected\n", out);
        return;
    }
    table_init(&t, titles);
    json_array_foreach(injections, i, injection)
    {
        reply_cell(&t, json_object_get(injection, "id"));
        reply_cell(&t, json_object_get(injection, "kind"));
        value_add(&t, injection);
        concern_add(&t, injection);
        reply_cell(&t, json_object_get(injection, "uses"));
        reply_cell(&t, json_object_get(injection, "acts"));
        time_add(&t, json_object_get(injection, "until_ms"));
    }
    table_print(&t, out);
    table_wipe(&t);
}

void sandbox_print(const json_t *state, FILE *out)
{
    static const char *const titles[] = { "", "", NULL };
    static const char *const rows[][2] = { { "seed", "seed" },
                                           { "preset", "preset" },
                                           { "resets", "resets" },
                                           { "commands", "commands" },
                                           { "state hash", "state_hash" } };
    const json_t *clock = json_object_get(state, "clock");
    struct table t;

    table_init(&t, titles);
    reply_row(&t, "clock", json_object_get(clock, "mode"));
    reply_row(&t, "times as fast", json_object_get(clock, "rate"));
    table_add(&t, "time");
    time_add(&t, json_object_get(clock, "time_ms"));
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (json_object_get(state, rows[i][1]) != NULL)
            reply_row(&t, rows[i][0], json_object_get(state, rows[i][1]));
    table_print(&t, out);
    table_wipe(&t);
    injections_print(json_object_get(state, "injections"), out);
}

static int unreachable(const char *socket, enum err e)
{
    if (e == ERR_DENIED)
        fprintf(stderr,
                "latchkey: you may not open the exchange's socket %s; run this as the user who "
                "runs the exchange\n",
                socket);
    else if (e == ERR_MISSING)
        fprintf(stderr,
                "latchkey: no sandbox answers on %s; start one with \"latchkey up\" (or "
                "\"latchkey exchange\"), or name its socket with --socket\n",
                socket);
    else
        fprintf(stderr, "latchkey: the sandbox on %s did not finish its answer: %s\n", socket,
                err_text(e));
    return COMMAND_UNREACHABLE;
}

int sandbox_call(const struct sandbox_client *client, const char *command, json_t *body)
{
    const char *socket = socket_of(client), *why;
    json_t *reply = NULL;
    char path[80];
    long status = 0;
    enum err e;

    snprintf(path, sizeof path, "/operator/sandbox/%s", command);
    e = client_exchange(socket, "POST", path, body, WAIT_S, &status, &reply);
    if (e != OK)
        return unreachable(socket, e);
    if (status == 200 && json_is_object(reply)) {
        if (client->json)
            client_print(reply);
        else
            sandbox_print(reply, stdout);
        json_decref(reply);
        return COMMAND_DONE;
    }
    why = json_string_value(json_is_array(reply) ? json_array_get(reply, 2)
                                                 : json_object_get(reply, "message"));
    fprintf(stderr, "latchkey: %s\n", why != NULL ? why : "the exchange answered without words");
    if (client->json && reply != NULL)
        client_print(reply);
    json_decref(reply);
    return COMMAND_REFUSED;
}
