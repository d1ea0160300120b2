#include "cli/account_change.h"
#include "cli/command.h"

int cli_account_verify(int argc, char **argv)
{
    const char *account = NULL, *step = "all", *outcome = "accepted", *reason = "";
    struct client c = { 0 };
    const struct option options[] = {
        { .name = "ACCOUNT", .kind = OPTION_OPERAND, .required = true, .into = &account,
          .help = "number or e-mail address" },
        { .name = "step", .kind = OPTION_TEXT, .value = "STEP", .into = &step,
          .help = "[all] one step, as account show names it" },
        { .name = "outcome", .kind = OPTION_CHOICE, .value = "accepted|rejected",
          .into = &outcome, .help = "[accepted] what the check has shown" },
        { .name = "reason", .kind = OPTION_TEXT, .value = "TEXT", .into = &reason,
          .help = "kept in the change log" },
        CLIENT_OPTIONS(c),
        { 0 },
    };
    const struct syntax syntax = {
        .command = "latchkey account verify",
        .summary = "record the outcome of a verification step",
        .details = "Keys are issued only to accounts whose steps are all accepted.\n",
        .examples = "# everything was checked elsewhere\n"
                    "latchkey account verify ada@example.com --reason \"video call of 3 May\"\n\n"
                    "# one step did not pass\n"
                    "latchkey account verify ada@example.com --step address --outcome rejected \\\n"
                    "    --reason \"bill is older than three months\"\n",
        .options = options,
    };

    OPTIONS_OR_RETURN(&syntax, argc, argv);
    return account_change(&c, account, "verify",
                          json_pack("{s:s,s:s,s:s}", "step", step, "outcome", outcome, "reason",
                                    reason));
}
