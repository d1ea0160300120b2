#include "cli/client.h"
#include "cli/command.h"
#include "cli/reply.h"

static void factors_print(const json_t *factors, FILE *out)
{
    static const char *const titles[] = { "FACTOR", "NAME", "ADDED", "LAST USED", NULL };
    const json_t *totp = json_object_get(factors, "totp"), *passkey;
    const char *state = reply_text(totp, "state");
    struct table t;
    size_t i;

    table_init(&t, titles);
    if (state != NULL && strcmp(state, "none") != 0) {
        table_add(&t, "totp");
        table_add(&t, strcmp(state, "enrolled") == 0 ? "authenticator app"
                                                     : "authenticator app, not confirmed");
        reply_cell(&t, json_object_get(totp, "enrolled_at"));
        table_add(&t, "-");
    }
    json_array_foreach(json_object_get(factors, "passkeys"), i, passkey)
    {
        reply_cell(&t, json_object_get(passkey, "id"));
        reply_cell(&t, json_object_get(passkey, "name"));
        reply_cell(&t, json_object_get(passkey, "created_at"));
        reply_cell(&t, json_object_get(passkey, "last_used_at"));
    }
    table_print(&t, out);
    table_wipe(&t);
    fprintf(out, "Recovery codes left: %" JSON_INTEGER_FORMAT "\n",
            json_integer_value(json_object_get(factors, "recovery_codes")));
}

int cli_factor_list(int argc, char **argv)
{
    const char *account = NULL;
    struct client c = { 0 };
    json_t *reply = NULL;
    struct buffer path;
    int exit;
    const struct option options[] = {
        { .name = "ACCOUNT", .kind = OPTION_OPERAND, .required = true, .into = &account,
          .help = "number or e-mail address" },
        CLIENT_OPTIONS(c),
        { 0 },
    };
    const struct syntax syntax = {
        .command = "latchkey factor list",
        .summary = "the second factors of an account",
        .examples = "latchkey factor list ada@example.com\n",
        .options = options,
    };

    OPTIONS_OR_RETURN(&syntax, argc, argv);
    buffer_init(&path);
    buffer_append(&path, SLICE("/accounts"));
    path_append(&path, account);
    buffer_append(&path, SLICE("/factors"));
    exit = client_call(&c, "GET", path.at, NULL, &reply);
    buffer_wipe(&path);
    return client_show(&c, exit, reply, factors_print);
}
