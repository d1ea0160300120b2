#include "scanner/pack.h"

#include <libdeflate.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "scanner/object_id.h"
#include "scanner/pack_delta.h"

#define NOBODY UINT32_MAX

/* A delta whose base is an id, while nobody knows where the object of that id is. */
struct orphan {
    const uint8_t *base;
    uint32_t place;
};

/* The trees, and who has done how much of them. */
struct walk {
    struct slice pack;
    const struct pack_index *index;
    const struct pack_visitor *visitor;
    bool deltas_only;
    uint32_t delta_count;
    uint32_t *first_child, *sibling; /* places; NOBODY ends */
    struct orphan *orphans; /* by their bases; siblings of one another if these are equal */
    atomic_bool *adopted;   /* of those with the same base, the first one's counts */
    size_t orphan_count;
    atomic_uint_fast32_t next; /* place that is looked at next, for a root */
    atomic_uint_fast32_t told; /* objects, faults included */
    atomic_bool no_memory, no_time;
};

/* An object that is held because something below it is left to do. */
struct held {
    char *bytes;
    size_t size;
    uint32_t child; /* the next one */
};

struct worker {
    struct walk *walk;
    void *thread;
    struct libdeflate_decompressor *inflater;
    char *delta; /* room for one */
    size_t delta_room;
    struct held *stack;
    size_t depth, stack_room;
    uint64_t held_bytes;
    enum pack_type type; /* of the present root, and so of all below it */
    struct pack_part parts[PACK_PARTS_MOST];
};

static void fault(struct worker *w, uint32_t place, const char *why)
{
    const struct pack_index *index = w->walk->index;
    const struct pack_object object = { .id = pack_index_id(index, place),
                                        .offset = index->offsets[place],
                                        .type = w->type };

    w->walk->told++;
    w->walk->visitor->fault(w->thread, &object, why);
}

/* `delta`: by which its base makes it; NULL: it has none. */
static void tell(struct worker *w, uint32_t place, struct slice content, const struct slice *delta)
{
    const struct pack_visitor *v = w->walk->visitor;
    const struct pack_index *index = w->walk->index;
    struct pack_object object = { .id = pack_index_id(index, place),
                                  .offset = index->offsets[place],
                                  .type = w->type,
                                  .content = content };

    if (delta != NULL && v->reach > 0) {
        object.parts = w->parts;
        object.part_count = pack_delta_parts(*delta, content.size, v->reach, w->parts);
    }
    w->walk->told++;
    v->object(w->thread, &object);
    if (clock_mono_ns() >= v->until_ns)
        w->walk->no_time = true;
}

/* Head and deflated bytes of the object at a place. */
static bool entry_at(const struct walk *walk, uint32_t place, struct pack_entry *entry,
                     struct slice *deflated)
{
    uint64_t from = walk->index->offsets[place], to = walk->index->offsets[place + 1];
    struct slice bytes = { walk->pack.at + from, (size_t)(to - from) };

    if (!pack_entry_read(bytes, walk->index->id_bytes, entry))
        return false;
    *deflated = slice_from(bytes, entry->head_bytes);
    return true;
}

/* NULL: all of `size` bytes came, and nothing was left over. */
static const char *inflate(struct worker *w, struct slice deflated, char *into, size_t size)
{
    size_t used, got;

    if (libdeflate_zlib_decompress_ex(w->inflater, deflated.at, deflated.size, into, size, &used,
                                      &got) != LIBDEFLATE_SUCCESS ||
        got != size)
        return "is damaged";
    return used == deflated.size ? NULL : "has bytes behind it that belong to nothing";
}

/* NULL: no memory, which was noted. */
static char *room(struct worker *w, size_t size)
{
    char *bytes = malloc(size + 1);

    if (bytes == NULL)
        w->walk->no_memory = true;
    return bytes;
}

/* The object below `base`; *bytes is the caller's, NULL after a fault.  `orders`: its delta without
 * the sizes, until the next call. */
static const char *child_make(struct worker *w, uint32_t place, struct slice base,
                              struct slice *orders, char **bytes, size_t *size)
{
    const struct walk *walk = w->walk;
    struct pack_entry entry;
    struct slice deflated, delta;
    uint64_t base_bytes, result_bytes;
    const char *why;

    if (!entry_at(walk, place, &entry, &deflated))
        return "is damaged";
    if (entry.size > walk->visitor->object_most)
        return "is too large";
    if (entry.size > w->delta_room) {
        free(w->delta);
        w->delta_room = 0;
        w->delta = room(w, entry.size);
        if (w->delta == NULL)
            return "has no memory";
        w->delta_room = entry.size;
    }
    why = inflate(w, deflated, w->delta, entry.size);
    if (why != NULL)
        return why;
    delta = (struct slice){ w->delta, entry.size };
    if (!pack_delta_sizes(&delta, &base_bytes, &result_bytes) || base_bytes != base.size)
        return "is damaged";
    if (result_bytes > walk->visitor->object_most ||
        w->held_bytes + result_bytes > walk->visitor->held_most)
        return "is too large";
    *bytes = room(w, result_bytes);
    if (*bytes == NULL)
        return "has no memory";
    *size = result_bytes;
    *orders = delta;
    return pack_delta_apply(base, delta, *bytes, result_bytes) ? NULL : "is damaged";
}

/* The first orphan with such a base; the number of all: there is none. */
static size_t orphan_find(const struct walk *walk, const uint8_t *base)
{
    size_t low = 0, high = walk->orphan_count, id_bytes = walk->index->id_bytes;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (memcmp(walk->orphans[middle].base, base, id_bytes) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low < walk->orphan_count && memcmp(walk->orphans[low].base, base, id_bytes) == 0
               ? low
               : walk->orphan_count;
}

/* Now that an object is there, its id is known, and so are those that name it: they become its
 * children.  Once, should the pack have the object twice. */
static uint32_t orphans_adopt(struct worker *w, struct slice content, uint32_t child)
{
    struct walk *walk = w->walk;
    uint8_t id[OBJECT_ID_MOST];
    size_t first;
    uint32_t last;

    if (walk->orphan_count == 0)
        return child;
    if (object_id(walk->index->id_bytes, w->type, content, id) != OK) {
        walk->no_memory = true;
        return child;
    }
    first = orphan_find(walk, id);
    if (first == walk->orphan_count || atomic_exchange(&walk->adopted[first], true))
        return child;
    for (last = walk->orphans[first].place; walk->sibling[last] != NOBODY;)
        last = walk->sibling[last];
    walk->sibling[last] = child;
    return walk->orphans[first].place;
}

/* Takes over `bytes`. */
static void hold(struct worker *w, uint32_t place, char *bytes, size_t size)
{
    uint32_t child = orphans_adopt(w, (struct slice){ bytes, size }, w->walk->first_child[place]);

    if (child != NOBODY && w->depth == w->stack_room) {
        size_t more = w->stack_room * 2 + 64;
        struct held *stack = realloc(w->stack, more * sizeof *stack);

        if (stack == NULL) {
            w->walk->no_memory = true;
            child = NOBODY;
        } else {
            w->stack = stack;
            w->stack_room = more;
        }
    }
    if (child == NOBODY) {
        free(bytes);
        return;
    }
    w->stack[w->depth++] = (struct held){ bytes, size, child };
    w->held_bytes += size;
}

/* The next object below the one on top. */
static void child_visit(struct worker *w)
{
    struct held *top = &w->stack[w->depth - 1];
    uint32_t place = top->child;
    char *bytes = NULL;
    size_t size = 0;
    struct slice delta;
    const char *why =
        child_make(w, place, (struct slice){ top->bytes, top->size }, &delta, &bytes, &size);

    top->child = w->walk->sibling[place];
    if (top->child == NOBODY) {
        w->held_bytes -= top->size;
        free(top->bytes);
        w->depth--;
    }
    if (why != NULL) {
        free(bytes);
        fault(w, place, why);
        return;
    }
    tell(w, place, (struct slice){ bytes, size }, &delta);
    hold(w, place, bytes, size);
}

static void root_fault(struct worker *w, uint32_t place, const char *why)
{
    if (!w->walk->deltas_only) /* it was said before */
        fault(w, place, why);
}

static void root_visit(struct worker *w, uint32_t place)
{
    const struct walk *walk = w->walk;
    struct pack_entry entry;
    struct slice deflated;
    const char *why;
    char *bytes;

    if (!entry_at(walk, place, &entry, &deflated)) {
        root_fault(w, place, "is damaged");
        return;
    }
    if (pack_entry_is_delta(&entry) ||
        (walk->deltas_only && walk->first_child[place] == NOBODY && walk->orphan_count == 0))
        return;
    w->type = entry.type;
    if (entry.size > walk->visitor->object_most) {
        root_fault(w, place, "is too large");
        return;
    }
    bytes = room(w, entry.size);
    why = bytes == NULL ? "has no memory" : inflate(w, deflated, bytes, entry.size);
    if (why != NULL) {
        free(bytes);
        root_fault(w, place, why);
        return;
    }
    if (!walk->deltas_only)
        tell(w, place, (struct slice){ bytes, entry.size }, NULL);
    hold(w, place, bytes, entry.size);
    while (w->depth > 0 && !walk->no_time)
        child_visit(w);
}

static void *work(void *context)
{
    struct worker *w = context;
    uint32_t place;

    while ((place = (uint32_t)atomic_fetch_add(&w->walk->next, 1)) < w->walk->index->count &&
           !w->walk->no_memory && !w->walk->no_time)
        root_visit(w, place);
    while (w->depth > 0)
        free(w->stack[--w->depth].bytes);
    free(w->stack);
    free(w->delta);
    libdeflate_free_decompressor(w->inflater);
    return NULL;
}

/* Where the base of a delta is; false: not in this pack. */
static bool base_find(const struct walk *walk, uint32_t place, const struct pack_entry *entry,
                      uint32_t *base)
{
    uint64_t offset = walk->index->offsets[place];

    if (entry->type == PACK_OFS_DELTA)
        return entry->distance < offset &&
               pack_index_at(walk->index, offset - entry->distance, base);
    return pack_index_find(walk->index, entry->base, base);
}

static int orphan_compare(const void *one, const void *other, void *id_bytes)
{
    return memcmp(((const struct orphan *)one)->base, ((const struct orphan *)other)->base,
                  *(const size_t *)id_bytes);
}

static bool orphan_add(struct walk *walk, uint32_t place, const uint8_t *base)
{
    if ((walk->orphan_count & (walk->orphan_count - 1)) == 0) { /* full: a power of two */
        size_t room = walk->orphan_count * 2 + 1;
        struct orphan *more = realloc(walk->orphans, room * sizeof *more);

        if (more == NULL)
            return false;
        walk->orphans = more;
    }
    walk->orphans[walk->orphan_count++] = (struct orphan){ base, place };
    return true;
}

/* In the order of their bases, those of the same one in a row. */
static bool orphans_sort(struct walk *walk)
{
    size_t count = walk->orphan_count, id_bytes = walk->index->id_bytes;
    struct orphan *orphans = walk->orphans;

    walk->adopted = calloc(count + 1, sizeof *walk->adopted);
    if (walk->adopted == NULL)
        return false;
    if (count > 0)
        qsort_r(orphans, count, sizeof *orphans, orphan_compare, &id_bytes);
    for (size_t i = 1; i < count; i++)
        if (memcmp(orphans[i - 1].base, orphans[i].base, id_bytes) == 0)
            walk->sibling[orphans[i - 1].place] = orphans[i].place;
    return true;
}

/* Children in the order in which they stand in the pack. */
static bool trees_grow(struct walk *walk)
{
    uint32_t count = walk->index->count, base;
    struct pack_entry entry;
    struct slice deflated;

    walk->first_child = malloc((count + (size_t)1) * sizeof *walk->first_child);
    walk->sibling = malloc((count + (size_t)1) * sizeof *walk->sibling);
    if (walk->first_child == NULL || walk->sibling == NULL)
        return false;
    for (uint32_t i = 0; i < count; i++)
        walk->first_child[i] = walk->sibling[i] = NOBODY;
    for (uint32_t i = count; i-- > 0;) {
        if (!entry_at(walk, i, &entry, &deflated) || !pack_entry_is_delta(&entry))
            continue;
        walk->delta_count++;
        if (base_find(walk, i, &entry, &base)) {
            walk->sibling[i] = walk->first_child[base];
            walk->first_child[base] = i;
        } else if (entry.type == PACK_REF_DELTA && walk->index->ids == NULL &&
                   !orphan_add(walk, i, entry.base)) {
            return false;
        }
    }
    return orphans_sort(walk);
}

/* On as many threads as there are; a thread that cannot be made leaves its part to the others. */
static void run(struct walk *walk)
{
    struct worker workers[PACK_THREADS_MOST];
    pthread_t threads[PACK_THREADS_MOST];
    bool started[PACK_THREADS_MOST] = { false };
    unsigned count = walk->visitor->thread_count;

    for (unsigned i = 0; i < count; i++) {
        workers[i] = (struct worker){ .walk = walk,
                                      .thread = walk->visitor->threads[i],
                                      .inflater = libdeflate_alloc_decompressor() };
        if (workers[i].inflater == NULL)
            walk->no_memory = true;
    }
    for (unsigned i = 1; i < count; i++)
        started[i] = pthread_create(&threads[i], NULL, work, &workers[i]) == 0;
    work(&workers[0]);
    for (unsigned i = 1; i < count; i++) {
        if (started[i])
            pthread_join(threads[i], NULL);
        else
            libdeflate_free_decompressor(workers[i].inflater);
    }
}

bool pack_head_read(struct slice bytes, uint32_t *object_count)
{
    const uint8_t *b = (const uint8_t *)bytes.at;

    if (bytes.size < PACK_HEAD_BYTES || memcmp(b, "PACK\0\0\0", 7) != 0 || (b[7] != 2 && b[7] != 3))
        return false;
    *object_count = (uint32_t)b[8] << 24 | (uint32_t)b[9] << 16 | (uint32_t)b[10] << 8 | b[11];
    return true;
}

static enum err walk_all(struct walk *walk, uint32_t *unreached)
{
    uint32_t object_count;
    enum err e = ERR_MEMORY;

    *unreached = 0;
    if (!pack_head_read(walk->pack, &object_count))
        return ERR_MALFORMED;
    if (!trees_grow(walk))
        goto out;
    run(walk);
    *unreached =
        (walk->deltas_only ? walk->delta_count : walk->index->count) - (uint32_t)walk->told;
    e = walk->no_memory ? ERR_MEMORY : walk->no_time ? ERR_FULL : OK;
out:
    free(walk->first_child);
    free(walk->sibling);
    free(walk->orphans);
    free(walk->adopted);
    return e;
}

enum err pack_walk(struct slice pack, const struct pack_index *index,
                   const struct pack_visitor *visitor, uint32_t *unreached)
{
    struct walk walk = { .pack = pack, .index = index, .visitor = visitor };

    return walk_all(&walk, unreached);
}

enum err pack_walk_deltas(struct slice pack, const struct pack_index *index,
                          const struct pack_visitor *visitor, uint32_t *unreached)
{
    struct walk walk = { .pack = pack, .index = index, .visitor = visitor, .deltas_only = true };

    return walk_all(&walk, unreached);
}
