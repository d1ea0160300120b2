#include "../test.h"

#include "packs.h"

static unsigned deltas_count(const struct library *l)
{
    struct pack_entry entry;
    unsigned count = 0;

    for (uint32_t i = 0; i < l->index.count; i++)
        count +=
            pack_entry_read(slice_from(buffer_slice(&l->pack), l->index.offsets[i]), 20, &entry) &&
            pack_entry_is_delta(&entry);
    return count;
}

TEST(every_object_is_told_once_and_as_libgit2_has_it)
{
    struct library l;

    library_open(&l);
    assert_true(deltas_count(&l) > FAMILIES * VERSIONS / 2);
    for (unsigned threads = 1; threads <= 3; threads++) {
        struct tally tallies[3] = { 0 };
        struct pack_visitor v = visitor_of(tallies, threads);
        uint32_t unreached;

        tallies[0].odb = l.odb; /* one thread only asks it */
        assert_int_equal(pack_walk(buffer_slice(&l.pack), &l.index, &v, &unreached), OK);
        assert_int_equal(tallies[0].told + tallies[1].told + tallies[2].told, FAMILIES * VERSIONS);
        assert_int_equal(tallies[0].faults + tallies[1].faults + tallies[2].faults, 0);
        assert_int_equal(unreached, 0);
        assert_false(tallies[0].differs);
    }
    library_close(&l);
}

/* Whatever byte is another one, each object is told, or it is said that it was not. */
TEST(damage_is_said_and_nothing_is_left_out_silently)
{
    struct library l;
    size_t silent = 0, same = 0;

    library_open(&l);
    for (size_t at = 12; at + 20 < l.pack.size; at += 23) {
        struct tally tally = { .odb = NULL };
        struct pack_visitor v = visitor_of(&tally, 1);
        uint32_t unreached;

        l.pack.at[at] ^= 0x55;
        assert_int_equal(pack_walk(buffer_slice(&l.pack), &l.index, &v, &unreached), OK);
        assert_int_equal(tally.told + tally.faults + unreached, FAMILIES * VERSIONS);
        silent += tally.faults + unreached == 0;
        same++;
        l.pack.at[at] ^= 0x55;
    }
    /* A type may become another, which only a hash would tell. */
    assert_true(silent * 100 <= same * 5);
    library_close(&l);
}

TEST(a_pack_that_is_cut_or_none_is_refused)
{
    struct tally tally = { .odb = NULL };
    struct pack_visitor v = visitor_of(&tally, 1);
    struct pack_index index = { .id_bytes = 20 };
    uint32_t unreached;

    assert_int_equal(pack_walk(SLICE("PACK"), &index, &v, &unreached), ERR_MALFORMED);
    assert_int_equal(
        pack_walk(SLICE("PICK\0\0\0\2\0\0\0\0aaaaaaaaaaaaaaaaaaaa"), &index, &v, &unreached),
        ERR_MALFORMED);
    assert_int_equal(
        pack_walk(SLICE("PACK\0\0\0\4\0\0\0\0aaaaaaaaaaaaaaaaaaaa"), &index, &v, &unreached),
        ERR_MALFORMED);
}

static struct tally craft_walk(struct craft *c, uint64_t held_most, uint32_t *unreached)
{
    struct tally tally = { .odb = NULL };
    struct pack_visitor v = visitor_of(&tally, 1);

    v.held_most = held_most;
    craft_end(c);
    assert_int_equal(pack_walk(buffer_slice(&c->pack), &c->index, &v, unreached), OK);
    buffer_wipe(&c->pack);
    return tally;
}

TEST(a_chain_of_any_length_holds_two_objects)
{
    struct tally tally;
    uint32_t unreached;

    craft_begin(&craft);
    craft_add(&craft, PACK_BLOB, 0, (struct slice){ hundred, sizeof hundred });
    for (uint32_t i = 1; i < 5000; i++)
        craft_add(&craft, i % 2 ? PACK_OFS_DELTA : PACK_REF_DELTA, i - 1, COPY_100);
    tally = craft_walk(&craft, 250, &unreached);
    assert_int_equal(tally.told, 5000);
    assert_int_equal(tally.faults + unreached, 0);
    assert_int_equal(tally.bytes, 500000);
}

TEST(cycles_and_bases_that_are_elsewhere_are_counted)
{
    struct tally tally;
    uint32_t unreached;

    craft_begin(&craft);
    craft_add(&craft, PACK_BLOB, 0, (struct slice){ hundred, sizeof hundred });
    craft_add(&craft, PACK_REF_DELTA, 1, COPY_100); /* itself */
    craft_add(&craft, PACK_REF_DELTA, 3, COPY_100); /* each other */
    craft_add(&craft, PACK_REF_DELTA, 2, COPY_100);
    craft_add(&craft, PACK_REF_DELTA, 5999, COPY_100); /* a thin pack */
    craft_add(&craft, PACK_REF_DELTA, 4, COPY_100);
    tally = craft_walk(&craft, 1 << 20, &unreached);
    assert_int_equal(tally.told, 1);
    assert_int_equal(tally.faults, 0);
    assert_int_equal(unreached, 5);
}

TEST(what_takes_more_than_may_be_held_is_said)
{
    struct tally tally;
    uint32_t unreached;

    craft_begin(&craft);
    craft_add(&craft, PACK_BLOB, 0, (struct slice){ hundred, sizeof hundred });
    for (uint32_t i = 1; i < 10; i++) {
        craft_add(&craft, PACK_OFS_DELTA, i == 1 ? 0 : i - 2, COPY_100); /* two each */
    }
    tally = craft_walk(&craft, 250, &unreached);
    assert_true(tally.faults > 0);
    assert_string_equal(tally.why, "is too large");
    assert_int_equal(tally.told + tally.faults + unreached, 10);
}

TEST(a_delta_that_lies_is_said)
{
    static const struct slice lies[] = {
        { "\x63\x64\x90\x64", 4 },         /* of another base */
        { "\x64\x65\x90\x64", 4 },         /* makes less than it says */
        { "\x64\x63\x90\x64", 4 },         /* and more */
        { "\x64\xff\xff\xff\xff\x7f", 6 }, /* huge */
        { "\x64", 1 },
        { "", 0 },
    };
    struct tally tally;
    uint32_t unreached;

    craft_begin(&craft);
    craft_add(&craft, PACK_TREE, 0, (struct slice){ hundred, sizeof hundred });
    for (uint32_t i = 0; i < sizeof lies / sizeof *lies; i++)
        craft_add(&craft, PACK_OFS_DELTA, 0, lies[i]);
    tally = craft_walk(&craft, 1 << 20, &unreached);
    assert_int_equal(tally.told, 1);
    assert_int_equal(tally.faults, sizeof lies / sizeof *lies);
}

TEST_MAIN
