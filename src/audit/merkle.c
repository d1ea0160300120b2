/* One-shot SHA256() of OpenSSL 3 looks its algorithm up each time and takes three times as long for
 * two blocks; the functions below are the ones it ends in. */
#define OPENSSL_SUPPRESS_DEPRECATED

#include "audit/merkle.h"

#include <assert.h>
#include <openssl/sha.h>
#include <string.h>

void merkle_leaf(struct slice record, struct merkle_hash *leaf)
{
    static const uint8_t prefix = 0;
    SHA256_CTX state;

    SHA256_Init(&state);
    SHA256_Update(&state, &prefix, 1);
    SHA256_Update(&state, record.at, record.size);
    SHA256_Final(leaf->bytes, &state);
}

void merkle_node(const struct merkle_hash *left, const struct merkle_hash *right,
                 struct merkle_hash *node)
{
    uint8_t both[1 + 2 * MERKLE_HASH_SIZE] = { 1 };
    SHA256_CTX state;

    memcpy(both + 1, left->bytes, MERKLE_HASH_SIZE);
    memcpy(both + 1 + MERKLE_HASH_SIZE, right->bytes, MERKLE_HASH_SIZE);
    SHA256_Init(&state);
    SHA256_Update(&state, both, sizeof both);
    SHA256_Final(node->bytes, &state);
}

bool merkle_equal(const struct merkle_hash *a, const struct merkle_hash *b)
{
    return memcmp(a->bytes, b->bytes, MERKLE_HASH_SIZE) == 0;
}

void merkle_frontier_init(struct merkle_frontier *frontier)
{
    *frontier = (struct merkle_frontier){ 0 };
}

void merkle_append(struct merkle_frontier *frontier, const struct merkle_hash *leaf)
{
    struct merkle_hash hash = *leaf;
    unsigned height = 0;

    assert(frontier->size < (UINT64_C(1) << MERKLE_HEIGHT_MOST) - 1);
    for (; frontier->size >> height & 1; height++)
        merkle_node(&frontier->peak[height], &hash, &hash);
    frontier->peak[height] = hash;
    frontier->size++;
}

void merkle_root(const struct merkle_frontier *frontier, struct merkle_hash *root)
{
    bool started = false;

    /* The tree is complete subtrees side by side, the smallest at the right, where folding begins.
     */
    for (unsigned height = 0; height < MERKLE_HEIGHT_MOST; height++) {
        if ((frontier->size >> height & 1) == 0)
            continue;
        if (started)
            merkle_node(&frontier->peak[height], root, root);
        else
            *root = frontier->peak[height];
        started = true;
    }
    if (!started) {
        SHA256_CTX state;

        SHA256_Init(&state);
        SHA256_Final(root->bytes, &state);
    }
}

void merkle_fold(const struct merkle_hash *hashes, size_t count, struct merkle_hash *root)
{
    struct merkle_hash row[128];

    assert(count > 0 && count <= 256 && (count & (count - 1)) == 0);
    if (count == 1) {
        *root = hashes[0];
        return;
    }
    for (size_t i = 0; i < count / 2; i++)
        merkle_node(&hashes[2 * i], &hashes[2 * i + 1], &row[i]);
    for (count /= 2; count > 1; count /= 2)
        for (size_t i = 0; i < count / 2; i++)
            merkle_node(&row[2 * i], &row[2 * i + 1], &row[i]);
    *root = row[0];
}
