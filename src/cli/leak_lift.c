#include "cli/command.h"
#include "cli/key_change.h"

int cli_leak_lift(int argc, char **argv)
{
    const char *id = NULL, *totp = NULL;
    struct client c = { 0 };
    const struct option options[] = {
        { .name = "KEY", .kind = OPTION_OPERAND, .required = true, .into = &id,
          .help = "the key id" },
        { .name = "totp", .kind = OPTION_TEXT, .value = "CODE", .required = true, .into = &totp,
          .help = "what the owner's authenticator shows now" },
        CLIENT_OPTIONS(c),
        { 0 },
    };
    const struct syntax syntax = {
        .command = "latchkey leak lift",
        .summary = "let a key work again whose id was found in public",
        .details = "Only its owner decides that, hence the code. A key whose secret was found is\n"
                   "revoked for good.\n",
        .examples = "latchkey leak lift lki_live_EXAMPLE0EXAMPLE000000 --totp 123456\n",
        .options = options,
    };

    OPTIONS_OR_RETURN(&syntax, argc, argv);
    return key_change(&c, id, "lift", json_pack("{s:s}", "totp", totp), key_print);
}
