#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/command.h"
#include "cli/gateway_key.h"
#include "cli/options.h"

int cli_gateway_key_create(int argc, char **argv)
{
    const char *path = NULL;
    struct gateway_key key;
    char real[PATH_MAX];
    const struct option options[] = {
        { .name = "FILE", .kind = OPTION_OPERAND, .required = true, .into = &path,
          .help = "where to write it; a file that is there already is left alone" },
        { 0 },
    };
    const struct syntax syntax = {
        .command = "latchkey gateway-key create",
        .summary = "make a key with which the gateway signs its refusals",
        .details = "Ed25519, mode 0600.  It belongs to the user who starts nginx, to no other.\n"
                   "To replace a key, clients have to see the new one before it signs:\n"
                   "  1. make it, name it in nginx.conf below the present one, reload nginx;\n"
                   "  2. five minutes later, put it above the present one, reload;\n"
                   "  3. when the old signatures matter to nobody any more, take that one out.\n",
        .examples = "latchkey gateway-key create /etc/latchkey/gateway.key\n",
        .options = options,
    };
    enum err e;

    OPTIONS_OR_RETURN(&syntax, argc, argv);
    e = gateway_key_file_make(path, &key);
    if (e == ERR_EXISTS)
        fprintf(stderr, "latchkey gateway-key create: %s is there already and may be in use; "
                        "choose another name\n", path);
    else if (e == ERR_MISSING)
        fprintf(stderr, "latchkey gateway-key create: the folder of %s is not there\n", path);
    else if (e != OK)
        fprintf(stderr, "latchkey gateway-key create: cannot write %s: %s\n", path, err_text(e));
    if (e != OK)
        return COMMAND_REFUSED;
    printf("key id     %s\nnginx.conf latchkey_gateway_key %s;\n", key.id,
           realpath(path, real) != NULL ? real : path);
    return COMMAND_DONE;
}
