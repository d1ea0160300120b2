#include "venue/book_feed.h"

#include <stdio.h>
#include <zlib.h>

#include "base/fixed.h"

#define CHECKED_ROWS 25

/* < 0: `a` stands before `b`. */
static int row_order(enum depth_precision precision, bool bid, const struct depth_row *a,
                     const struct depth_row *b)
{
    if (a->price != b->price)
        return (a->price > b->price) == bid ? -1 : 1;
    if (precision != DEPTH_R0 && a->period != b->period)
        return a->period < b->period ? -1 : 1;
    if (precision != DEPTH_R0 || a->count == b->count)
        return 0;
    return a->count < b->count ? -1 : 1;
}

static struct depth_row row_gone(enum depth_precision precision, bool bid,
                                 const struct depth_row *row)
{
    return (struct depth_row){ .price = precision == DEPTH_R0 ? 0 : row->price,
                               .count = precision == DEPTH_R0 ? row->count : 0,
                               .amount = bid == (row->period == 0) ? FIXED_ONE : -FIXED_ONE,
                               .period = row->period };
}

size_t book_changes(enum depth_precision precision, bool bid, const struct book_side *before,
                    const struct book_side *after, struct depth_row changes[BOOK_CHANGES_MOST])
{
    size_t count = 0;

    /* All that goes first: a raw order that changed its price goes and comes under one id. */
    for (size_t i = 0, j = 0; i < before->count; i++) {
        while (j < after->count && row_order(precision, bid, &after->rows[j], &before->rows[i]) < 0)
            j++;
        if (j == after->count || row_order(precision, bid, &before->rows[i], &after->rows[j]) != 0)
            changes[count++] = row_gone(precision, bid, &before->rows[i]);
    }
    for (size_t i = 0, j = 0; j < after->count; j++) {
        while (i < before->count &&
               row_order(precision, bid, &before->rows[i], &after->rows[j]) < 0)
            i++;
        if (i == before->count ||
            row_order(precision, bid, &before->rows[i], &after->rows[j]) != 0 ||
            before->rows[i].count != after->rows[j].count ||
            before->rows[i].amount != after->rows[j].amount)
            changes[count++] = after->rows[j];
    }
    return count;
}

/* ":key:amount" */
static uLong row_check(uLong sum, enum depth_precision precision, const struct depth_row *row,
                       bool first)
{
    char key[FIXED_TEXT_SIZE], amount[FIXED_TEXT_SIZE], text[2 * FIXED_TEXT_SIZE + 2];
    int size;

    if (precision == DEPTH_R0)
        snprintf(key, sizeof key, "%llu", (unsigned long long)row->count);
    else
        fixed_format(row->price, key);
    fixed_format(row->amount, amount);
    size = snprintf(text, sizeof text, "%s%s:%s", first ? "" : ":", key, amount);
    return crc32(sum, (const Bytef *)text, (uInt)size);
}

int32_t book_checksum(enum depth_precision precision, const struct book_side *bids,
                      const struct book_side *asks)
{
    uLong sum = crc32(0, NULL, 0);
    bool first = true;

    for (size_t i = 0; i < CHECKED_ROWS; i++) {
        for (int bid = 1; bid >= 0; bid--) {
            const struct book_side *side = bid ? bids : asks;

            if (i >= side->count)
                continue;
            sum = row_check(sum, precision, &side->rows[i], first);
            first = false;
        }
    }
    return (int32_t)(uint32_t)sum;
}
