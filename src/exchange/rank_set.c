#include "exchange/rank_set.h"

#include <assert.h>

static uint64_t bit(uint32_t i)
{
    return UINT64_C(1) << (i % 64);
}

void rank_set_add(struct rank_set *set, uint32_t rank)
{
    assert(rank > 0 && rank < PRICE_RANKS);
    set->layer_0[rank / 64] |= bit(rank);
    set->layer_1[rank / 64 / 64] |= bit(rank / 64);
    set->layer_2[rank / 64 / 64 / 64] |= bit(rank / 64 / 64);
}

void rank_set_remove(struct rank_set *set, uint32_t rank)
{
    set->layer_0[rank / 64] &= ~bit(rank);
    if (set->layer_0[rank / 64] != 0)
        return;
    set->layer_1[rank / 64 / 64] &= ~bit(rank / 64);
    if (set->layer_1[rank / 64 / 64] != 0)
        return;
    set->layer_2[rank / 64 / 64 / 64] &= ~bit(rank / 64 / 64);
}

/* The first set bit of a layer at or after `i`, or `end`. */
static uint32_t first_from(const uint64_t *words, uint32_t count, uint32_t i, uint32_t end)
{
    uint32_t word = i / 64;
    uint64_t rest;

    if (word >= count)
        return end;
    rest = words[word] & ~(bit(i) - 1);
    while (rest == 0) {
        if (++word == count)
            return end;
        rest = words[word];
    }
    return word * 64 + (uint32_t)__builtin_ctzll(rest);
}

/* The last set bit of a layer before `i`, or `end`. */
static uint32_t last_before(const uint64_t *words, uint32_t i, uint32_t end)
{
    uint32_t word = i / 64;
    uint64_t rest = i % 64 == 0 ? 0 : words[word] & (bit(i) - 1);

    while (rest == 0) {
        if (word-- == 0)
            return end;
        rest = words[word];
    }
    return word * 64 + 63 - (uint32_t)__builtin_clzll(rest);
}

uint32_t rank_set_above(const struct rank_set *set, uint32_t rank)
{
    uint32_t word = (rank + 1) / 64, group;
    uint64_t rest;

    if (rank + 1 >= PRICE_RANKS)
        return 0;
    rest = set->layer_0[word] & ~(bit(rank + 1) - 1);
    if (rest == 0) {
        /* Look for the next word that is not empty within its group, else for the next group. */
        group = (word + 1) / 64;
        rest = group < RANK_LAYER_1 ? set->layer_1[group] & ~(bit(word + 1) - 1) : 0;
        if (rest == 0) {
            group = first_from(set->layer_2, RANK_LAYER_2, group + 1, UINT32_MAX);
            if (group == UINT32_MAX)
                return 0;
            rest = set->layer_1[group];
        }
        word = group * 64 + (uint32_t)__builtin_ctzll(rest);
        rest = set->layer_0[word];
    }
    return word * 64 + (uint32_t)__builtin_ctzll(rest);
}

uint32_t rank_set_below(const struct rank_set *set, uint32_t rank)
{
    uint32_t word = rank / 64, group;
    uint64_t rest = set->layer_0[word] & (bit(rank) - 1);

    if (rest == 0) {
        group = word / 64;
        rest = set->layer_1[group] & (bit(word) - 1);
        if (rest == 0) {
            group = last_before(set->layer_2, group, UINT32_MAX);
            if (group == UINT32_MAX)
                return 0;
            rest = set->layer_1[group];
        }
        word = group * 64 + 63 - (uint32_t)__builtin_clzll(rest);
        rest = set->layer_0[word];
    }
    return word * 64 + 63 - (uint32_t)__builtin_clzll(rest);
}
