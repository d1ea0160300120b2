#include "cli/account_change.h"
#include "cli/command.h"

int cli_account_flag(int argc, char **argv)
{
    const char *account = NULL, *kind = NULL, *reason = NULL, *keys = "leave";
    struct client c = { 0 };
    const struct option options[] = {
        { .name = "ACCOUNT", .kind = OPTION_OPERAND, .required = true, .into = &account,
          .help = "number or e-mail address" },
        { .name = "kind", .kind = OPTION_CHOICE, .value = "suspicious|regulatory",
          .required = true, .into = &kind, .help = "why there is no new key for now" },
        { .name = "reason", .kind = OPTION_TEXT, .value = "TEXT", .required = true,
          .into = &reason, .help = "for the people who resolve it; kept in the change log" },
        { .name = "keys", .kind = OPTION_CHOICE, .value = "leave|suspend|revoke", .into = &keys,
          .help = "[leave] what happens to the keys it has; revoke is for good" },
        CLIENT_OPTIONS(c),
        { 0 },
    };
    const struct syntax syntax = {
        .command = "latchkey account flag",
        .summary = "hold an account back from new keys",
        .examples = "# no new keys, and the present ones stop until account unflag\n"
                    "latchkey account flag ada@example.com --kind suspicious --keys suspend \\\n"
                    "    --reason \"logins from three countries in an hour\"\n",
        .options = options,
    };

    OPTIONS_OR_RETURN(&syntax, argc, argv);
    return account_change(&c, account, "flag",
                          json_pack("{s:s,s:s,s:s}", "kind", kind, "reason", reason, "keys", keys));
}
