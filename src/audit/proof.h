/* audit/proof.h: that a record is in a log, and that a log only grew
 *
 * An inclusion proof is the hashes beside the way from a leaf to the root; whoever has the leaf can
 * compute the root from them.  A consistency proof is the hashes from which both an older root and
 * a newer one can be computed, so that the newer log must begin with the older.  Both are about log
 * of size, whatever the log's size.
 *
 * Making one needs hashes of the tree, which a caller's function supplies; checking one needs
 * nothing.  The two sides share no code.
 *
 * Sources: RFC 6962 sections 2.1.1 and 2.1.2 (making), RFC 9162 sections 2.1.3.2 and 2.1.4.2
 * (checking).
 * Pure: no clock, no allocation, no I/O but the caller's.
 */
#ifndef AUDIT_PROOF_H
#define AUDIT_PROOF_H

#include "audit/merkle.h"
#include "base/err.h"

enum { PROOF_HASHES_MOST = 63 }; /* as C2SP tlog-witness allows; ours need at most 49 */

struct merkle_proof {
    size_t count;
    struct merkle_hash hash[PROOF_HASHES_MOST];
};

/* Where hashes come from: `node` gives the root of the complete subtree over the 2^height records
 * from index * 2^height on, all of them below the size that is asked about. */
struct merkle_source {
    enum err (*node)(void *context, unsigned height, uint64_t index, struct merkle_hash *hash);
    void *context;
};

/* Sizes are 1 to 2^MERKLE_HEIGHT_MOST - 1.  An error is the source's. */
must_use enum err proof_root(const struct merkle_source *source, uint64_t size,
                             struct merkle_hash *root);

/* Of record `index`, below `size`, in the tree of the first `size` records. */
must_use enum err proof_inclusion(const struct merkle_source *source, uint64_t index, uint64_t size,
                                  struct merkle_proof *proof);

/* Of the tree of the first `old_size` records, 1 to `size`, with that of the first `size`. */
must_use enum err proof_consistency(const struct merkle_source *source, uint64_t old_size,
                                    uint64_t size, struct merkle_proof *proof);

/* Does the proof lead from the leaf to the root?  Any numbers and hashes may be asked about. */
bool proof_includes(const struct merkle_proof *proof, uint64_t index,
                    const struct merkle_hash *leaf, uint64_t size, const struct merkle_hash *root);

/* Does the tree with `root` begin with the tree with `old_root`?  An empty one begins all. */
bool proof_extends(const struct merkle_proof *proof, uint64_t old_size,
                   const struct merkle_hash *old_root, uint64_t size,
                   const struct merkle_hash *root);

#endif
