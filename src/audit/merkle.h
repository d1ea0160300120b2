/* audit/merkle.h: one hash for a whole log
 *
 * A Merkle tree over the records in their order.  Its root commits to every byte and to the order
 * of all of them; the frontier, the roots of the complete subtrees along its right edge, is all one
 * needs to append.
 *
 * Source: RFC 6962 section 2.1 (SHA-256, leaves behind a byte 0, nodes behind a byte 1).
 * Pure: no clock, no allocation, no I/O.
 */
#ifndef AUDIT_MERKLE_H
#define AUDIT_MERKLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

enum {
    MERKLE_HASH_SIZE = 32,
    MERKLE_HEIGHT_MOST = 48, /* 2^48 records: thirty years at a quarter of a million a second */
};

struct merkle_hash {
    uint8_t bytes[MERKLE_HASH_SIZE];
};

struct merkle_frontier {
    uint64_t size; /* leaves */
    /* peak[i] is the root of a complete subtree of 2^i leaves, where bit i of size is set. */
    struct merkle_hash peak[MERKLE_HEIGHT_MOST];
};

void merkle_leaf(struct slice record, struct merkle_hash *leaf);
void merkle_node(const struct merkle_hash *left, const struct merkle_hash *right,
                 struct merkle_hash *node);
bool merkle_equal(const struct merkle_hash *a, const struct merkle_hash *b);

void merkle_frontier_init(struct merkle_frontier *frontier);
/* The tree must hold fewer than 2^MERKLE_HEIGHT_MOST - 1 leaves. */
void merkle_append(struct merkle_frontier *frontier, const struct merkle_hash *leaf);
/* The root of an empty tree is the hash of nothing. */
void merkle_root(const struct merkle_frontier *frontier, struct merkle_hash *root);

/* Root of the complete subtree over `count` neighbouring subtrees of one height; a power of two,
 * at most 256. */
void merkle_fold(const struct merkle_hash *hashes, size_t count, struct merkle_hash *root);

#endif
