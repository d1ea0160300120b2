#include "daemon/up_demo.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/reply.h"
#include "cli/terminal.h"
#include "daemon/up_authority.h"

enum { DEMO_BYTES_MOST = 1 << 20 };

static bool environment_is_whole(const json_t *demo, const char *name, size_t key_count)
{
    const json_t *keys = json_object_get(json_object_get(demo, name), "keys"), *key;
    size_t i;

    json_array_foreach(keys, i, key)
        if (reply_text(key, "account") == NULL || reply_text(key, "key") == NULL ||
            reply_text(key, "secret") == NULL)
            return false;
    return json_array_size(keys) >= key_count;
}

static bool person_is_whole(const json_t *demo, const char *name)
{
    const json_t *person = json_object_get(demo, name);

    return reply_text(person, "email") != NULL && reply_text(person, "password") != NULL &&
           reply_text(person, "totp_secret") != NULL;
}

static bool demo_is_whole(const json_t *demo)
{
    return person_is_whole(demo, "account") && environment_is_whole(demo, "live", 1) &&
           environment_is_whole(demo, "sandbox", 8);
}

enum err demo_load(const struct up *up, json_t **demo)
{
    char path[FILE_PATH_SIZE];
    struct buffer text;
    enum err e;

    *demo = NULL;
    buffer_init(&text);
    up_path(path, up->data, "demo.json");
    e = file_read(path, DEMO_BYTES_MOST, &text);
    if (e == OK) {
        *demo = json_loadb(text.at == NULL ? "" : text.at, text.size, 0, NULL);
        if (!demo_is_whole(*demo)) {
            json_decref(*demo);
            *demo = NULL;
            e = ERR_CORRUPT;
        }
    }
    buffer_wipe(&text);
    return e;
}

static void environment_address(const struct up *up, json_t *demo, const char *name, uint16_t port)
{
    json_t *environment = json_object_get(demo, name);
    char rest[UP_URL_SIZE], ws[UP_URL_SIZE];

    up_url(up, "https", port, rest);
    up_url(up, "wss", port, ws);
    json_object_set_new(environment, "rest", json_string(rest));
    json_object_set_new(environment, "ws", json_sprintf("%s/ws/2", ws));
}

/* Ports may differ from start to start: addresses are those of this one. */
static void addresses_set(const struct up *up, json_t *demo)
{
    char url[UP_URL_SIZE], ca[FILE_PATH_SIZE];

    up_path(ca, up->data, "tls/ca.pem");
    json_object_set_new(demo, "ca", json_string(ca));
    up_console_url(up, url);
    json_object_set_new(demo, "console", json_sprintf("%s/console/", url));
    up_url(up, "http", up->tripwire_port, url);
    json_object_set_new(demo, "tripwire", json_string(url));
    environment_address(up, demo, "live", up->live_port);
    environment_address(up, demo, "sandbox", up->sandbox_port);
}

static enum err demo_write(const char *folder, const json_t *demo)
{
    char path[FILE_PATH_SIZE], *text = json_dumps(demo, JSON_INDENT(2));
    enum err e;

    if (text == NULL)
        return ERR_MEMORY;
    up_path(path, folder, "demo.json");
    e = file_write_atomic(path, 0600, slice_of(text));
    explicit_bzero(text, strlen(text));
    free(text);
    return e;
}

enum err demo_save(const struct up *up, json_t *demo)
{
    addresses_set(up, demo);
    return demo_write(up->data, demo);
}

enum err demo_publish(const struct up *up, const json_t *demo)
{
    return demo_write(up->run, demo);
}

void demo_withdraw(const struct up *up)
{
    char path[FILE_PATH_SIZE];

    up_path(path, up->run, "demo.json");
    unlink(path);
}

static const json_t *first_key(const json_t *demo, const char *environment)
{
    return json_array_get(json_object_get(json_object_get(demo, environment), "keys"), 0);
}

/* The nonce is in milliseconds, as ccxt's: one in microseconds would lock the key for ccxt. */
static void request_show(const json_t *demo)
{
    const json_t *key = first_key(demo, "sandbox");

    printf("Read the sandbox key's wallets (paste into bash; needs curl and openssl):\n\n"
           "KEY=%s SECRET=%s\n"
           "SAY=v2/auth/r/wallets NONCE=$(date +%%s%%3N) BODY='{}'\n"
           "SIGNATURE=$(printf '/api/%%s%%s%%s' $SAY $NONCE \"$BODY\" | "
           "openssl dgst -sha384 -hmac $SECRET | sed 's/.* //')\n"
           "curl --cacert %s %s/$SAY -d \"$BODY\" -H 'content-type: application/json' \\\n"
           "  -H \"bfx-apikey: $KEY\" -H \"bfx-nonce: $NONCE\" "
           "-H \"bfx-signature: $SIGNATURE\"\n\n",
           reply_text(key, "key"), reply_text(key, "secret"), reply_text(demo, "ca"),
           reply_text(json_object_get(demo, "sandbox"), "rest"));
}

/* A try-out that an earlier version began has none. */
static void operator_show(const json_t *person)
{
    if (reply_text(person, "email") != NULL)
        printf("  operator   %s   password %s   TOTP seed %s\n", reply_text(person, "email"),
               reply_text(person, "password"), reply_text(person, "totp_secret"));
}

void demo_show(const struct up *up, const json_t *demo)
{
    const json_t *account = json_object_get(demo, "account");
    const json_t *live = first_key(demo, "live"), *sandbox = first_key(demo, "sandbox");
    const char *email = reply_text(account, "email"), *seed = reply_text(account, "totp_secret");
    bool colours = terminal_colours(stdout);
    char uri[512];

    printf("\n%sLatchkey %s is running.%s "
           "Ctrl-C stops it; the next start finds everything again.\n\n",
           tone_begin(TONE_BOLD, colours), LATCHKEY_VERSION, tone_end(TONE_BOLD, colours));
    printf("  live       %s\n", reply_text(json_object_get(demo, "live"), "rest"));
    printf("  sandbox    %s\n", reply_text(json_object_get(demo, "sandbox"), "rest"));
    printf("  WebSocket  %s   and %s\n", reply_text(json_object_get(demo, "live"), "ws"),
           reply_text(json_object_get(demo, "sandbox"), "ws"));
    printf("  tripwire   %s   plain HTTP: a signed request here revokes its key\n",
           reply_text(demo, "tripwire"));
    printf("  console    %s\n", reply_text(demo, "console"));
    printf("  CA file    %s\n", reply_text(demo, "ca"));
    printf("  operator   latchkey status --socket %s/authority.sock\n", up->run);
    printf("  scripts    %s/demo.json\n\n", up->run);
    operator_show(json_object_get(demo, "operator"));
    printf("  account    %s   password %s\n", email, reply_text(account, "password"));
    printf("  TOTP seed  %s\n", seed);
    snprintf(uri, sizeof uri, "otpauth://totp/Latchkey:%s?secret=%s&issuer=Latchkey", email, seed);
    if (qr_print(uri, colours, stdout) != OK)
        printf("  %s\n", uri);
    printf("  sandbox key %s\n       secret %s\n", reply_text(sandbox, "key"),
           reply_text(sandbox, "secret"));
    printf("  live key    %s   orders after a cooling-off of 72 h\n       secret %s\n\n",
           reply_text(live, "key"), reply_text(live, "secret"));
    request_show(demo);
    fflush(stdout);
}
