#include "daemon/up_authority.h"

#include <stdio.h>
#include <string.h>

#include "base/buffer.h"

static bool is_loopback(const char *address)
{
    return strncmp(address, "127.", 4) == 0 || strcmp(address, "::1") == 0;
}

/* Settings know names and IPv4 addresses only, and 0.0.0.0 is nowhere to go to. */
static bool is_reachable(const char *address)
{
    return strchr(address, ':') == NULL && strcmp(address, "0.0.0.0") != 0;
}

void up_console_url(const struct up *up, char url[UP_URL_SIZE])
{
    if (is_loopback(up->bind) || !is_reachable(up->bind))
        snprintf(url, UP_URL_SIZE, "https://localhost:%u", up->live_port);
    else
        up_url(up, "https", up->live_port, url);
}

/* Where bots find an environment: by address, since not every client tries both families of the
 * name localhost. */
static void venue_url(const struct up *up, uint16_t port, char url[UP_URL_SIZE])
{
    if (is_reachable(up->bind))
        up_url(up, "https", port, url);
    else
        snprintf(url, UP_URL_SIZE, "https://localhost:%u", port);
}

/* A path between single quotes, as YAML wants it. */
static void quoted_append(struct buffer *text, const char *path)
{
    buffer_append_char(text, '\'');
    for (; *path != '\0'; path++) {
        if (*path == '\'')
            buffer_append_char(text, '\'');
        buffer_append_char(text, *path);
    }
    buffer_append(text, SLICE("'\n"));
}

enum err authority_configure(const struct up *up)
{
    char url[UP_URL_SIZE], live[UP_URL_SIZE], sandbox[UP_URL_SIZE];
    char mail[FILE_PATH_SIZE], path[FILE_PATH_SIZE];
    struct buffer text;
    enum err e;

    buffer_init(&text);
    up_console_url(up, url);
    venue_url(up, up->live_port, live);
    venue_url(up, up->sandbox_port, sandbox);
    up_path(mail, up->run, "mail");
    up_path(path, up->run, "authority.yaml");
    TRY(file_folder_make(mail, 0700));
    buffer_printf(&text,
                  "# Written by latchkey up at each start.\npublic_url: %s\n"
                  "venues:\n  live: %s\n  sandbox: %s\n"
                  "mail:\n  from: keys@latchkey.example\n  folder: ",
                  url, live, sandbox);
    quoted_append(&text, mail);
    buffer_append(&text, SLICE("webhooks:\n  private_addresses: true\n"
                               "country:\n  unknown: pass\n"));
    if (up->countries[0] != '\0') {
        buffer_append(&text, SLICE("  database: "));
        quoted_append(&text, up->countries);
    }
    e = text.failed ? ERR_MEMORY : file_write_atomic(path, 0600, buffer_slice(&text));
out:
    buffer_wipe(&text);
    return e;
}
