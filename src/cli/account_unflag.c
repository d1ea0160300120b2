#include "cli/account_change.h"
#include "cli/command.h"

int cli_account_unflag(int argc, char **argv)
{
    const char *account = NULL, *reason = NULL;
    struct client c = { 0 };
    const struct option options[] = {
        { .name = "ACCOUNT", .kind = OPTION_OPERAND, .required = true, .into = &account,
          .help = "number or e-mail address" },
        { .name = "reason", .kind = OPTION_TEXT, .value = "TEXT", .required = true,
          .into = &reason, .help = "how it was resolved; kept in the change log" },
        CLIENT_OPTIONS(c),
        { 0 },
    };
    const struct syntax syntax = {
        .command = "latchkey account unflag",
        .summary = "resolve a flag; suspended keys work again",
        .examples = "latchkey account unflag ada@example.com --reason \"owner was travelling\"\n",
        .options = options,
    };

    OPTIONS_OR_RETURN(&syntax, argc, argv);
    return account_change(&c, account, "unflag", json_pack("{s:s}", "reason", reason));
}
