#include "../test.h"

#include <stdlib.h>

#include "base/fixed.h"
#include "venue/book_feed.h"

static struct depth_row row(const char *price, uint64_t count, const char *amount)
{
    struct depth_row made = { .count = count };

    assert_true(fixed_parse(slice_of(price), &made.price));
    assert_true(fixed_parse(slice_of(amount), &made.amount));
    return made;
}

/* The vector of the official Go client, made from a live book. */
TEST(the_checksum_is_that_of_the_venue)
{
    static const char *const bids[][2] = {
        { "0.0000011", "266122.94" },        { "0.00000109", "500793.10790141" },
        { "0.00000108", "776367.43" },       { "0.00000107", "23329.54842056" },
        { "0.00000106", "116868.87735849" }, { "0.00000105", "205000" },
        { "0.00000103", "227308.25386407" }, { "0.00000102", "105000" },
        { "0.00000101", "2970" },            { "0.000001", "21000" },
        { "7e-7", "10000" },                 { "6.6e-7", "10000" },
        { "6e-7", "100000" },                { "4.9e-7", "10000" },
        { "2.5e-7", "2000" },                { "6e-8", "100000" },
        { "5e-8", "200000" },                { "1e-8", "640000" },
    };
    static const char *const asks[][2] = {
        { "0.00000111", "-4847.13" },        { "0.00000112", "-528102.69042633" },
        { "0.00000113", "-302397.07" },      { "0.00000114", "-339088.93" },
        { "0.00000126", "-245944.06" },      { "0.00000127", "-5000" },
        { "0.0000013", "-5000" },            { "0.00000134", "-8249.18938656" },
        { "0.00000136", "-13161.25184766" }, { "0.00000145", "-2914" },
        { "0.0000015", "-54448.5" },         { "0.00000152", "-5538.54849594" },
        { "0.00000153", "-62691.75475079" }, { "0.00000159", "-2914" },
        { "0.0000016", "-52631.10296831" },  { "0.00000164", "-4000" },
        { "0.00000166", "-3831.46784605" },  { "0.00000171", "-14575.17730379" },
        { "0.00000174", "-3124.81815395" },  { "0.0000018", "-18000" },
        { "0.00000182", "-16000" },          { "0.00000186", "-4000" },
        { "0.00000189", "-10000.686624" },   { "0.00000191", "-14500" },
        { "0.00000193", "-2422" },
    };
    static struct book_side sides[2];

    for (size_t i = 0; i < sizeof bids / sizeof *bids; i++)
        sides[0].rows[sides[0].count++] = row(bids[i][0], 1, bids[i][1]);
    for (size_t i = 0; i < sizeof asks / sizeof *asks; i++)
        sides[1].rows[sides[1].count++] = row(asks[i][0], 1, asks[i][1]);
    assert_int_equal(book_checksum(DEPTH_P0, &sides[0], &sides[1]), -1175357890);

    /* Nothing behind the 25th counts. */
    sides[1].rows[sides[1].count++] = row("0.00000194", 1, "-1");
    assert_int_equal(book_checksum(DEPTH_P0, &sides[0], &sides[1]), -1175357890);
}

/* zlib's CRC-32 of "7:1:9:-2:8:3" and of nothing. */
TEST(raw_books_are_checked_by_id_and_empty_ones_are_zero)
{
    static struct book_side bids, asks;

    assert_int_equal(book_checksum(DEPTH_R0, &bids, &asks), 0);
    bids = (struct book_side){ .count = 2 };
    bids.rows[0] = row("100", 7, "1");
    bids.rows[1] = row("99", 8, "3");
    asks = (struct book_side){ .count = 1 };
    asks.rows[0] = row("101", 9, "-2");
    assert_int_equal(book_checksum(DEPTH_R0, &bids, &asks), 878376432);
}

/* ---- Changes ---- */

static bool rows_equal(const struct depth_row *a, const struct depth_row *b)
{
    return a->price == b->price && a->count == b->count && a->amount == b->amount;
}

/* A client's book: what it is told is all that it knows. */
struct kept {
    struct depth_row rows[BOOK_CHANGES_MOST];
    size_t count;
};

static void kept_take(struct kept *kept, enum depth_precision precision,
                      const struct depth_row *change)
{
    bool raw = precision == DEPTH_R0;
    bool gone = raw ? change->price == 0 : change->count == 0;
    size_t at = 0;

    while (at < kept->count && (raw ? kept->rows[at].count != change->count
                                    : kept->rows[at].price != change->price))
        at++;
    if (gone)
        assert_true(at < kept->count); /* nothing is taken back that was not there */
    if (at < kept->count)
        kept->rows[at] = kept->rows[--kept->count];
    if (!gone)
        kept->rows[kept->count++] = *change;
}

static void changes_follow(enum depth_precision precision, bool bid,
                           const struct book_side *before, const struct book_side *after)
{
    struct depth_row changes[BOOK_CHANGES_MOST];
    size_t count = book_changes(precision, bid, before, after, changes);
    struct kept kept = { .count = before->count };

    memcpy(kept.rows, before->rows, before->count * sizeof *before->rows);
    for (size_t i = 0; i < count; i++) {
        assert_true((changes[i].amount > 0) == bid);
        kept_take(&kept, precision, &changes[i]);
    }
    assert_int_equal(kept.count, after->count);
    for (size_t i = 0; i < after->count; i++) {
        size_t at = 0;

        while (at < kept.count && !rows_equal(&kept.rows[at], &after->rows[i]))
            at++;
        assert_true(at < kept.count);
    }
}

/* A random window of `length` rows over a small range, so that states overlap in all ways. */
static void side_draw(enum depth_precision precision, bool bid, size_t length,
                      struct book_side *side)
{
    static unsigned short state[3] = { 4, 5, 6 };
    uint64_t id = 1;

    side->count = 0;
    for (int64_t step = 0; step < 40 && side->count < length; step++) {
        int64_t price = (bid ? 100 - step / 2 : 100 + step / 2) * FIXED_ONE;

        if (nrand48(state) % 3 == 0)
            continue;
        if (precision != DEPTH_R0 && step % 2 == 1)
            continue;
        id += 1 + (uint64_t)nrand48(state) % 2;
        side->rows[side->count++] = (struct depth_row){
            .price = price,
            .count = precision == DEPTH_R0 ? id : 1 + (uint64_t)nrand48(state) % 2,
            .amount = (bid ? 1 : -1) * (1 + nrand48(state) % 2) * FIXED_ONE,
        };
    }
}

TEST(who_follows_the_changes_has_the_window)
{
    static struct book_side before, after;
    static const enum depth_precision kinds[] = { DEPTH_P0, DEPTH_R0 };

    for (unsigned run = 0; run < 20000; run++) {
        enum depth_precision precision = kinds[run % 2];
        bool bid = run % 4 < 2;
        size_t length = run % 3 == 0 ? 1 : 10;

        side_draw(precision, bid, length, &before);
        side_draw(precision, bid, length, &after);
        changes_follow(precision, bid, &before, &after);
        assert_int_equal(book_changes(precision, bid, &after, &after,
                                      (struct depth_row[BOOK_CHANGES_MOST]){ 0 }),
                         0);
    }
}

TEST(levels_that_leave_the_window_and_those_that_enter_are_told)
{
    static struct book_side before = { .count = 2 }, after = { .count = 2 };
    struct depth_row changes[BOOK_CHANGES_MOST];

    before.rows[0] = row("100", 1, "1");
    before.rows[1] = row("99", 2, "5");
    after.rows[0] = row("101", 1, "3");
    after.rows[1] = row("100", 1, "1");
    assert_int_equal(book_changes(DEPTH_P0, true, &before, &after, changes), 2);
    assert_true(rows_equal(&changes[0], &(struct depth_row){ 99 * FIXED_ONE, 0, FIXED_ONE, 0 }));
    assert_true(rows_equal(&changes[1], &after.rows[0]));
}

/* Taken back first: the other way round a client would lose it. */
TEST(a_raw_order_at_another_price_goes_before_it_comes)
{
    static struct book_side before = { .count = 1 }, after = { .count = 1 };
    struct depth_row changes[BOOK_CHANGES_MOST];

    before.rows[0] = row("100", 7, "-1");
    after.rows[0] = row("99", 7, "-1");
    assert_int_equal(book_changes(DEPTH_R0, false, &before, &after, changes), 2);
    assert_true(rows_equal(&changes[0], &(struct depth_row){ 0, 7, -FIXED_ONE, 0 }));
    assert_true(rows_equal(&changes[1], &after.rows[0]));
}

TEST_MAIN
