#include "scanner/feed.h"

#include <string.h>
uint64_t lines_before(const char *at, size_t size)
{
    uint64_t count = 0;
    const char *end = at + size;

    while ((at = memchr(at, '\n', (size_t)(end - at))) != NULL) {
        count++;
        at++;
    }
    return count;
}

static bool match_place(void *context, const struct match *match)
{
    struct feed *f = context;

    return f->found(f->context, match,
                    f->line + lines_before(f->block, (size_t)(match->offset - f->offset)),
                    &f->part);
}

void feed_begin(struct feed *feed, struct matcher *matcher, char *block,
                feed_found *found, void *context)
{
    *feed = (struct feed){
        .matcher = matcher, .block = block, .line = 1, .found = found, .context = context
    };
}

/* The first `fresh` bytes are done with; the rest begins the next block. */
static void block_scan(struct feed *f, size_t fresh)
{
    f->part = (struct object_part){ .bytes = { f->block, f->size },
                                    .from = f->offset,
                                    .is_whole = f->offset == 0 && fresh == f->size };
    matcher_scan(f->matcher, (struct slice){ f->block, f->size }, fresh, f->offset, match_place, f);
    f->offset += fresh;
    f->size -= fresh;
    memmove(f->block, f->block + fresh, f->size);
}

char *feed_room(struct feed *feed, size_t *room)
{
    *room = FEED_BLOCK_SIZE + MATCHER_OVERLAP - feed->size;
    return feed->block + feed->size;
}

void feed_filled(struct feed *feed, size_t size)
{
    feed->size += size;
    if (feed->most < feed->size)
        feed->most = feed->size;
    if (feed->size == FEED_BLOCK_SIZE + MATCHER_OVERLAP) {
        uint64_t lines = lines_before(feed->block, FEED_BLOCK_SIZE);

        block_scan(feed, FEED_BLOCK_SIZE);
        feed->line += lines;
    }
}

void feed_bytes(struct feed *feed, struct slice bytes)
{
    while (bytes.size > 0) {
        size_t room;
        char *at = feed_room(feed, &room);
        size_t size = bytes.size < room ? bytes.size : room;

        memcpy(at, bytes.at, size);
        bytes = slice_from(bytes, size);
        feed_filled(feed, size);
    }
}

void feed_end(struct feed *feed)
{
    if (feed->size > 0)
        block_scan(feed, feed->size);
    explicit_bzero(feed->block, feed->most);
}
