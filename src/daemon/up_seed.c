#include "daemon/up_seed.h"

#include <liboath/oath.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"
#include "cli/client.h"
#include "cli/key_ask.h"
#include "cli/reply.h"

enum {
    WAIT_S = 30,
    SANDBOX_KEYS = 8,
    ACCOUNTS = 2,
    PASSWORD_SIZE = 20,
    CODE_SIZE = 7, /* six digits and the zero */
    STEP_S = 30,   /* RFC 6238's default */
};

static const char *const emails[ACCOUNTS] = { "demo@latchkey.example", "demo2@latchkey.example" };

struct call {
    const char *socket, *email;
    json_t *reply; /* of the last call */
};

/* `verb` follows the account's address; NULL: the path itself. */
static enum err call(struct call *c, const char *path, const char *verb, json_t *body)
{
    struct buffer whole;
    long status = 0;
    enum err e;

    json_decref(c->reply);
    c->reply = NULL;
    buffer_init(&whole);
    buffer_append(&whole, slice_of(path));
    if (verb != NULL) {
        path_append(&whole, c->email);
        buffer_append(&whole, slice_of(verb));
    }
    e = client_exchange(c->socket, "POST", whole.at, body, WAIT_S, &status, &c->reply);
    if (e == OK && (status < 200 || status > 299)) {
        const char *message = reply_text(json_object_get(c->reply, "error"), "message");

        log_error("up", "the authority refuses the demo (POST %s): %s", whole.at,
                  message == NULL ? "no reason given" : message);
        e = ERR_DENIED;
    }
    buffer_wipe(&whole);
    return e;
}

static void password_draw(char password[PASSWORD_SIZE + 1])
{
    static const char letters[] = "abcdefghijkmnpqrstuvwxyz23456789";

    for (int i = 0; i < PASSWORD_SIZE; i++)
        password[i] = letters[randombytes_uniform(sizeof letters - 1)];
    password[PASSWORD_SIZE] = '\0';
}

static enum err code_format(const char *seed, time_t moment, char code[CODE_SIZE])
{
    char *bytes = NULL;
    size_t size = 0;
    int result = oath_base32_decode(seed, strlen(seed), &bytes, &size);

    if (result == OATH_OK)
        result = oath_totp_generate(bytes, size, moment, STEP_S, 0, CODE_SIZE - 1, code);
    free(bytes);
    return result == OATH_OK ? OK : ERR_CRYPTO;
}

/* Each code is accepted once: the step before confirms, the present one issues the keys. */
static enum err account_make(struct call *c, const char *role, const char *password,
                             char seed[64])
{
    char code[CODE_SIZE];
    enum err e;

    TRY(call(c, "/accounts", NULL,
             json_pack("{s:s,s:s,s:s,s:s,s:s,s:s}", "email", c->email, "kind", "individual",
                       "jurisdiction", "CH", "password", password, "role", role, "name",
                       "Demo account")));
    TRY(call(c, "/accounts", "/verify",
             json_pack("{s:s,s:s,s:s}", "step", "all", "outcome", "accepted", "reason",
                       "demo account of a try-out")));
    TRY(call(c, "/accounts", "/totp", json_object()));
    if (reply_text(c->reply, "secret") == NULL)
        return ERR_MALFORMED;
    snprintf(seed, 64, "%s", reply_text(c->reply, "secret"));
    TRY(code_format(seed, time(NULL) - STEP_S, code));
    e = call(c, "/accounts", "/totp/confirm", json_pack("{s:s}", "code", code));
out:
    return e;
}

/* Everything but withdrawals.  No two keys of an account share their set of rules (B7), so each
 * narrows loopback by a bit. */
static json_t *key_ask(const char *environment, unsigned number)
{
    return json_pack("{s:s,s:o,s:o,s:o,s:[o,s]}", "environment", environment, "label",
                     json_sprintf("%s demo %u", environment, number), "scopes",
                     key_scopes_all(false),
                     "confirmed_groups", key_groups_all(), "ip_rules",
                     json_sprintf("127.0.0.0/%u", 8 + number), "::1/128");
}

static enum err keys_make(struct call *c, const char *seed, unsigned account, json_t *demo)
{
    json_t *asked = json_array(), *key;
    unsigned sandbox_count = SANDBOX_KEYS / ACCOUNTS;
    char code[CODE_SIZE];
    size_t i;
    enum err e;

    for (unsigned k = 0; k < sandbox_count; k++)
        json_array_append_new(asked, key_ask("sandbox", k + 1));
    if (account == 0)
        json_array_append_new(asked, key_ask("live", sandbox_count + 1));
    TRY(code_format(seed, time(NULL), code));
    TRY(call(c, "/keys", NULL,
             json_pack("{s:s,s:s,s:O}", "account", c->email, "totp", code, "keys", asked)));
    json_array_foreach(json_object_get(c->reply, "keys"), i, key) {
        const char *environment = reply_text(key, "environment");
        json_t *keys = json_object_get(json_object_get(demo, environment), "keys");
        json_t *entry = json_pack("{s:s,s:s*,s:s*}", "account", c->email, "key",
                                  reply_text(key, "id"), "secret", reply_text(key, "secret"));

        /* Alternating: this account's keys go to the places between those of the one before. */
        if (strcmp(environment, "sandbox") == 0)
            json_array_insert_new(keys, i * (account + 1) + account, entry);
        else
            json_array_append_new(keys, entry);
    }
out:
    json_decref(asked);
    return e;
}

static json_t *person_json(const char *email, const char *password, const char *seed)
{
    return json_pack("{s:s,s:s,s:s}", "email", email, "password", password, "totp_secret", seed);
}

enum err seed_demo(const char *socket, json_t **demo)
{
    char password[PASSWORD_SIZE + 1], seed[64];
    struct call c = { .socket = socket };
    enum err e = OK;

    *demo = json_pack("{s:{},s:{s:[]},s:{s:[]}}", "account", "sandbox", "keys", "live", "keys");
    for (unsigned a = 0; a < ACCOUNTS; a++) {
        c.email = emails[a];
        password_draw(password);
        TRY(account_make(&c, "customer", password, seed));
        TRY(keys_make(&c, seed, a, *demo));
        if (a == 0)
            json_object_set_new(*demo, "account", person_json(c.email, password, seed));
    }
    c.email = "operator@latchkey.example";
    password_draw(password);
    TRY(account_make(&c, "operator", password, seed));
    json_object_set_new(*demo, "operator", person_json(c.email, password, seed));
out:
    explicit_bzero(password, sizeof password);
    explicit_bzero(seed, sizeof seed);
    json_decref(c.reply);
    if (e != OK) {
        json_decref(*demo);
        *demo = NULL;
    }
    return e;
}
