#include "audit/merkle.h"

#include "../test.h"

#include "base/hex.h"

/* The inputs and roots that Certificate Transparency implementations test with (RFC 6962 in
 * certificate-transparency-go, merkle/testonly). */
static const struct {
    const char *hex;
    const char *root; /* of the tree that ends with this leaf */
} vectors[] = {
    { "", "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d" },
    { "00", "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125" },
    { "10", "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77" },
    { "2021", "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7" },
    { "3031", "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4" },
    { "40414243", "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef" },
    { "5051525354555657", "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c" },
    { "606162636465666768696a6b6c6d6e6f",
      "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328" },
};

static void hash_is(const struct merkle_hash *hash, const char *hex)
{
    char text[2 * MERKLE_HASH_SIZE + 1];

    hex_format(hash->bytes, MERKLE_HASH_SIZE, text);
    assert_string_equal(text, hex);
}

TEST(nothing_hashes_to_the_hash_of_nothing)
{
    struct merkle_frontier frontier;
    struct merkle_hash root;

    merkle_frontier_init(&frontier);
    merkle_root(&frontier, &root);
    hash_is(&root, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(roots_are_those_of_other_implementations)
{
    struct merkle_frontier frontier;

    merkle_frontier_init(&frontier);
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
        struct slice hex = slice_of(vectors[i].hex);
        struct merkle_hash leaf, root;
        uint8_t bytes[16];

        assert_true(hex_parse(hex, bytes, hex.size / 2));
        merkle_leaf((struct slice){ (char *)bytes, hex.size / 2 }, &leaf);
        merkle_append(&frontier, &leaf);
        merkle_root(&frontier, &root);
        hash_is(&root, vectors[i].root);
    }
}

/* RFC 6962's own recursive definition, which the frontier must agree with at every size. */
static struct merkle_hash root_by_definition(const struct merkle_hash *leaves, size_t count)
{
    struct merkle_hash left, right, root;
    size_t split = 1;

    if (count == 1)
        return leaves[0];
    while (split * 2 < count)
        split *= 2;
    left = root_by_definition(leaves, split);
    right = root_by_definition(leaves + split, count - split);
    merkle_node(&left, &right, &root);
    return root;
}

TEST(the_frontier_agrees_with_the_definition_at_every_size)
{
    struct merkle_hash leaves[600], root, expected;
    struct merkle_frontier frontier;

    merkle_frontier_init(&frontier);
    for (size_t i = 0; i < 600; i++) {
        merkle_leaf((struct slice){ (char *)&i, sizeof i }, &leaves[i]);
        merkle_append(&frontier, &leaves[i]);
        merkle_root(&frontier, &root);
        expected = root_by_definition(leaves, i + 1);
        assert_true(merkle_equal(&root, &expected));
    }
    for (size_t count = 1; count <= 256; count *= 2) {
        merkle_fold(leaves, count, &root);
        expected = root_by_definition(leaves, count);
        assert_true(merkle_equal(&root, &expected));
    }
}

TEST_MAIN
