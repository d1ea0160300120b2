#include "daemon/up_nginx.h"

#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/gateway_key.h"
#include "daemon/embedded.h"
#include "daemon/up_template.h"

static enum err file_fill(const char *folder, const char *name, mode_t mode, struct slice template,
                          const struct template_value *values)
{
    char path[FILE_PATH_SIZE];
    struct buffer filled;
    enum err e;

    buffer_init(&filled);
    up_path(path, folder, name);
    TRY(template_fill(template, values, &filled));
    e = file_write_atomic(path, mode, buffer_slice(&filled));
out:
    buffer_wipe(&filled);
    return e;
}

/* The key that signs refusals stays what it is from one start to the next. */
static enum err gateway_key_ensure(const struct up *up)
{
    struct gateway_key key;
    char path[FILE_PATH_SIZE];
    enum err e;

    up_path(path, up->data, "gateway.key");
    e = gateway_key_file_make(path, &key);
    return e == ERR_EXISTS ? OK : e;
}

enum err nginx_configure(const struct up *up)
{
    char live_url[UP_URL_SIZE], sandbox_url[UP_URL_SIZE], tripwire_url[UP_URL_SIZE];
    char live_port[8], sandbox_port[8], tripwire_port[8], bind[64];
    char tls[FILE_PATH_SIZE], ca[FILE_PATH_SIZE], about[FILE_PATH_SIZE];
    const struct passwd *user = getpwuid(geteuid()); /* workers run as whoever started us */
    const struct template_value values[] = {
        { "VERSION", LATCHKEY_VERSION },  { "BIND", bind },
        { "LIVE_PORT", live_port },       { "SANDBOX_PORT", sandbox_port },
        { "TRIPWIRE_PORT", tripwire_port }, { "LIVE_URL", live_url },
        { "SANDBOX_URL", sandbox_url },   { "TRIPWIRE_URL", tripwire_url },
        { "DATA", up->data },             { "RUN", up->run },
        { "SEGMENTS", up->segments },     { "MODULE", up->module },
        { "TLS", tls },                   { "CA", ca },
        { "ABOUT", about },
        { "CONSOLE", up->console[0] != '\0' ? up->console : about },
        { "USER", user == NULL ? "root" : user->pw_name },
        { NULL, NULL },
    };
    enum err e;

    up_url(up, "https", up->live_port, live_url);
    up_url(up, "https", up->sandbox_port, sandbox_url);
    up_url(up, "http", up->tripwire_port, tripwire_url);
    snprintf(live_port, sizeof live_port, "%u", up->live_port);
    snprintf(sandbox_port, sizeof sandbox_port, "%u", up->sandbox_port);
    snprintf(tripwire_port, sizeof tripwire_port, "%u", up->tripwire_port);
    snprintf(bind, sizeof bind, strchr(up->bind, ':') != NULL ? "[%s]" : "%s", up->bind);
    up_path(tls, up->data, "tls");
    up_path(ca, tls, "ca.pem");
    up_path(about, up->run, "about");
    TRY(gateway_key_ensure(up));
    TRY(file_folder_make(about, 0755));
    TRY(file_fill(about, "index.html", 0644, embedded_about_html, values));
    TRY(file_fill(about, "style.css", 0644, embedded_about_style, values));
    e = file_fill(up->run, "nginx.conf", 0600, embedded_nginx_conf, values);
out:
    return e;
}
