#include "authority/session.h"

#include <assert.h>
#include <sodium.h>
#include <stdio.h>

#include "authority/change.h"
#include "authority/country.h"
#include "authority/proof.h"
#include "authority/settings.h"

enum { TOKEN_BYTES = 32, ID_BYTES = 16 };

#define USE_NOTED_NS (60 * NS_PER_S) /* a session's last use is kept to the minute */

static_assert(sodium_base64_ENCODED_LEN(TOKEN_BYTES, sodium_base64_VARIANT_URLSAFE_NO_PADDING) ==
                  SESSION_TOKEN_SIZE,
              "said in the header");

void session_token_draw(char token[SESSION_TOKEN_SIZE])
{
    uint8_t bytes[TOKEN_BYTES];

    randombytes_buf(bytes, sizeof bytes);
    sodium_bin2base64(token, SESSION_TOKEN_SIZE, bytes, sizeof bytes,
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    sodium_memzero(bytes, sizeof bytes);
}

bool session_token_hash(struct slice token, uint8_t sha256[STORE_SHA256_SIZE])
{
    if (token.size != SESSION_TOKEN_SIZE - 1)
        return false;
    crypto_hash_sha256(sha256, (const unsigned char *)token.at, token.size);
    return true;
}

/* A keyed hash, so that who learns the one value, from a page's memory say, has not the cookie. */
void session_csrf(struct slice token, char csrf[SESSION_TOKEN_SIZE])
{
    static const unsigned char about[] = "latchkey csrf";
    uint8_t hash[TOKEN_BYTES];

    crypto_generichash(hash, sizeof hash, about, sizeof about - 1,
                       (const unsigned char *)token.at, token.size);
    sodium_bin2base64(csrf, SESSION_TOKEN_SIZE, hash, sizeof hash,
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

static uint64_t idle_ns(const struct authority *a)
{
    return a->settings->session_idle_min * 60 * NS_PER_S;
}

static uint64_t most_ns(const struct authority *a)
{
    return a->settings->session_most_min * 60 * NS_PER_S;
}

static uint64_t expiry(const struct authority *a, const struct store_session *row)
{
    uint64_t idle = row->used_at_ns + idle_ns(a), most = row->made_at_ns + most_ns(a);

    return idle < most ? idle : most;
}

static void session_of(const struct authority *a, const struct store_session *row,
                       struct session *session)
{
    *session = (struct session){ .account = row->account, .level = row->level,
                                 .made_at_ns = row->made_at_ns, .used_at_ns = row->used_at_ns,
                                 .expires_at_ns = expiry(a, row) };
    memcpy(session->id, row->id, sizeof session->id);
    memcpy(session->address, row->address, sizeof session->address);
    memcpy(session->country, row->country, sizeof session->country);
    memcpy(session->agent, row->agent, sizeof session->agent);
}

enum err session_open(struct authority *a, struct store_tx *tx, uint64_t account,
                      enum session_level level, const struct visitor *visitor,
                      char token[SESSION_TOKEN_SIZE])
{
    uint64_t now_ns = a->now_ns();
    struct store_session row = { .account = account, .level = level, .made_at_ns = now_ns,
                                 .used_at_ns = now_ns };
    uint8_t id[ID_BYTES];
    enum err e;

    /* A good moment to forget sessions that have ended by themselves. */
    if (now_ns > most_ns(a))
        TRY(store_sessions_expire(tx, now_ns - most_ns(a)));
    session_token_draw(token);
    session_token_hash(slice_of(token), row.token_sha256);
    randombytes_buf(id, sizeof id);
    sodium_bin2base64(row.id, sizeof row.id, id, sizeof id,
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    snprintf(row.address, sizeof row.address, "%.*s", (int)visitor->address.size,
             visitor->address.size == 0 ? "" : visitor->address.at);
    country_find(a->countries, visitor->address, row.country);
    snprintf(row.agent, sizeof row.agent, "%.*s", (int)visitor->agent.size,
             visitor->agent.size == 0 ? "" : visitor->agent.at);
    e = store_session_insert(tx, &row);
out:
    return e;
}

/* What is about the account, and may have changed since the login. */
static enum err owner_read(struct store_tx *tx, struct session *session)
{
    struct store_account owner;
    struct factors factors;
    enum err e;

    TRY(store_account_get(tx, session->account, &owner));
    session->role = owner.role;
    if (session->level == SESSION_FULL)
        goto out;
    TRY(factors_count(tx, session->account, &factors));
    session->needs_factor = factors_has(&factors);
out:
    sodium_memzero(&owner, sizeof owner);
    return e;
}

enum err session_find(struct authority *a, struct slice token, struct session *session)
{
    uint8_t sha256[STORE_SHA256_SIZE];
    uint64_t now_ns = a->now_ns();
    struct store_session row;
    struct store_tx *tx = NULL;
    enum err e = ERR_MISSING;

    if (!session_token_hash(token, sha256))
        return ERR_MISSING;
    TRY(store_begin(a->store, &tx));
    TRY(store_session_get(tx, sha256, &row));
    if (now_ns >= expiry(a, &row)) {
        e = ERR_MISSING;
        goto out;
    }
    if (now_ns > row.used_at_ns && now_ns - row.used_at_ns >= USE_NOTED_NS) {
        row.used_at_ns = now_ns;
        TRY(store_session_use(tx, row.id, now_ns));
    }
    session_of(a, &row, session);
    session_csrf(token, session->csrf);
    TRY(owner_read(tx, session));
    e = store_commit(&tx);
out:
    store_rollback(&tx);
    return e;
}

enum err session_raise(struct authority *a, struct store_tx *tx, const char *id,
                       char token[SESSION_TOKEN_SIZE])
{
    uint8_t sha256[STORE_SHA256_SIZE];

    (void)a;
    session_token_draw(token);
    session_token_hash(slice_of(token), sha256);
    return store_session_renew(tx, id, sha256, SESSION_FULL);
}

struct listing {
    const struct authority *a;
    uint64_t now_ns;
    bool (*each)(void *context, const struct session *session);
    void *context;
};

static bool listed(void *context, const struct store_session *row)
{
    const struct listing *listing = context;
    struct session session;

    session_of(listing->a, row, &session);
    return listing->now_ns >= session.expires_at_ns || listing->each(listing->context, &session);
}

enum err sessions_each(struct authority *a, uint64_t account,
                       bool (*each)(void *context, const struct session *session), void *context)
{
    struct listing listing = { a, a->now_ns(), each, context };
    struct store_tx *tx = NULL;
    enum err e;

    TRY(store_begin(a->store, &tx));
    e = store_sessions_each(tx, account, 0, listed, &listing);
out:
    store_rollback(&tx);
    return e;
}

enum err session_end(struct authority *a, const char *who, uint64_t account, struct slice id,
                     struct refusal *refusal)
{
    char text[SESSION_ID_SIZE] = "";
    struct store_tx *tx = NULL;
    bool changed = false;
    enum err e;

    if (id.size < sizeof text)
        memcpy(text, id.at, id.size);
    TRY(store_begin(a->store, &tx));
    TRY(store_session_delete(tx, account, text, &changed));
    if (!changed) {
        refusal_add(refusal, REFUSAL_MISSING, "session-missing", "this session has ended already");
        goto out;
    }
    TRY(change_write(tx, (struct change){ .who = who, .what = "session ended", .account = account,
                                          .at_ns = a->now_ns(), .before = json_string(text) }));
    e = store_commit(&tx);
out:
    store_rollback(&tx);
    return e;
}

enum err sessions_end_others(struct authority *a, const char *who, uint64_t account,
                             const char *except, uint64_t *count)
{
    struct store_tx *tx = NULL;
    enum err e;

    TRY(store_begin(a->store, &tx));
    TRY(store_sessions_delete(tx, account, except, count));
    if (*count > 0)
        TRY(change_write(tx, (struct change){ .who = who, .what = "other sessions ended",
                                              .account = account, .at_ns = a->now_ns(),
                                              .before = json_integer((json_int_t)*count) }));
    e = store_commit(&tx);
out:
    store_rollback(&tx);
    return e;
}
