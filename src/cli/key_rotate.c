#include "cli/command.h"
#include "cli/key_change.h"

static void rotated_print(const json_t *key, FILE *out)
{
    key_print(key, out);
    key_secret_print(key, out);
}

int cli_key_rotate(int argc, char **argv)
{
    const char *id = NULL, *totp = NULL;
    uint64_t old_days = 0;
    struct client c = { 0 };
    const struct option options[] = {
        { .name = "KEY", .kind = OPTION_OPERAND, .required = true, .into = &id,
          .help = "the key id" },
        { .name = "totp", .kind = OPTION_TEXT, .value = "CODE", .required = true, .into = &totp,
          .help = "what the owner's authenticator shows now" },
        { .name = "old-days", .kind = OPTION_NUMBER, .value = "N", .most = 7, .into = &old_days,
          .help = "[0] how long the old key goes on; 0: it is revoked at once" },
        CLIENT_OPTIONS(c),
        { 0 },
    };
    const struct syntax syntax = {
        .command = "latchkey key rotate",
        .summary = "a new id and secret for a key; the secret is shown once",
        .details = "The new key has label, scopes, addresses, rates and readiness of the old one.\n"
                   "Withdrawals are confirmed by mail again.\n",
        .examples = "latchkey key rotate lki_live_EXAMPLE0EXAMPLE000000 --old-days 2 \\\n"
                    "    --totp 123456\n",
        .options = options,
    };

    OPTIONS_OR_RETURN(&syntax, argc, argv);
    return key_change(&c, id, "rotate",
                      json_pack("{s:I, s:s}", "old_days", (json_int_t)old_days, "totp", totp),
                      rotated_print);
}
