#include "authority/guess.h"

#include "store/factors.h"

enum {
    GUESSES_FREE = 4, /* wrong codes in a row that cost nothing */
    BLOCK_FIRST_S = 60,
    BLOCK_MOST_S = 3600,
};

enum err guess_allow(struct authority *a, struct store_tx *tx, uint64_t account, bool *allowed,
                     struct refusal *refusal)
{
    uint64_t now_ns = a->now_ns();
    struct store_factors row;
    enum err e;

    *allowed = false;
    TRY(store_factors_get(tx, account, &row));
    *allowed = now_ns >= row.blocked_until_ns;
    if (*allowed)
        goto out;
    refusal->retry_s = (unsigned)((row.blocked_until_ns - now_ns) / NS_PER_S) + 1;
    refusal_add(refusal, REFUSAL_THROTTLED, "proof-throttled",
                "too many wrong codes: the next one is looked at in %u s", refusal->retry_s);
out:
    return e;
}

enum err guess_wrong(struct authority *a, struct store_tx *tx, uint64_t account)
{
    uint64_t block_s = BLOCK_FIRST_S;
    struct store_factors row;
    enum err e;

    TRY(store_factors_get(tx, account, &row));
    row.guess_count++;
    if (row.guess_count > GUESSES_FREE) {
        for (uint32_t i = GUESSES_FREE + 1; i < row.guess_count && block_s < BLOCK_MOST_S; i++)
            block_s *= 2;
        if (block_s > BLOCK_MOST_S)
            block_s = BLOCK_MOST_S;
        row.blocked_until_ns = a->now_ns() + block_s * NS_PER_S;
    }
    e = store_factors_set(tx, &row);
out:
    return e;
}

enum err guess_right(struct store_tx *tx, uint64_t account)
{
    struct store_factors row;
    enum err e;

    TRY(store_factors_get(tx, account, &row));
    row.guess_count = 0;
    row.blocked_until_ns = 0;
    e = store_factors_set(tx, &row);
out:
    return e;
}
