#include <string.h>

#include "cli/client.h"
#include "cli/command.h"
#include "cli/reply.h"

static int password_missing(enum err e)
{
    static const char *const words[] = {
        [ERR_MISSING] = "no password: type one, or give it with --password-stdin",
        [ERR_CONFLICT] = "the two passwords differ",
        [ERR_FULL] = "the password is longer than 1024 bytes",
    };

    fprintf(stderr, "latchkey account create: %s\n", words[e]);
    return COMMAND_MISUSED;
}

int cli_account_create(int argc, char **argv)
{
    const char *email = NULL, *kind = "individual", *jurisdiction = NULL;
    const char *role = "customer", *name = "";
    char password[SECRET_LINE_SIZE];
    bool from_stdin = false;
    struct client c = { 0 };
    json_t *account = NULL;
    int exit;
    enum err e;
    const struct option options[] = {
        { .name = "EMAIL", .kind = OPTION_OPERAND, .required = true, .into = &email,
          .help = "the owner's address; an account is named by it or by its number" },
        { .name = "jurisdiction", .kind = OPTION_TEXT, .value = "CC", .required = true,
          .into = &jurisdiction, .help = "country, two letters of ISO 3166" },
        { .name = "kind", .kind = OPTION_CHOICE, .value = "individual|corporate", .into = &kind,
          .help = "[individual] a corporate account has more steps to verify" },
        { .name = "role", .kind = OPTION_CHOICE, .value = "customer|operator", .into = &role,
          .help = "[customer] an operator decides reviews in the console" },
        { .name = "name", .kind = OPTION_TEXT, .value = "TEXT", .into = &name,
          .help = "of the person or the corporation" },
        { .name = "password-stdin", .kind = OPTION_SWITCH, .into = &from_stdin,
          .help = "read the password from standard input instead of asking" },
        CLIENT_OPTIONS(c),
        { 0 },
    };
    const struct syntax syntax = {
        .command = "latchkey account create",
        .summary = "open an account",
        .details = "The account can do nothing yet: verify its steps and enrol a second factor.\n",
        .examples =
            "# asks for the password\n"
            "latchkey account create ada@example.com --jurisdiction CH\n\n"
            "# in a script\n"
            "latchkey account create desk@example.com --kind corporate \\\n"
            "    --jurisdiction CH --password-stdin < password.txt\n\n"
            "# somebody who decides reviews in the console\n"
            "latchkey account create olga@venue.example --jurisdiction CH --role operator\n",
        .options = options,
    };

    OPTIONS_OR_RETURN(&syntax, argc, argv);
    e = secret_line_read("Password of the new account", from_stdin, password);
    if (e != OK)
        return password_missing(e);
    exit = client_call(&c, "POST", "/accounts",
                       json_pack("{s:s,s:s,s:s,s:s,s:s,s:s}", "email", email, "kind", kind,
                                 "jurisdiction", jurisdiction, "password", password, "role", role,
                                 "name", name),
                       &account);
    explicit_bzero(password, sizeof password);
    return client_show(&c, exit, account, account_print);
}
