#include "cli/account_change.h"
#include "cli/command.h"

int cli_totp_confirm(int argc, char **argv)
{
    const char *account = NULL, *code = NULL;
    struct client c = { 0 };
    const struct option options[] = {
        { .name = "ACCOUNT", .kind = OPTION_OPERAND, .required = true, .into = &account,
          .help = "number or e-mail address" },
        { .name = "code", .kind = OPTION_TEXT, .value = "CODE", .required = true, .into = &code,
          .help = "the six digits that the authenticator shows now; each is accepted once" },
        CLIENT_OPTIONS(c),
        { 0 },
    };
    const struct syntax syntax = {
        .command = "latchkey totp confirm",
        .summary = "prove that the authenticator has the seed",
        .examples = "latchkey totp confirm ada@example.com --code 123456\n",
        .options = options,
    };

    OPTIONS_OR_RETURN(&syntax, argc, argv);
    return account_change(&c, account, "totp/confirm", json_pack("{s:s}", "code", code));
}
