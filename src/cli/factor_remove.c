#include "cli/account_change.h"
#include "cli/command.h"

int cli_factor_remove(int argc, char **argv)
{
    const char *account = NULL, *factor = NULL, *reason = NULL;
    struct client c = { 0 };
    struct buffer verb;
    int exit;
    const struct option options[] = {
        { .name = "ACCOUNT", .kind = OPTION_OPERAND, .required = true, .into = &account,
          .help = "number or e-mail address" },
        { .name = "FACTOR", .kind = OPTION_OPERAND, .required = true, .into = &factor,
          .help = "totp, or the id of a passkey (factor list)" },
        { .name = "reason", .kind = OPTION_TEXT, .value = "TEXT", .required = true,
          .into = &reason, .help = "how you know that the owner asked; kept in the change log" },
        CLIENT_OPTIONS(c),
        { 0 },
    };
    const struct syntax syntax = {
        .command = "latchkey factor remove",
        .summary = "remove a factor that its owner has lost",
        .details = "Ends all sessions of the account; recovery codes go with its last factor.\n"
                   "From then on the password alone lets its owner in, to set up another factor.\n"
                   "Keys go on; account flag holds them.  The owner gets a mail.\n",
        .examples = "latchkey factor remove ada@example.com totp \\\n"
                    "    --reason \"showed the passport at the desk, phone was stolen\"\n",
        .options = options,
    };

    OPTIONS_OR_RETURN(&syntax, argc, argv);
    buffer_init(&verb);
    buffer_append(&verb, SLICE("factors"));
    path_append(&verb, factor);
    buffer_append(&verb, SLICE("/remove"));
    exit = account_change(&c, account, verb.at, json_pack("{s:s}", "reason", reason));
    buffer_wipe(&verb);
    return exit;
}
