/* venue/book_feed.h: how a book changed, and a number to check it by
 *
 * A client keeps the rows of a channel's window by what it is told.  Here two states of a window
 * become the rows to tell: after them the client has exactly the second state, so a level that
 * better ones push out of the window is taken back like one that was deleted.
 *
 * Source: reference of the venue's WebSocket API, 6.3, 6.4, 7.
 * Pure.
 */
#ifndef VENUE_BOOK_FEED_H
#define VENUE_BOOK_FEED_H

#include "venue/depth.h"

/* One side of a window, best first. */
struct book_side {
    struct depth_row rows[DEPTH_LENGTH_MOST];
    size_t count;
};

/* What depth_row_put prints for each change, what goes before what comes; returns how many. */
#define BOOK_CHANGES_MOST (2 * DEPTH_LENGTH_MOST)
size_t book_changes(enum depth_precision precision, bool bid, const struct book_side *before,
                    const struct book_side *after, struct depth_row changes[BOOK_CHANGES_MOST]);

/* CRC-32 over the 25 best of both sides, as they are printed. */
int32_t book_checksum(enum depth_precision precision, const struct book_side *bids,
                      const struct book_side *asks);

#endif
