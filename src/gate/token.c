#include "gate/token.h"

#include <openssl/sha.h>
#include <stdio.h>
#include <string.h>

#include "base/hex.h"

#define BIT(name) SCOPE_BIT(SCOPE_##name)

static const struct {
    const char *text;
    uint32_t read, write;
} caps_known[TOKEN_CAP_COUNT] = {
    [TOKEN_CAP_ACCOUNT] = { "a", BIT(ACCOUNT_READ), BIT(ACCOUNT_WRITE) },
    [TOKEN_CAP_ORDERS] = { "o", BIT(ORDERS_READ), BIT(ORDERS_WRITE) },
    [TOKEN_CAP_FUNDING] = { "f", BIT(FUNDING_READ), BIT(FUNDING_WRITE) },
    [TOKEN_CAP_SETTINGS] = { "s", BIT(SETTINGS_READ), BIT(SETTINGS_WRITE) },
    [TOKEN_CAP_WALLETS] = { "w", BIT(WALLETS_READ) | BIT(HISTORY_READ), BIT(WALLETS_WRITE) },
    [TOKEN_CAP_WITHDRAW] = { "wd", 0, BIT(WITHDRAW_WRITE) },
    [TOKEN_CAP_PAY] = { "bp", 0, 0 },
};

bool token_cap_find(struct slice text, enum token_cap *cap)
{
    for (unsigned i = 0; i < TOKEN_CAP_COUNT; i++) {
        if (slice_is(text, slice_of(caps_known[i].text))) {
            *cap = (enum token_cap)i;
            return true;
        }
    }
    return false;
}

uint32_t token_scopes(unsigned caps, bool may_write)
{
    uint32_t scopes = BIT(DEPTH_READ); /* market data needs no cap at the venue */

    for (unsigned i = 0; i < TOKEN_CAP_COUNT; i++) {
        if ((caps & 1U << i) != 0)
            scopes |= caps_known[i].read | (may_write ? caps_known[i].write : 0);
    }
    return scopes;
}

void token_format(const uint8_t random[TOKEN_RANDOM_SIZE], unsigned caps, bool may_write,
                  char text[TOKEN_TEXT_SIZE])
{
    char hex[2 * TOKEN_RANDOM_SIZE + 1];
    size_t size;

    hex_format(random, TOKEN_RANDOM_SIZE, hex);
    size = (size_t)snprintf(text, TOKEN_TEXT_SIZE, "pub:api:%.8s-%.4s-%.4s-%.4s-%.12s", hex,
                            hex + 8, hex + 12, hex + 16, hex + 20);
    if (caps != 0)
        size += (size_t)snprintf(text + size, TOKEN_TEXT_SIZE - size, "-caps");
    for (unsigned i = 0; i < TOKEN_CAP_COUNT; i++) {
        if ((caps & 1U << i) != 0)
            size += (size_t)snprintf(text + size, TOKEN_TEXT_SIZE - size, ":%s",
                                     caps_known[i].text);
    }
    snprintf(text + size, TOKEN_TEXT_SIZE - size, may_write ? "-write" : "-read");
}

void token_digest(struct slice text, uint64_t digest[2])
{
    uint8_t whole[SHA256_DIGEST_LENGTH];

    SHA256((const uint8_t *)text.at, text.size, whole);
    memcpy(digest, whole, 2 * sizeof digest[0]);
    if (digest[0] < 2)
        digest[0] += 2;
}
