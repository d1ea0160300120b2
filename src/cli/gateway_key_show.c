#include <stdio.h>

#include "cli/command.h"
#include "cli/gateway_key.h"
#include "cli/options.h"

int cli_gateway_key_show(int argc, char **argv)
{
    const char *path = NULL;
    struct gateway_key key;
    char jwk[GATEWAY_KEY_JWK_SIZE];
    const struct option options[] = {
        { .name = "FILE", .kind = OPTION_OPERAND, .required = true, .into = &path,
          .help = "as gateway-key create has written it" },
        { 0 },
    };
    const struct syntax syntax = {
        .command = "latchkey gateway-key show",
        .summary = "the public half of a gateway key, as clients see it",
        .details = "A JSON Web Key; its \"kid\" is the \"keyid\" of what the key has signed.\n",
        .examples = "latchkey gateway-key show /etc/latchkey/gateway.key\n",
        .options = options,
    };
    enum err e;

    OPTIONS_OR_RETURN(&syntax, argc, argv);
    e = gateway_key_file_read(path, &key);
    if (e == ERR_DENIED)
        fprintf(stderr, "latchkey gateway-key show: %s is open to group or others; nginx will not "
                        "take it so\n", path);
    else if (e == ERR_MALFORMED)
        fprintf(stderr, "latchkey gateway-key show: %s is not the file of a gateway key\n", path);
    else if (e != OK)
        fprintf(stderr, "latchkey gateway-key show: %s: %s\n", path, err_text(e));
    if (e != OK)
        return COMMAND_REFUSED;
    gateway_key_jwk_format(&key, jwk);
    gateway_key_wipe(&key);
    puts(jwk);
    return COMMAND_DONE;
}
