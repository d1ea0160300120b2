#include "audit/proof.h"

#include <string.h>

#include "../test.h"

#include "base/hex.h"

enum { LEAVES_MOST = 300 };

static struct merkle_hash leaves[LEAVES_MOST], roots[LEAVES_MOST + 1];

static enum err leaves_node(void *context, unsigned height, uint64_t index,
                            struct merkle_hash *hash)
{
    struct merkle_hash left, right;

    /* Nothing beyond the tree that was asked about may be looked at. */
    assert_true((index + 1) << height <= *(const uint64_t *)context);
    if (height == 0) {
        *hash = leaves[index];
        return OK;
    }
    assert_int_equal(leaves_node(context, height - 1, 2 * index, &left), OK);
    assert_int_equal(leaves_node(context, height - 1, 2 * index + 1, &right), OK);
    merkle_node(&left, &right, hash);
    return OK;
}

/* Leaves of four bytes, and the root at each size by the frontier, which shares no code. */
static void tree_make(void)
{
    struct merkle_frontier frontier;

    merkle_frontier_init(&frontier);
    for (uint32_t i = 0; i < LEAVES_MOST; i++) {
        merkle_leaf((struct slice){ (const char *)&i, sizeof i }, &leaves[i]);
        merkle_root(&frontier, &roots[i]);
        merkle_append(&frontier, &leaves[i]);
    }
    merkle_root(&frontier, &roots[LEAVES_MOST]);
}

static struct merkle_hash hash_of(const char *hex)
{
    struct merkle_hash hash;

    assert_true(hex_parse(slice_of(hex), hash.bytes, MERKLE_HASH_SIZE));
    return hash;
}

/* The tree of eight leaves and its proofs that Certificate Transparency implementations test with
 * (certificate-transparency-go, merkle). */
static const char *const vector_leaves[] = { "", "00", "10", "2021", "3031", "40414243",
                                             "5051525354555657",
                                             "606162636465666768696a6b6c6d6e6f" };
#define H0 "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
#define H1 "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"
#define H01 "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"
#define H23 "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"
#define H0123 "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"
#define H4 "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"
#define H45 "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a"
#define H67 "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"
#define H4567 "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"

static const struct {
    bool is_consistency;
    uint64_t from, size; /* index, or old size */
    const char *hash[4];
} vectors[] = {
    { false, 0, 1, { NULL } },
    { false, 0, 8, { H1, H23, H4567, NULL } },
    { false, 5, 8, { H4, H67, H0123, NULL } },
    { false, 2, 3, { H01, NULL } },
    { false, 1, 5, { H0, H23, H4, NULL } },
    { true, 1, 1, { NULL } },
    { true, 1, 8, { H1, H23, H4567, NULL } },
    { true, 6, 8, { H45, H67, H0123, NULL } },
    { true, 2, 5, { H23, H4, NULL } },
};

TEST(proofs_are_those_of_other_implementations)
{
    for (size_t i = 0; i < 8; i++) {
        struct slice hex = slice_of(vector_leaves[i]);
        uint8_t bytes[16];

        assert_true(hex_parse(hex, bytes, hex.size / 2));
        merkle_leaf((struct slice){ (char *)bytes, hex.size / 2 }, &leaves[i]);
    }
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
        uint64_t size = vectors[i].size;
        struct merkle_source source = { leaves_node, &size };
        struct merkle_proof proof;
        size_t count = 0;

        if (vectors[i].is_consistency)
            assert_int_equal(proof_consistency(&source, vectors[i].from, size, &proof), OK);
        else
            assert_int_equal(proof_inclusion(&source, vectors[i].from, size, &proof), OK);
        for (; vectors[i].hash[count] != NULL; count++) {
            struct merkle_hash expected = hash_of(vectors[i].hash[count]);

            assert_true(count < proof.count);
            assert_true(merkle_equal(&proof.hash[count], &expected));
        }
        assert_int_equal(count, proof.count);
    }
}

TEST(each_record_is_proved_in_a_tree_of_each_size)
{
    tree_make();
    for (uint64_t size = 1; size <= LEAVES_MOST; size++) {
        struct merkle_source source = { leaves_node, &size };
        struct merkle_hash root;

        assert_int_equal(proof_root(&source, size, &root), OK);
        assert_true(merkle_equal(&root, &roots[size]));
        for (uint64_t index = 0; index < size; index++) {
            struct merkle_proof proof;

            assert_int_equal(proof_inclusion(&source, index, size, &proof), OK);
            assert_true(proof_includes(&proof, index, &leaves[index], size, &roots[size]));
        }
    }
}

TEST(each_tree_is_proved_to_begin_each_larger_one)
{
    tree_make();
    for (uint64_t size = 1; size <= LEAVES_MOST; size++) {
        struct merkle_source source = { leaves_node, &size };

        for (uint64_t old = 1; old <= size; old++) {
            struct merkle_proof proof;

            assert_int_equal(proof_consistency(&source, old, size, &proof), OK);
            assert_true(proof_extends(&proof, old, &roots[old], size, &roots[size]));
        }
    }
}

/* Every way to spoil a proof: another hash, one more, one less, another place, size, leaf, root. */
static void inclusion_must_fail(struct merkle_proof proof, uint64_t index, uint64_t size)
{
    const struct merkle_hash *leaf = &leaves[index], *root = &roots[size];

    for (size_t i = 0; i < proof.count; i++) {
        proof.hash[i].bytes[i % MERKLE_HASH_SIZE] ^= 1;
        assert_false(proof_includes(&proof, index, leaf, size, root));
        proof.hash[i].bytes[i % MERKLE_HASH_SIZE] ^= 1;
    }
    assert_false(proof_includes(&proof, index, &leaves[(index + 1) % LEAVES_MOST], size, root));
    assert_false(proof_includes(&proof, index, leaf, size, &roots[size - 1]));
    assert_false(proof_includes(&proof, size, leaf, size, root));
    assert_false(proof_includes(&proof, index, leaf, 0, root));
    if (size > 1)
        assert_false(proof_includes(&proof, (index + 1) % size, leaf, size, root));
    proof.hash[proof.count++] = *root;
    assert_false(proof_includes(&proof, index, leaf, size, root));
    proof.count -= 2;
    if (size > 1)
        assert_false(proof_includes(&proof, index, leaf, size, root));
}

TEST(a_spoiled_inclusion_proof_proves_nothing)
{
    tree_make();
    for (uint64_t size = 1; size <= 70; size++)
        for (uint64_t index = 0; index < size; index++) {
            struct merkle_source source = { leaves_node, &size };
            struct merkle_proof proof;

            assert_int_equal(proof_inclusion(&source, index, size, &proof), OK);
            inclusion_must_fail(proof, index, size);
        }
}

static void consistency_must_fail(struct merkle_proof proof, uint64_t old, uint64_t size)
{
    const struct merkle_hash *old_root = &roots[old], *root = &roots[size];
    struct merkle_hash other = *root;

    for (size_t i = 0; i < proof.count; i++) {
        proof.hash[i].bytes[i % MERKLE_HASH_SIZE] ^= 1;
        assert_false(proof_extends(&proof, old, old_root, size, root));
        proof.hash[i].bytes[i % MERKLE_HASH_SIZE] ^= 1;
    }
    other.bytes[31] ^= 1;
    assert_false(proof_extends(&proof, old, old_root, size, &other));
    other = *old_root;
    other.bytes[0] ^= 0x80;
    assert_false(proof_extends(&proof, old, &other, size, root));
    assert_false(proof_extends(&proof, size + 1, old_root, size, root));
    proof.hash[proof.count++] = *root;
    assert_false(proof_extends(&proof, old, old_root, size, root));
    if (old < size) {
        proof.count -= 2;
        assert_false(proof_extends(&proof, old, old_root, size, root));
    }
}

TEST(a_spoiled_consistency_proof_proves_nothing)
{
    tree_make();
    for (uint64_t size = 1; size <= 70; size++)
        for (uint64_t old = 1; old <= size; old++) {
            struct merkle_source source = { leaves_node, &size };
            struct merkle_proof proof;

            assert_int_equal(proof_consistency(&source, old, size, &proof), OK);
            consistency_must_fail(proof, old, size);
        }
}

TEST(nothing_begins_every_log_and_only_nothing_does)
{
    struct merkle_proof proof = { .count = 0 };

    tree_make();
    assert_true(proof_extends(&proof, 0, &roots[0], 7, &roots[7]));
    assert_true(proof_extends(&proof, 0, &roots[0], 0, &roots[0]));
    assert_false(proof_extends(&proof, 0, &roots[1], 7, &roots[7]));
    assert_false(proof_extends(&proof, 7, &roots[7], 0, &roots[0]));
}

/* A leaf that is the concatenation of two hashes must not pass for the node above them. */
TEST(a_node_is_never_taken_for_a_leaf)
{
    uint64_t size = 4;
    struct merkle_source source = { leaves_node, &size };
    uint8_t both[2 * MERKLE_HASH_SIZE];
    struct merkle_hash leaf;
    struct merkle_proof proof;

    tree_make();
    assert_int_equal(proof_inclusion(&source, 0, size, &proof), OK);
    memcpy(both, leaves[0].bytes, MERKLE_HASH_SIZE);
    memcpy(both + MERKLE_HASH_SIZE, leaves[1].bytes, MERKLE_HASH_SIZE);
    merkle_leaf((struct slice){ (char *)both, sizeof both }, &leaf);
    proof.hash[0] = proof.hash[1];
    proof.count = 1;
    assert_false(proof_includes(&proof, 0, &leaf, 2, &roots[4]));
}

TEST_MAIN
