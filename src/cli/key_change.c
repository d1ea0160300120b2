#include "cli/key_change.h"

#include "cli/terminal.h"

int key_change(const struct client *c, const char *key, const char *verb, json_t *body,
               void (*print)(const json_t *reply, FILE *out))
{
    json_t *reply = NULL;
    struct buffer path;
    int exit;

    buffer_init(&path);
    buffer_append(&path, SLICE("/keys"));
    path_append(&path, key);
    buffer_printf(&path, "/%s", verb);
    exit = client_call(c, "POST", path.at, body, &reply);
    buffer_wipe(&path);
    return client_show(c, exit, reply, print);
}

void key_secret_print(const json_t *key, FILE *out)
{
    bool colours = terminal_colours(out);

    fprintf(out,
            "\n%ssecret  %s%s\n\nKeep the secret now: it is shown this once and never again.\n",
            tone_begin(TONE_BOLD, colours), reply_text(key, "secret"),
            tone_end(TONE_BOLD, colours));
}
