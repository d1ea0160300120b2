#include "cli/client.h"
#include "cli/command.h"
#include "cli/reply.h"

static void accounts_print(const json_t *reply, FILE *out)
{
    static const char *const titles[] = { "ID",      "E-MAIL",        "KIND", "COUNTRY",
                                          "MISSING", "SECOND FACTOR", "FLAG", "KEYS",
                                          NULL };
    const json_t *accounts = json_object_get(reply, "accounts"), *account;
    struct table t;
    size_t i;

    table_init(&t, titles);
    json_array_foreach(accounts, i, account) {
        const char *totp = reply_text(account, "totp");

        reply_cell(&t, json_object_get(account, "id"));
        reply_cell(&t, json_object_get(account, "email"));
        reply_cell(&t, json_object_get(account, "kind"));
        reply_cell(&t, json_object_get(account, "jurisdiction"));
        reply_list_cell(&t, json_object_get(account, "missing"), NULL);
        table_add_toned(&t, totp, reply_state_tone(totp));
        table_add_toned(&t, reply_text(json_object_get(account, "flag"), "kind"), TONE_BAD);
        reply_cell(&t, json_object_get(account, "keys"));
    }
    table_print(&t, out);
    table_wipe(&t);
}

int cli_account_list(int argc, char **argv)
{
    struct client c = { 0 };
    json_t *reply = NULL;
    int exit;
    const struct option options[] = { CLIENT_OPTIONS(c), { 0 } };
    const struct syntax syntax = {
        .command = "latchkey account list",
        .summary = "all accounts",
        .examples = "latchkey account list\n\n"
                    "latchkey account list --json | jq -r '.accounts[].email'\n",
        .options = options,
    };

    OPTIONS_OR_RETURN(&syntax, argc, argv);
    exit = client_pages(&c, "/accounts", "accounts", &reply);
    return client_show(&c, exit, reply, accounts_print);
}
