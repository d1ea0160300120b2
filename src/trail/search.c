#include "trail/search.h"

#include <stdlib.h>

#include "base/log.h"
#include "trail/cursor.h"
#include "trail/query.h"

struct hit {
    uint64_t number, position;
};

struct page {
    const struct trail_query *query;
    struct hit *hit;    /* in the order of the answer */
    size_t count, most; /* one more than the limit: whether there is a next page */
};

static bool hit_take(void *context, uint64_t number, uint64_t position)
{
    struct page *page = context;

    page->hit[page->count++] = (struct hit){ number, position };
    return page->count < page->most;
}

/* Is the record's number one that the page is about? */
static bool is_wanted(const struct trail_query *query, uint64_t number)
{
    return query->forward ? number >= query->from : query->before == 0 || number < query->before;
}

static bool decode(struct slice bytes, struct audit_record *record, struct slice *text)
{
    return record_decode(bytes, record, text) == OK;
}

/* Matches among the records that the index does not have yet, oldest first: when newest are wanted
 * the last `most` in a ring that begins at *start. */
static enum err tail_scan(struct cursor *cursor, const struct retired *retired,
                          const struct index_place *place, uint64_t size, struct page *tail,
                          size_t *start)
{
    bool forward = tail->query->forward;
    struct frame frame;
    enum cursor_step step;

    *start = 0;
    step = place->count <= retired->index ? cursor_enter(cursor, retired->number)
                                          : cursor_seek(cursor, place->position, place->count);
    while (step == CURSOR_RECORD && (step = cursor_next(cursor, size, &frame)) == CURSOR_RECORD) {
        struct hit hit = { frame.index,
                           CURSOR_POSITION(cursor->number, cursor->offset - frame.size) };
        struct audit_record record;
        struct slice text;

        if (!is_wanted(tail->query, frame.index) || !decode(frame.record, &record, &text) ||
            !query_matches(tail->query, &record))
            continue;
        if (tail->count < tail->most) {
            tail->hit[tail->count++] = hit;
        } else if (!forward) {
            tail->hit[*start] = hit;
            *start = (*start + 1) % tail->most;
        }
        if (forward && tail->count == tail->most)
            return OK;
    }
    if (step != CURSOR_END)
        log_error("trail", "search: %s", cursor->problem);
    return step == CURSOR_END ? OK : step == CURSOR_FAILED ? ERR_IO : ERR_CORRUPT;
}

/* The page out of what the index found and what the tail holds. */
static void page_merge(struct page *page, const struct page *tail, size_t start)
{
    size_t indexed = page->count;

    if (page->query->forward) {
        for (size_t i = 0; i < tail->count && page->count < page->most; i++)
            page->hit[page->count++] = tail->hit[i];
        return;
    }
    /* The tail is newer than everything indexed: it pushes the older hits off the page's end. */
    if (indexed > page->most - tail->count)
        indexed = page->most - tail->count;
    memmove(page->hit + tail->count, page->hit, indexed * sizeof *page->hit);
    for (size_t i = 0; i < tail->count; i++)
        page->hit[i] = tail->hit[(start + tail->count - 1 - i) % tail->count];
    page->count = tail->count + indexed;
}

static enum err page_show(struct cursor *cursor, const struct page *page,
                          bool (*each)(void *, const struct trail_row *), void *context,
                          uint64_t *next, bool *more)
{
    size_t shown = page->count < page->query->limit ? page->count : page->query->limit;

    *more = page->count > shown;
    for (size_t i = 0; i < shown; i++) {
        struct trail_row row = { .index = page->hit[i].number };
        struct frame frame;

        if (cursor_fetch(cursor, page->hit[i].position, row.index, &frame) != CURSOR_RECORD ||
            !decode(frame.record, &row.record, &row.text)) {
            log_error("trail", "search: %s", cursor->problem);
            return ERR_CORRUPT;
        }
        *next = page->query->forward ? row.index + 1 : row.index;
        if (!each(context, &row)) {
            *more = *more || i + 1 < shown;
            return OK;
        }
    }
    return OK;
}

enum err search_find(const char *folder, const struct retired *retired, struct index *index,
                     uint64_t size, const struct trail_query *query,
                     bool (*each)(void *context, const struct trail_row *row), void *context,
                     uint64_t *next, bool *more)
{
    struct page page = { .query = query, .most = (size_t)query->limit + 1 }, tail = page;
    struct index_place place = { 0 };
    struct cursor cursor = { .fd = -1 };
    size_t start = 0;
    enum err e;

    *more = false;
    if (query->limit == 0 || query->limit > TRAIL_FIND_MOST || query->path.size > RECORD_PATH_MOST)
        return ERR_RANGE;
    page.hit = calloc(2 * page.most, sizeof *page.hit);
    if (page.hit == NULL)
        return ERR_MEMORY;
    tail.hit = page.hit + page.most;
    *next = query->forward ? query->from : query->before;
    TRY(cursor_open(&cursor, folder, false));
    if (query->forward && query->end != 0 && query->end < size)
        size = query->end;
    TRY(index_find(index, query, retired->index, hit_take, &page, &place));
    if (place.count < size && (query->forward ? page.count < page.most
                                              : query->before == 0 || query->before > place.count))
        TRY(tail_scan(&cursor, retired, &place, size, &tail, &start));
    page_merge(&page, &tail, start);
    TRY(page_show(&cursor, &page, each, context, next, more));
    if (query->forward && !*more && size > *next)
        *next = size;
out:
    cursor_close(&cursor);
    free(page.hit);
    return e;
}

/* To a file's first record, such that record `first` is in it or behind it. */
static enum err file_before(struct cursor *cursor, uint32_t number, uint64_t first)
{
    for (;; number--) {
        enum cursor_step step = cursor_enter(cursor, number);

        if (step == CURSOR_FAILED)
            return ERR_IO;
        if (step == CURSOR_RECORD && cursor->index <= first)
            return OK;
        /* The newest file may still be unused. */
        if (number == 1 || step == CURSOR_BAD || step == CURSOR_NEWER)
            return ERR_CORRUPT;
    }
}

enum err search_ids_each(const char *folder, uint32_t number, uint64_t size, uint64_t from,
                         void (*each)(void *context, const uint8_t id[RECORD_REQUEST_ID_SIZE]),
                         void *context)
{
    struct cursor cursor = { .fd = -1 };
    struct audit_record record;
    struct frame frame;
    struct slice text;
    enum err e = OK;

    if (from >= size)
        return OK;
    TRY(cursor_open(&cursor, folder, false));
    TRY(file_before(&cursor, number, from));
    while (cursor_next(&cursor, size, &frame) == CURSOR_RECORD) {
        if (frame.index < from)
            continue;
        TRY(record_decode(frame.record, &record, &text));
        each(context, record.request_id);
    }
    e = cursor.index == size ? OK : ERR_CORRUPT;
out:
    cursor_close(&cursor);
    return e;
}

/* The newest first. */
struct recent {
    uint8_t (*ids)[RECORD_REQUEST_ID_SIZE];
    size_t left;
};

static void recent_add(void *context, const uint8_t id[RECORD_REQUEST_ID_SIZE])
{
    struct recent *recent = context;

    memcpy(recent->ids[--recent->left], id, RECORD_REQUEST_ID_SIZE);
}

enum err search_recent_ids(const char *folder, uint32_t number, uint64_t size,
                           uint8_t (*ids)[RECORD_REQUEST_ID_SIZE], size_t count)
{
    struct recent recent = { ids, count };

    return search_ids_each(folder, number, size, size - count, recent_add, &recent);
}
