#include "audit/proof.h"

#include <assert.h>

/* ---- making ---- */

/* Records [begin, end) of a tree.  RFC 6962 splits a range at the largest power of two below its
 * size, so its left part is always a complete subtree. */
struct range {
    uint64_t begin, end;
};

/* Height of the left part; the range holds two records at least. */
static unsigned left_height(struct range range)
{
    return 63 - (unsigned)__builtin_clzll(range.end - range.begin - 1);
}

static enum err range_root(const struct merkle_source *source, struct range range,
                           struct merkle_hash *root)
{
    uint64_t count = range.end - range.begin;
    struct merkle_hash left, right;
    unsigned height;
    enum err e;

    if ((count & (count - 1)) == 0) {
        height = (unsigned)__builtin_ctzll(count);
        return source->node(source->context, height, range.begin >> height, root);
    }
    height = left_height(range);
    TRY(source->node(source->context, height, range.begin >> height, &left));
    range.begin += UINT64_C(1) << height;
    TRY(range_root(source, range, &right));
    merkle_node(&left, &right, root);
out:
    return e;
}

static enum err hash_add(const struct merkle_source *source, struct range range,
                         struct merkle_proof *proof)
{
    return range_root(source, range, &proof->hash[proof->count++]);
}

/* One step down from the root, to the part that holds record `index`; the other part's hash joins
 * the proof. */
static enum err step_down(const struct merkle_source *source, uint64_t index, struct range *range,
                          struct merkle_proof *proof)
{
    uint64_t middle = range->begin + (UINT64_C(1) << left_height(*range));
    struct range left = { range->begin, middle }, right = { middle, range->end };

    *range = index < middle ? left : right;
    return hash_add(source, index < middle ? right : left, proof);
}

/* Proofs read from the leaf up. */
static void turn_over(struct merkle_proof *proof)
{
    for (size_t i = 0; i < proof->count / 2; i++) {
        struct merkle_hash swap = proof->hash[i];

        proof->hash[i] = proof->hash[proof->count - 1 - i];
        proof->hash[proof->count - 1 - i] = swap;
    }
}

static bool size_is_fine(uint64_t size)
{
    return size > 0 && size < UINT64_C(1) << MERKLE_HEIGHT_MOST;
}

enum err proof_root(const struct merkle_source *source, uint64_t size, struct merkle_hash *root)
{
    assert(size_is_fine(size));
    return range_root(source, (struct range){ 0, size }, root);
}

enum err proof_inclusion(const struct merkle_source *source, uint64_t index, uint64_t size,
                         struct merkle_proof *proof)
{
    struct range range = { 0, size };
    enum err e = OK;

    assert(size_is_fine(size) && index < size);
    proof->count = 0;
    while (range.end - range.begin > 1)
        TRY(step_down(source, index, &range, proof));
    turn_over(proof);
out:
    return e;
}

enum err proof_consistency(const struct merkle_source *source, uint64_t old_size, uint64_t size,
                           struct merkle_proof *proof)
{
    struct range range = { 0, size };
    enum err e = OK;

    assert(size_is_fine(size) && old_size > 0 && old_size <= size);
    proof->count = 0;
    /* Down to the part that ends where the old tree did. */
    while (range.end != old_size)
        TRY(step_down(source, old_size - 1, &range, proof));
    /* It is the old tree itself when it begins where that did: then its root is known already. */
    if (range.begin > 0)
        TRY(hash_add(source, range, proof));
    turn_over(proof);
out:
    return e;
}

/* ---- checking ---- */

bool proof_includes(const struct merkle_proof *proof, uint64_t index,
                    const struct merkle_hash *leaf, uint64_t size, const struct merkle_hash *root)
{
    struct merkle_hash hash = *leaf;
    uint64_t node = index, last = size - 1;

    if (index >= size)
        return false;
    for (size_t i = 0; i < proof->count; i++) {
        if (last == 0)
            return false;
        if ((node & 1) == 1 || node == last) {
            merkle_node(&proof->hash[i], &hash, &hash);
            /* The last node of a row rises as it is where it has no neighbour. */
            for (; (node & 1) == 0 && node != 0; last >>= 1)
                node >>= 1;
        } else {
            merkle_node(&hash, &proof->hash[i], &hash);
        }
        node >>= 1;
        last >>= 1;
    }
    return last == 0 && merkle_equal(&hash, root);
}

/* From the node that ends the old tree to both roots; `next` is the first hash beside the way. */
static bool extends_from(const struct merkle_proof *proof, size_t next, struct merkle_hash start,
                         uint64_t node, uint64_t last, const struct merkle_hash *old_root,
                         const struct merkle_hash *root)
{
    struct merkle_hash old = start, new = start;

    for (; next < proof->count; next++) {
        const struct merkle_hash *beside = &proof->hash[next];

        if (last == 0)
            return false;
        if ((node & 1) == 1 || node == last) {
            merkle_node(beside, &old, &old);
            merkle_node(beside, &new, &new);
            for (; (node & 1) == 0 && node != 0; last >>= 1)
                node >>= 1;
        } else {
            merkle_node(&new, beside, &new);
        }
        node >>= 1;
        last >>= 1;
    }
    return last == 0 && merkle_equal(&old, old_root) && merkle_equal(&new, root);
}

bool proof_extends(const struct merkle_proof *proof, uint64_t old_size,
                   const struct merkle_hash *old_root, uint64_t size,
                   const struct merkle_hash *root)
{
    uint64_t node = old_size - 1, last = size - 1;

    if (old_size > size)
        return false;
    if (old_size == size)
        return proof->count == 0 && merkle_equal(old_root, root);
    if (old_size == 0) {
        struct merkle_frontier nothing = { 0 };
        struct merkle_hash empty;

        merkle_root(&nothing, &empty);
        return proof->count == 0 && merkle_equal(old_root, &empty);
    }
    /* The largest complete subtree that ends the old tree is where both ways begin.  When it is the
     * whole old tree, its root needs no telling. */
    for (; (node & 1) == 1; last >>= 1)
        node >>= 1;
    if ((old_size & (old_size - 1)) == 0)
        return extends_from(proof, 0, *old_root, node, last, old_root, root);
    return proof->count > 0 &&
           extends_from(proof, 1, proof->hash[0], node, last, old_root, root);
}
