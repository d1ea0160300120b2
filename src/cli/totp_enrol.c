#include "cli/client.h"
#include "cli/command.h"
#include "cli/reply.h"

static void enrolment_print(const char *account, const json_t *reply)
{
    const char *uri = reply_text(reply, "uri"), *seed = reply_text(reply, "secret");

    if (uri != NULL && qr_print(uri, terminal_colours(stdout), stdout) != OK)
        fputs("latchkey: the address does not fit a QR code; type it instead\n", stderr);
    printf("\nSeed: %s\nAddress: %s\n\nScan it with the authenticator, then confirm with a code:\n"
           "  latchkey totp confirm %s --code 123456\n",
           seed == NULL ? "-" : seed, uri == NULL ? "-" : uri, account);
}

int cli_totp_enrol(int argc, char **argv)
{
    const char *account = NULL;
    struct client c = { 0 };
    json_t *reply = NULL;
    struct buffer path;
    int exit;
    const struct option options[] = {
        { .name = "ACCOUNT", .kind = OPTION_OPERAND, .required = true, .into = &account,
          .help = "number or e-mail address" },
        CLIENT_OPTIONS(c),
        { 0 },
    };
    const struct syntax syntax = {
        .command = "latchkey totp enrol",
        .summary = "give an account a second factor",
        .details = "Shows a new seed (RFC 6238), once.  It counts after totp confirm.\n",
        .examples = "latchkey totp enrol ada@example.com\n\n"
                    "# for a password manager or a test\n"
                    "latchkey totp enrol ada@example.com --json | jq -r .secret\n",
        .options = options,
    };

    OPTIONS_OR_RETURN(&syntax, argc, argv);
    buffer_init(&path);
    buffer_append(&path, SLICE("/accounts"));
    path_append(&path, account);
    buffer_append(&path, SLICE("/totp"));
    exit = client_call(&c, "POST", path.at, json_object(), &reply);
    buffer_wipe(&path);
    if (exit != COMMAND_DONE)
        return exit;
    if (c.json)
        client_print(reply);
    else
        enrolment_print(account, reply);
    json_decref(reply);
    return COMMAND_DONE;
}
