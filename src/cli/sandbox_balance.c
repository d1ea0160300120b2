#include "cli/command.h"
#include "cli/options.h"
#include "cli/sandbox_call.h"

int cli_sandbox_balance(int argc, char **argv)
{
    const char *account = NULL, *currency = NULL, *amount = NULL;
    char text[64];
    bool take = false;
    struct sandbox_client c = { 0 };
    const struct option options[] = {
        { .name = "ACCOUNT", .kind = OPTION_OPERAND, .required = true, .into = &account,
          .help = "its number" },
        { .name = "CURRENCY", .kind = OPTION_OPERAND, .required = true, .into = &currency,
          .help = "as USD" },
        { .name = "AMOUNT", .kind = OPTION_OPERAND, .required = true, .into = &amount,
          .help = "more than 0" },
        { .name = "take", .kind = OPTION_SWITCH, .into = &take,
          .help = "take it away; what orders have locked cannot be taken" },
        SANDBOX_OPTIONS(c),
        { 0 },
    };
    const struct syntax syntax = {
        .command = "latchkey sandbox balance",
        .summary = "give an account money, or take it away",
        .examples = "latchkey sandbox balance 1 USD 250000\n"
                    "latchkey sandbox balance 1 BTC 0.5 --take\n",
        .options = options,
    };

    OPTIONS_OR_RETURN(&syntax, argc, argv);
    if (snprintf(text, sizeof text, "%s%s", take ? "-" : "", amount) >= (int)sizeof text) {
        fputs("latchkey sandbox balance: the amount is too long\n", stderr);
        return COMMAND_MISUSED;
    }
    return sandbox_call(
        &c, "balance",
        json_pack("{s:s, s:s, s:s}", "account", account, "currency", currency, "amount", text));
}
