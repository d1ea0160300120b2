#include "authority/recovery.h"

#include <assert.h>
#include <ctype.h>
#include <openssl/sha.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "authority/change.h"
#include "authority/event.h"
#include "authority/guess.h"
#include "store/recovery.h"

enum {
    CODE_SIZE = 10, /* 80 bits */
    CODE_CHARACTERS = 16,
    GROUP_SIZE = 4,
    BITS = 5, /* that a character holds */
};

static_assert(CODE_CHARACTERS * BITS == CODE_SIZE * 8, "a character for each five bits");
static_assert(RECOVERY_TEXT_SIZE == CODE_CHARACTERS + CODE_CHARACTERS / GROUP_SIZE,
              "dashes between the groups, and the zero");
static_assert(RECOVERY_HASH_SIZE == SHA256_DIGEST_LENGTH, "the row holds the hash");

/* Crockford's base32: no letter that is mistaken for another or for a digit. */
static const char alphabet[] = "0123456789abcdefghjkmnpqrstvwxyz";

static void code_format(const uint8_t code[CODE_SIZE], char text[RECOVERY_TEXT_SIZE])
{
    size_t size = 0;

    for (unsigned i = 0; i < CODE_CHARACTERS; i++) {
        unsigned value = 0;

        for (unsigned bit = i * BITS; bit < (i + 1) * BITS; bit++)
            value = value << 1 | ((unsigned)code[bit / 8] >> (7 - bit % 8) & 1u);
        if (i > 0 && i % GROUP_SIZE == 0)
            text[size++] = '-';
        text[size++] = alphabet[value];
    }
    text[size] = '\0';
}

static bool code_parse(struct slice text, uint8_t code[CODE_SIZE])
{
    unsigned bits = 0;

    memset(code, 0, CODE_SIZE);
    for (size_t i = 0; i < text.size; i++) {
        char c = (char)tolower((unsigned char)text.at[i]);
        const char *found;

        if (c == '-' || c == ' ')
            continue;
        c = c == 'o' ? '0' : c == 'i' || c == 'l' ? '1' : c;
        found = c == '\0' ? NULL : strchr(alphabet, c);
        if (found == NULL || bits == CODE_SIZE * 8)
            return false;
        for (unsigned k = BITS; k > 0; k--, bits++)
            code[bits / 8] |= (uint8_t)(((found - alphabet) >> (k - 1) & 1) << (7 - bits % 8));
    }
    return bits == CODE_SIZE * 8;
}

enum err recovery_draw(struct store_tx *tx, uint64_t account, struct recovery_codes *codes)
{
    uint8_t code[CODE_SIZE], sha256[RECOVERY_HASH_SIZE];
    enum err e;

    codes->count = 0;
    TRY(store_recovery_clear(tx, account));
    for (size_t i = 0; i < RECOVERY_CODE_COUNT; i++) {
        randombytes_buf(code, sizeof code);
        SHA256(code, sizeof code, sha256);
        TRY(store_recovery_insert(tx, account, sha256));
        code_format(code, codes->text[i]);
    }
    codes->count = RECOVERY_CODE_COUNT;
out:
    sodium_memzero(code, sizeof code);
    return e;
}

static enum err use_tell(struct authority *a, struct store_tx *tx, uint64_t account)
{
    struct event event = { .kind = EVENT_FACTOR_CHANGED, .account = account };
    char what[64];
    uint64_t left;
    enum err e;

    TRY(store_recovery_count(tx, account, &left));
    snprintf(what, sizeof what, "a recovery code was used, %llu are left",
             (unsigned long long)left);
    TRY(change_write(tx, (struct change){ .who = "authority", .what = "recovery code used",
                                          .account = account, .at_ns = a->now_ns(),
                                          .after = json_pack("{s:I}", "left", (json_int_t)left) }));
    event.data = json_pack("{s:s}", "what", what);
    e = event_write(a, tx, &event);
out:
    return e;
}

enum err recovery_spend(struct authority *a, struct store_tx *tx, uint64_t account,
                        struct slice text, struct refusal *refusal)
{
    uint8_t code[CODE_SIZE], sha256[RECOVERY_HASH_SIZE];
    bool allowed, was;
    enum err e;

    TRY(guess_allow(a, tx, account, &allowed, refusal));
    if (!allowed)
        goto out;
    if (!code_parse(text, code)) {
        refusal_add(refusal, REFUSAL_INVALID, "recovery-malformed",
                    "a recovery code has %d letters and digits, like 0abc-1def-2ghj-3kmn",
                    CODE_CHARACTERS);
        goto out;
    }
    SHA256(code, sizeof code, sha256);
    TRY(store_recovery_take(tx, account, sha256, &was));
    if (was) {
        TRY(guess_right(tx, account));
        e = use_tell(a, tx, account);
    } else {
        refusal_add(refusal, REFUSAL_RULE, "recovery-wrong",
                    "this is none of the account's recovery codes, or it was used: each works "
                    "once, and drawing new ones voids the old");
        e = guess_wrong(a, tx, account);
    }
out:
    sodium_memzero(code, sizeof code);
    return e;
}
