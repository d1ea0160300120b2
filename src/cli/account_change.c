#include "cli/account_change.h"

#include "cli/command.h"
#include "cli/reply.h"

int account_change(const struct client *c, const char *account, const char *verb, json_t *body)
{
    json_t *reply = NULL;
    struct buffer path;
    int exit;

    buffer_init(&path);
    buffer_append(&path, SLICE("/accounts"));
    path_append(&path, account);
    buffer_printf(&path, "/%s", verb);
    exit = client_call(c, "POST", path.at, body, &reply);
    buffer_wipe(&path);
    return client_show(c, exit, reply, account_print);
}
