#include "cli/client.h"
#include "cli/command.h"
#include "cli/key_ask.h"
#include "cli/key_change.h"
#include "cli/reply.h"

struct ask {
    const char *account, *environment, *label, *totp;
    struct option_list scopes, confirmed, rules;
    bool full;
};

static json_t *ask_json(const struct ask *ask)
{
    json_t *scopes = ask->full ? key_scopes_all(true) : key_list_json(&ask->scopes);
    json_t *groups = ask->full ? key_groups_all() : key_list_json(&ask->confirmed);

    return json_pack("{s:s,s:s,s:[{s:s,s:s,s:o,s:o,s:o}]}", "account", ask->account, "totp",
                     ask->totp, "keys", "environment", ask->environment, "label", ask->label,
                     "scopes", scopes, "confirmed_groups", groups, "ip_rules",
                     key_list_json(&ask->rules));
}

static void created_print(const json_t *reply, FILE *out)
{
    const json_t *key = json_array_get(json_object_get(reply, "keys"), 0);

    key_print(key, out);
    key_secret_print(key, out);
}

static bool ask_is_whole(const struct ask *ask, const char *command)
{
    if (ask->full && ask->scopes.count + ask->confirmed.count > 0) {
        fprintf(stderr, "%s: --full stands for all scopes; leave out --scopes and --confirm\n",
                command);
        return false;
    }
    if (!ask->full && ask->scopes.count == 0) {
        fprintf(stderr,
                "%s: say what the key may do: --scopes A,B and --confirm GROUP, or --full\n",
                command);
        return false;
    }
    return true;
}

static const char *const details =
    "Scopes stand in four groups (read, trade, wallet, lending), and each group that is asked for\n"
    "is confirmed by name.  The key works only from the addresses that are listed.\n"
    "  read     account:read history:read orders:read wallets:read funding:read settings:read\n"
    "           depth:read\n"
    "  trade    orders:write settings:write account:write\n"
    "  wallet   wallets:write withdraw:write\n"
    "  lending  funding:write\n";

static const char *const examples =
    "# a bot that trades in the sandbox from this machine\n"
    "latchkey key create --account ada@example.com --env sandbox --label \"grid bot\" \\\n"
    "    --scopes orders:read,orders:write,wallets:read --confirm read,trade \\\n"
    "    --ip 127.0.0.1 --totp 123456\n\n"
    "# everything that can be asked for, from an office and over IPv6\n"
    "latchkey key create --account ada@example.com --env live --label desk --full \\\n"
    "    --ip 192.0.2.0/28 --ip 2001:db8:7::/48 --totp 123456\n\n"
    "# only the secret, for a password manager\n"
    "latchkey key create ... --json | jq -r '.keys[0].secret'\n";

int cli_key_create(int argc, char **argv)
{
    struct ask ask = { 0 };
    struct client c = { 0 };
    json_t *reply = NULL;
    int exit;
    const struct option options[] = {
        { .name = "account", .kind = OPTION_TEXT, .value = "ACCOUNT", .required = true,
          .into = &ask.account, .help = "whose key: number or e-mail address" },
        { .name = "env", .kind = OPTION_CHOICE, .value = "sandbox|live", .required = true,
          .into = &ask.environment, .help = "a key belongs to one of them for life" },
        { .name = "label", .kind = OPTION_TEXT, .value = "TEXT", .required = true,
          .into = &ask.label, .help = "its name; no two usable keys of an account share one" },
        { .name = "ip", .kind = OPTION_LIST, .value = "RULE", .required = true,
          .into = &ask.rules, .help = "address or network (CIDR); may be given again" },
        { .name = "totp", .kind = OPTION_TEXT, .value = "CODE", .required = true,
          .into = &ask.totp, .help = "what the account's authenticator shows now" },
        { .name = "scopes", .kind = OPTION_LIST, .value = "A,B", .into = &ask.scopes,
          .help = "what it may do" },
        { .name = "confirm", .kind = OPTION_LIST, .value = "GROUP", .into = &ask.confirmed,
          .help = "each group that the scopes are of; may be given again" },
        { .name = "full", .kind = OPTION_SWITCH, .into = &ask.full,
          .help = "all scopes of the four groups, all confirmed" },
        CLIENT_OPTIONS(c),
        { 0 },
    };
    const struct syntax syntax = { .command = "latchkey key create",
                                   .summary = "issue a key; its secret is shown once",
                                   .details = details,
                                   .examples = examples,
                                   .options = options };

    OPTIONS_OR_RETURN(&syntax, argc, argv);
    if (!ask_is_whole(&ask, syntax.command))
        return COMMAND_MISUSED;
    exit = client_call(&c, "POST", "/keys", ask_json(&ask), &reply);
    return client_show(&c, exit, reply, created_print);
}
