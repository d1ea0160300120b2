#include "authority/link.h"

#include <assert.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "authority/settings.h"
#include "store/links.h"

enum { TOKEN_BYTES = 32 };
static_assert(sodium_base64_ENCODED_LEN(TOKEN_BYTES, sodium_base64_VARIANT_URLSAFE_NO_PADDING) ==
                  LINK_TOKEN_SIZE,
              "said in the header");
static_assert((int)KEY_RANDOM_SIZE == (int)RECORD_KEY_SIZE, "one form of a key's name");

static const char *purpose_text(enum link_purpose purpose)
{
    switch (purpose) {
    case LINK_EMAIL:
        return "email";
    case LINK_PASSWORD:
        return "password";
    case LINK_WITHDRAWAL:
        return "withdrawal";
    case LINK_APPROVAL:
        return "approval";
    }
    return "unknown";
}

static void token_hash(struct slice token, uint8_t sha256[STORE_SHA256_SIZE])
{
    crypto_hash_sha256(sha256, (const uint8_t *)token.at, token.size);
}

enum err link_make(struct authority *a, struct store_tx *tx, enum link_purpose purpose,
                   uint64_t account, const char *key, uint64_t subject, uint64_t lives_ns,
                   char token[LINK_TOKEN_SIZE])
{
    struct store_link row = { .purpose = purpose, .account = account, .subject = subject,
                              .made_at_ns = a->now_ns() };
    uint8_t bytes[TOKEN_BYTES];

    randombytes_buf(bytes, sizeof bytes);
    sodium_bin2base64(token, LINK_TOKEN_SIZE, bytes, sizeof bytes,
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    sodium_memzero(bytes, sizeof bytes);
    token_hash(slice_of(token), row.token_sha256);
    row.expires_at_ns = row.made_at_ns + lives_ns;
    if (key != NULL)
        memcpy(row.key, key, sizeof row.key);
    return store_link_insert(tx, &row);
}

/* Finds the row of a token and judges it. */
static enum err link_judge(struct authority *a, struct store_tx *tx, enum link_purpose purpose,
                           struct slice token, struct store_link *row, struct link *link,
                           struct refusal *refusal)
{
    bool present;
    enum err e;

    *row = (struct store_link){ 0 };
    *link = (struct link){ 0 };
    token_hash(token, row->token_sha256);
    TRY(store_link_find(tx, row, &present));
    if (!present || row->purpose != purpose)
        refusal_add(refusal, REFUSAL_RULE, "link-unknown",
                    "no such link: copy the whole address from the newest mail, or ask for another "
                    "mail");
    else if (row->used_at_ns != 0)
        refusal_add(refusal, REFUSAL_RULE, "link-used",
                    "the link was used already, and each works once; if that was not you, look at "
                    "the account's history and change its password");
    else if (a->now_ns() >= row->expires_at_ns)
        refusal_add(refusal, REFUSAL_RULE, "link-expired",
                    "the link has expired: ask for another mail");
    else
        *link = (struct link){ .purpose = purpose, .account = row->account,
                               .subject = row->subject, .expires_at_ns = row->expires_at_ns };
    if (link->account != 0)
        memcpy(link->key, row->key, sizeof link->key);
out:
    return e;
}

enum err link_view(struct authority *a, struct store_tx *tx, enum link_purpose purpose,
                   struct slice token, struct link *link, struct refusal *refusal)
{
    struct store_link row;

    return link_judge(a, tx, purpose, token, &row, link, refusal);
}

enum err link_spend(struct authority *a, struct store_tx *tx, enum link_purpose purpose,
                    struct slice token, struct link *link, struct refusal *refusal)
{
    struct store_link row;
    enum err e;

    TRY(link_judge(a, tx, purpose, token, &row, link, refusal));
    if (!refusal_is(refusal))
        e = store_link_use(tx, &row, a->now_ns());
out:
    return e;
}

void link_owner_check(const struct link *link, uint64_t account, struct refusal *refusal)
{
    if (link->account != account)
        refusal_add(refusal, REFUSAL_RULE, "link-foreign",
                    "the link was mailed to another account: log in with that one");
}

void link_url_format(const struct authority *a, enum link_purpose purpose, const char *token,
                     char url[LINK_URL_SIZE])
{
    snprintf(url, LINK_URL_SIZE, "%s/console/#/link/%s/%s", a->settings->public_url,
             purpose_text(purpose), token);
}
