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
                    f->line + lines_before(f->block + f->back,
                                           (size_t)(match->offset - f->offset) - f->back),
                    &f->part);
}

void feed_begin(struct feed *feed, struct matcher *matcher, char *block, size_t room,
                feed_found *found, void *context)
{
    *feed = (struct feed){ .matcher = matcher,
                           .block = block,
                           .room = room,
                           .line = 1,
                           .found = found,
                           .context = context };
}

/* Scans all but the last `ahead` bytes, which begin the next block with some before them. */
static void block_scan(struct feed *f, size_t ahead)
{
    struct slice unseen = { f->block + f->back, f->size - f->back };
    size_t fresh = unseen.size - ahead, kept = fresh < EXCERPT_BACK ? fresh : EXCERPT_BACK;

    f->part = (struct object_part){ .bytes = { f->block, f->size },
                                    .from = f->offset,
                                    .is_whole = f->offset == 0 && ahead == 0 };
    matcher_scan(f->matcher, unseen, fresh, f->offset + f->back, match_place, f);
    f->line += lines_before(unseen.at, fresh);
    f->offset += f->back + fresh - kept;
    f->size = kept + ahead;
    memmove(f->block, unseen.at + fresh - kept, f->size);
    f->back = kept;
}

char *feed_room(struct feed *feed, size_t *room)
{
    *room = feed->room - feed->size;
    return feed->block + feed->size;
}

void feed_filled(struct feed *feed, size_t size)
{
    feed->size += size;
    if (feed->most < feed->size)
        feed->most = feed->size;
    if (feed->size == feed->room)
        block_scan(feed, EXCERPT_AHEAD);
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
    if (feed->size > feed->back)
        block_scan(feed, 0);
    explicit_bzero(feed->block, feed->most);
}
