#include "cli/client.h"
#include "cli/command.h"
#include "cli/master_key.h"
#include "cli/reply.h"

void master_key_print(const json_t *reply, FILE *out)
{
    const char *replaces = reply_text(reply, "replaces"), *problem = reply_text(reply, "problem");

    fprintf(out, "master key %s", reply_text(reply, "key"));
    if (replaces != NULL)
        fprintf(out, ", which is taking the place of %s: %lld of %lld things are sealed anew",
                replaces, (long long)json_integer_value(json_object_get(reply, "done")),
                (long long)json_integer_value(json_object_get(reply, "total")));
    fputc('\n', out);
    if (problem != NULL)
        fprintf(out, "problem: %s\n", problem);
}

int cli_master_key_show(int argc, char **argv)
{
    struct client c = { 0 };
    json_t *reply = NULL;
    int exit;
    const struct option options[] = { CLIENT_OPTIONS(c), { 0 } };
    const struct syntax syntax = {
        .command = "latchkey master-key show",
        .summary = "which master key seals, and how far a rotation has come",
        .details = "A master key is called by eight digits that are derived from it and tell\n"
                   "nothing about it.\n",
        .examples = "latchkey master-key show\n",
        .options = options,
    };

    OPTIONS_OR_RETURN(&syntax, argc, argv);
    exit = client_call(&c, "GET", "/master-key", NULL, &reply);
    return client_show(&c, exit, reply, master_key_print);
}
