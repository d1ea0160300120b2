#include "cli/command.h"
#include "cli/key_ask.h"
#include "cli/key_change.h"

int cli_key_scopes(int argc, char **argv)
{
    struct option_list scopes = { .count = 0 }, confirmed = { .count = 0 };
    const char *id = NULL, *totp = NULL;
    struct client c = { 0 };
    const struct option options[] = {
        { .name = "KEY", .kind = OPTION_OPERAND, .required = true, .into = &id,
          .help = "the key id" },
        { .name = "scopes", .kind = OPTION_LIST, .value = "A,B", .required = true, .into = &scopes,
          .help = "all that it may do from now on" },
        { .name = "confirm", .kind = OPTION_LIST, .value = "GROUP", .into = &confirmed,
          .help = "each group that scopes are added of; may be given again" },
        { .name = "totp", .kind = OPTION_TEXT, .value = "CODE", .into = &totp,
          .help = "of the owner's authenticator; without it scopes are only taken away" },
        CLIENT_OPTIONS(c),
        { 0 },
    };
    const struct syntax syntax = {
        .command = "latchkey key scopes",
        .summary = "what a key may do, fewer at once, more with the owner's code",
        .details = "Orders that the key could not place before cool for 72 hours from now, and\n"
                   "withdrawals wait for the link that is mailed to the owner.\n",
        .examples = "# nothing but reading\n"
                    "latchkey key scopes lki_live_EXAMPLE0EXAMPLE000000 --scopes wallets:read\n\n"
                    "# orders as well\n"
                    "latchkey key scopes lki_live_EXAMPLE0EXAMPLE000000 --totp 123456 \\\n"
                    "    --scopes wallets:read,orders:read,orders:write --confirm trade\n",
        .options = options,
    };

    OPTIONS_OR_RETURN(&syntax, argc, argv);
    return key_change(&c, id, "scopes",
                      json_pack("{s:o, s:o, s:s*}", "scopes", key_list_json(&scopes),
                                "confirmed_groups", key_list_json(&confirmed), "totp", totp),
                      key_print);
}
