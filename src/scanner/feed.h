/* scanner/feed.h: a stream of bytes, cut into blocks for the matcher
 *
 * Whatever is scanned, a file, a member of an archive, an object of a repository, is one feed: its
 * bytes come in pieces of any size, and a key is found wherever the pieces meet.
 */
#ifndef SCANNER_FEED_H
#define SCANNER_FEED_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"
#include "scanner/excerpt.h"
#include "scanner/matcher.h"
#include "scanner/object_part.h"

enum {
    FEED_BLOCK_SIZE = 1024 * 1024,
    FEED_ROOM = EXCERPT_BACK + FEED_BLOCK_SIZE + EXCERPT_AHEAD,
};

/* `part` has the match, and as much around it as the block: enough for an excerpt. */
typedef bool feed_found(void *context, const struct match *match, uint64_t line,
                        struct object_part *part);

struct feed {
    struct matcher *matcher;
    char *block; /* `room` bytes, the caller's */
    size_t room;
    size_t size, most; /* bytes in it now, and at most until now */
    size_t back;       /* the first of them, which were scanned before */
    uint64_t offset;   /* of the block */
    uint64_t line;     /* in which the bytes behind those begin, from 1 */
    struct object_part part; /* the block, as its matches are told */
    feed_found *found;
    void *context;
};

/* `block`: FEED_ROOM bytes or more, of which it has `room`. */
void feed_begin(struct feed *feed, struct matcher *matcher, char *block, size_t room,
                feed_found *found, void *context);

void feed_bytes(struct feed *feed, struct slice bytes);

/* Room for the next piece, to read straight into it; feed_filled says how much came. */
char *feed_room(struct feed *feed, size_t *room);
void feed_filled(struct feed *feed, size_t size);

/* Line feeds in so many bytes. */
uint64_t lines_before(const char *at, size_t size);

/* What is left is scanned; the block is wiped. */
void feed_end(struct feed *feed);

#endif
