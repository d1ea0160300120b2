#include "authority/throttle.h"

#include <arpa/inet.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "store/throttles.h"

#define QUIET_NS DAY_NS /* after which nothing is held against anybody */

#define LOGINS                                                                              \
    "login-throttled",                                                                      \
        "too many attempts: wait before the next one, or use the link for a forgotten password"

static const struct rule {
    uint32_t free;
    unsigned first_s, most_s;
    bool begins_anew; /* on success */
    const char *code, *words;
} rules[] = {
    [THROTTLE_ADDRESS] = { 60, 10, 3600, false, LOGINS },
    [THROTTLE_PAIR] = { 5, 60, 3600, true, LOGINS },
    [THROTTLE_ACCOUNT] = { 20, 10, 60, true, LOGINS },
    [THROTTLE_DEVICE] = { 5, 30, 600, true, LOGINS },
    [THROTTLE_LETTERS] = { 20, 60, 3600, false, LOGINS },
    [THROTTLE_MAILBOX] = { 5, 600, 86400, false, LOGINS },
    [THROTTLE_RESEND] = { 3, 60, 3600, false, "mail-throttled",
                          "the mail was sent again several times already: look for it among "
                          "unwanted mail too, and wait before the next one" },
    [THROTTLE_REVOKE] = { 30, 10, 3600, false, "revoke-throttled",
                          "too many secrets came from this address: wait before the next one" },
};

/* One customer of a network has a whole /64 of IPv6 addresses. */
static struct slice network_of(struct slice address, char text[INET6_ADDRSTRLEN])
{
    struct in6_addr bytes;

    if (address.size == 0 || address.size >= INET6_ADDRSTRLEN)
        return address;
    memcpy(text, address.at, address.size);
    text[address.size] = '\0';
    if (inet_pton(AF_INET6, text, &bytes) != 1 || IN6_IS_ADDR_V4MAPPED(&bytes))
        return address;
    memset(&bytes.s6_addr[8], 0, 8);
    inet_ntop(AF_INET6, &bytes, text, INET6_ADDRSTRLEN);
    return slice_of(text);
}

static bool first_is_address(enum throttle_kind kind)
{
    return kind == THROTTLE_ADDRESS || kind == THROTTLE_PAIR || kind == THROTTLE_LETTERS ||
           kind == THROTTLE_REVOKE;
}

/* Of kind, first and second; a zero cannot stand in either. */
static void subject_of(const struct throttle *t, uint8_t subject[STORE_SHA256_SIZE])
{
    uint8_t kind = (uint8_t)t->kind;
    char text[INET6_ADDRSTRLEN];
    struct slice first = first_is_address(t->kind) ? network_of(t->first, text) : t->first;
    crypto_hash_sha256_state state;

    crypto_hash_sha256_init(&state);
    crypto_hash_sha256_update(&state, &kind, 1);
    crypto_hash_sha256_update(&state, (const uint8_t *)first.at, first.size);
    crypto_hash_sha256_update(&state, (const uint8_t *)"", 1);
    crypto_hash_sha256_update(&state, (const uint8_t *)t->second.at, t->second.size);
    crypto_hash_sha256_final(&state, subject);
}

static void count_one(struct store_throttle *row, const struct rule *rule, uint64_t now_ns)
{
    uint64_t block_s = rule->first_s;

    row->failure_count++;
    row->last_at_ns = now_ns;
    if (row->failure_count <= rule->free)
        return;
    for (uint32_t i = rule->free + 1; i < row->failure_count && block_s < rule->most_s; i++)
        block_s *= 2;
    if (block_s > rule->most_s)
        block_s = rule->most_s;
    row->blocked_until_ns = now_ns + block_s * NS_PER_S;
}

static enum err row_read(struct store_tx *tx, const struct throttle *t, uint64_t now_ns,
                         struct store_throttle *row)
{
    enum err e;

    subject_of(t, row->subject);
    TRY(store_throttle_get(tx, row));
    if (row->last_at_ns + QUIET_NS < now_ns && row->blocked_until_ns <= now_ns)
        row->failure_count = 0;
out:
    return e;
}

static void blocked_say(const struct rule *rule, uint64_t until_ns, uint64_t now_ns,
                        struct refusal *refusal)
{
    unsigned seconds = (unsigned)((until_ns - now_ns) / NS_PER_S) + 1;

    if (seconds > refusal->retry_s)
        refusal->retry_s = seconds;
    if (!refusal_is(refusal))
        refusal_add(refusal, REFUSAL_THROTTLED, rule->code, "%s", rule->words);
}

enum err throttle_take(struct authority *a, struct store_tx *tx, const struct throttle *throttles,
                       size_t count, struct refusal *refusal)
{
    uint64_t now_ns = a->now_ns();
    struct store_throttle row;
    enum err e = OK;

    if (now_ns > 2 * QUIET_NS)
        TRY(store_throttles_expire(tx, now_ns - 2 * QUIET_NS));
    for (size_t i = 0; i < count; i++) {
        TRY(row_read(tx, &throttles[i], now_ns, &row));
        if (now_ns < row.blocked_until_ns)
            blocked_say(&rules[throttles[i].kind], row.blocked_until_ns, now_ns, refusal);
    }
    for (size_t i = 0; i < count && !refusal_is(refusal); i++) {
        TRY(row_read(tx, &throttles[i], now_ns, &row));
        count_one(&row, &rules[throttles[i].kind], now_ns);
        TRY(store_throttle_set(tx, &row));
    }
out:
    return e;
}

enum err throttle_forgive(struct store_tx *tx, const struct throttle *throttles, size_t count)
{
    struct store_throttle row;
    enum err e = OK;

    for (size_t i = 0; i < count; i++) {
        const struct rule *rule = &rules[throttles[i].kind];

        TRY(row_read(tx, &throttles[i], 0, &row));
        if (rule->begins_anew)
            row.failure_count = 0;
        else if (row.failure_count > 0)
            row.failure_count--;
        if (row.failure_count <= rule->free)
            row.blocked_until_ns = 0;
        TRY(store_throttle_set(tx, &row));
    }
out:
    return e;
}
