#include "scanner/provenance.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/hex.h"

enum {
    EDGES_MOST = 8000000, /* of 24 bytes */
    TREES_MOST = 8000000,
    COMMITS_MOST = 1000000,
    PARENTS_MOST = 4000000,
    TAGS_MOST = 1000000,
    TEXT_MOST = 256 << 20,
    TAGS_DEEP = 5, /* a tag of a tag */
};

/* Seconds: the year 2286. */
#define TIME_MOST INT64_C(10000000000)

/* Objects are known by a keyed hash of their ids, which nobody can make collide. */
typedef uint64_t key;

struct edge {
    key child, tree; /* that has it */
    uint32_t name;
    uint32_t tree_at; /* in `trees` */
};

struct commit {
    key self, tree;
    uint32_t parents_from, parent_count;
    uint32_t author, committer;
    int64_t author_time, time;
    uint8_t id[OBJECT_ID_MOST];
};

/* A commit and one that has it as a parent, as they stand in `commits`. */
struct link {
    uint32_t parent, child;
};

struct named {
    key object;
    union {
        key target;    /* of a tag */
        uint32_t name; /* of a ref */
    };
};

/* A list that grows up to `most`. */
struct list {
    void *at;
    size_t count, room, each, most;
};

struct provenance {
    size_t id_bytes;
    uint8_t hash_key[crypto_shorthash_KEYBYTES];
    key wanted[PROVENANCE_WANTED_MOST];
    size_t wanted_count;
    struct list edges, trees, commits, parents, tags, refs, links;
    struct buffer text; /* names, each once, with a zero behind it */
    uint32_t *slots;    /* of the hash table of these: where one begins, and one */
    size_t slot_count, text_count;
    bool is_full, lacks_memory;
    bool is_sorted;
};

/* ---- Lists ---- */

static void *list_add(struct provenance *p, struct list *list)
{
    if (list->count == list->room) {
        size_t room = list->room * 2 + 64;
        void *at = list->count < list->most ? realloc(list->at, room * list->each) : NULL;

        p->is_full |= list->count >= list->most;
        p->lacks_memory |= at == NULL && list->count < list->most;
        if (at == NULL)
            return NULL;
        list->at = at;
        list->room = room;
    }
    return (char *)list->at + list->count++ * list->each;
}

static void *list_get(const struct list *list, size_t i)
{
    return (char *)list->at + i * list->each;
}

/* Everything sorted begins with what it is sorted by. */
static int key_order(const void *a, const void *b)
{
    const key *x = a, *y = b;

    return (*x > *y) - (*x < *y);
}

static int link_order(const void *a, const void *b)
{
    const struct link *x = a, *y = b;

    return (x->parent > y->parent) - (x->parent < y->parent);
}

static void list_sort(struct list *list, int (*order)(const void *a, const void *b))
{
    if (list->count > 0)
        qsort(list->at, list->count, list->each, order);
}

/* The first that is not before `wanted`. */
static size_t list_find(const struct list *list, key wanted)
{
    size_t from = 0, to = list->count;

    while (from < to) {
        size_t middle = from + (to - from) / 2;

        if (*(const key *)list_get(list, middle) < wanted)
            from = middle + 1;
        else
            to = middle;
    }
    return from;
}

static bool list_has(const struct list *list, key wanted, size_t *at)
{
    *at = list_find(list, wanted);
    return *at < list->count && *(const key *)list_get(list, *at) == wanted;
}

/* ---- Texts ---- */

static uint64_t hash(const struct provenance *p, struct slice bytes)
{
    uint64_t h;

    crypto_shorthash((uint8_t *)&h, (const uint8_t *)bytes.at, bytes.size, p->hash_key);
    return h;
}

static bool slots_grow(struct provenance *p)
{
    size_t count = p->slot_count * 2 + 1024;
    uint32_t *slots = calloc(count, sizeof *slots);

    if (slots == NULL)
        return false;
    for (size_t at = 0; at < p->text.size; at += strlen(p->text.at + at) + 1) {
        size_t slot = hash(p, slice_of(p->text.at + at)) % count;

        while (slots[slot] != 0)
            slot = (slot + 1) % count;
        slots[slot] = (uint32_t)at + 1;
    }
    free(p->slots);
    p->slots = slots;
    p->slot_count = count;
    return true;
}

/* Where it stands in `text`; a zero within ends it. */
static uint32_t text_keep(struct provenance *p, struct slice text)
{
    size_t slot;
    uint32_t at;

    text.size = text.size == 0 ? 0 : strnlen(text.at, text.size);
    if ((p->text_count + 1) * 2 > p->slot_count && !slots_grow(p)) {
        p->lacks_memory = true;
        return 0;
    }
    slot = hash(p, text) % p->slot_count;
    for (; p->slots[slot] != 0; slot = (slot + 1) % p->slot_count)
        if (slice_is(slice_of(p->text.at + p->slots[slot] - 1), text))
            return p->slots[slot] - 1;
    if (p->text.size + text.size >= TEXT_MOST) {
        p->is_full = true;
        return 0;
    }
    at = (uint32_t)p->text.size;
    buffer_append(&p->text, text);
    buffer_append(&p->text, (struct slice){ "", 1 });
    p->lacks_memory |= p->text.failed;
    p->slots[slot] = at + 1;
    p->text_count++;
    return at;
}

/* ---- Objects ---- */

enum err provenance_open(size_t id_bytes, struct provenance **provenance)
{
    struct provenance *p = calloc(1, sizeof *p);

    *provenance = p;
    if (p == NULL)
        return ERR_MEMORY;
    p->id_bytes = id_bytes;
    p->edges = (struct list){ .each = sizeof(struct edge), .most = EDGES_MOST };
    p->trees = (struct list){ .each = sizeof(key), .most = TREES_MOST };
    p->commits = (struct list){ .each = sizeof(struct commit), .most = COMMITS_MOST };
    p->parents = (struct list){ .each = sizeof(key), .most = PARENTS_MOST };
    p->tags = (struct list){ .each = sizeof(struct named), .most = TAGS_MOST };
    p->refs = (struct list){ .each = sizeof(struct named), .most = PROVENANCE_REFS_MOST };
    p->links = (struct list){ .each = sizeof(struct link), .most = PARENTS_MOST };
    crypto_shorthash_keygen(p->hash_key);
    buffer_init(&p->text);
    return OK;
}

void provenance_close(struct provenance **provenance)
{
    struct provenance *p = *provenance;

    *provenance = NULL;
    if (p == NULL)
        return;
    free(p->edges.at);
    free(p->trees.at);
    free(p->commits.at);
    free(p->parents.at);
    free(p->tags.at);
    free(p->refs.at);
    free(p->links.at);
    free(p->slots);
    buffer_wipe(&p->text);
    free(p);
}

static key key_of(const struct provenance *p, const void *id)
{
    return hash(p, (struct slice){ id, p->id_bytes });
}

static bool is_wanted(const struct provenance *p, key object)
{
    for (size_t i = 0; i < p->wanted_count; i++)
        if (p->wanted[i] == object)
            return true;
    return false;
}

void provenance_want(struct provenance *p, const uint8_t *id)
{
    key object = key_of(p, id);

    if (p->wanted_count < PROVENANCE_WANTED_MOST && !is_wanted(p, object))
        p->wanted[p->wanted_count++] = object;
}

void provenance_ref(struct provenance *p, struct slice name, const uint8_t *id)
{
    struct named *ref;

    if (p->refs.count == PROVENANCE_REFS_MOST)
        return;
    ref = list_add(p, &p->refs);
    if (ref != NULL)
        *ref = (struct named){ .object = key_of(p, id), .name = text_keep(p, name) };
}

/* "100644 name", a zero, the id; a commit of another repository (160000) is none of ours. */
static void tree_take(struct provenance *p, key self, struct slice content)
{
    key *tree = list_add(p, &p->trees);

    if (tree == NULL)
        return;
    *tree = self;
    while (content.size > 0) {
        const char *space = memchr(content.at, ' ', content.size);
        const char *end =
            space == NULL ? NULL : memchr(space, '\0', content.size - (size_t)(space - content.at));
        size_t head = end == NULL ? 0 : (size_t)(end - content.at) + 1;
        struct edge *edge;
        key child;

        if (end == NULL || content.size - head < p->id_bytes)
            return;
        child = key_of(p, content.at + head);
        if ((*content.at == '4' || is_wanted(p, child)) &&
            !slice_starts(content, SLICE("160000 "))) {
            edge = list_add(p, &p->edges);
            if (edge == NULL)
                return;
            *edge = (struct edge){ .child = child, .tree = self };
            edge->name = text_keep(p, (struct slice){ space + 1, (size_t)(end - space) - 1 });
        }
        content = slice_from(content, head + p->id_bytes);
    }
}

/* The line's value when it is one of these, which is taken off the content. */
static bool line_take(struct slice *content, struct slice word, struct slice *value)
{
    const char *end = content->size == 0 ? NULL : memchr(content->at, '\n', content->size);

    if (end == NULL || !slice_starts(*content, word))
        return false;
    *value = (struct slice){ content->at + word.size, (size_t)(end - content->at) - word.size };
    *content = slice_from(*content, (size_t)(end - content->at) + 1);
    return true;
}

static bool id_read(const struct provenance *p, struct slice hex, key *object)
{
    uint8_t id[OBJECT_ID_MOST];

    if (hex.size != 2 * p->id_bytes || !hex_parse(hex, id, p->id_bytes))
        return false;
    *object = key_of(p, id);
    return true;
}

/* "Ada <ada@example.com> 1700000000 +0100" */
static uint32_t person_read(struct provenance *p, struct slice line, int64_t *time)
{
    const char *end = line.size == 0 ? NULL : memrchr(line.at, '>', line.size);
    size_t size = end == NULL ? line.size : (size_t)(end - line.at) + 1;
    char number[24];

    snprintf(number, sizeof number, "%.*s", (int)(line.size - size < 20 ? line.size - size : 20),
             line.at + size);
    *time = strtoll(number, NULL, 10);
    return text_keep(p, (struct slice){ line.at, size });
}

static void commit_take(struct provenance *p, const uint8_t *id, struct slice content)
{
    struct commit made = { .self = key_of(p, id), .parents_from = (uint32_t)p->parents.count };
    struct commit *commit;
    struct slice value;

    memcpy(made.id, id, p->id_bytes);
    if (!line_take(&content, SLICE("tree "), &value) || !id_read(p, value, &made.tree))
        return;
    while (line_take(&content, SLICE("parent "), &value)) {
        key *parent = list_add(p, &p->parents);

        if (parent == NULL || !id_read(p, value, parent))
            return;
        made.parent_count++;
    }
    if (!line_take(&content, SLICE("author "), &value))
        return;
    made.author = person_read(p, value, &made.author_time);
    if (!line_take(&content, SLICE("committer "), &value))
        return;
    made.committer = person_read(p, value, &made.time);
    commit = list_add(p, &p->commits);
    if (commit != NULL)
        *commit = made;
}

static void tag_take(struct provenance *p, key self, struct slice content)
{
    struct named made = { .object = self }, *tag;
    struct slice value;

    if (!line_take(&content, SLICE("object "), &value) || !id_read(p, value, &made.target))
        return;
    tag = list_add(p, &p->tags);
    if (tag != NULL)
        *tag = made;
}

void provenance_object(struct provenance *p, enum pack_type type, struct slice content)
{
    uint8_t id[OBJECT_ID_MOST];

    if (type == PACK_BLOB || p->is_full || p->lacks_memory ||
        object_id(p->id_bytes, type, content, id) != OK)
        return;
    if (type == PACK_TREE)
        tree_take(p, key_of(p, id), content);
    else if (type == PACK_COMMIT)
        commit_take(p, id, content);
    else if (type == PACK_TAG)
        tag_take(p, key_of(p, id), content);
}

/* ---- The way up ---- */

static bool all_sort(struct provenance *p)
{
    if (p->is_sorted)
        return true;
    list_sort(&p->edges, key_order);
    list_sort(&p->trees, key_order);
    list_sort(&p->commits, key_order);
    list_sort(&p->tags, key_order);
    for (size_t i = 0; i < p->edges.count; i++) {
        struct edge *edge = list_get(&p->edges, i);

        edge->tree_at = (uint32_t)list_find(&p->trees, edge->tree);
    }
    for (uint32_t i = 0; i < p->commits.count; i++) {
        const struct commit *commit = list_get(&p->commits, i);

        for (uint32_t k = 0; k < commit->parent_count; k++) {
            size_t parent;

            if (!list_has(&p->commits, *(key *)list_get(&p->parents, commit->parents_from + k),
                          &parent))
                continue;
            struct link *link = list_add(p, &p->links);

            if (link == NULL)
                return false;
            *link = (struct link){ (uint32_t)parent, i };
        }
    }
    list_sort(&p->links, link_order);
    p->is_sorted = true;
    return true;
}

/* What one trace needs. */
struct climb {
    struct provenance *p;
    key wanted;
    uint32_t *via;   /* for each tree: the edge down to what is wanted, and one; 0: none */
    uint32_t *queue; /* of trees, or of commits */
    bool *has;       /* for each commit: what is wanted is in its tree */
    bool *reached;   /* for each commit: the first one that has it leads to it */
};

static void climb_wipe(struct climb *c)
{
    free(c->via);
    free(c->queue);
    free(c->has);
    free(c->reached);
}

static bool climb_open(struct climb *c, struct provenance *p, const uint8_t *id)
{
    size_t most = p->trees.count > p->commits.count ? p->trees.count : p->commits.count;

    *c = (struct climb){ .p = p,
                         .wanted = key_of(p, id),
                         .via = calloc(p->trees.count + 1, sizeof *c->via),
                         .queue = calloc(most + 1, sizeof *c->queue),
                         .has = calloc(p->commits.count + 1, sizeof *c->has),
                         .reached = calloc(p->commits.count + 1, sizeof *c->reached) };
    return c->via != NULL && c->queue != NULL && c->has != NULL && c->reached != NULL;
}

/* Trees that have the child and were not met before. */
static void trees_meet(struct climb *c, key child, size_t *queued)
{
    const struct list *edges = &c->p->edges;

    for (size_t i = list_find(edges, child); i < edges->count; i++) {
        const struct edge *edge = list_get(edges, i);

        if (edge->child != child)
            return;
        if (c->via[edge->tree_at] != 0)
            continue;
        c->via[edge->tree_at] = (uint32_t)i + 1;
        c->queue[(*queued)++] = edge->tree_at;
    }
}

static void trees_climb(struct climb *c)
{
    size_t queued = 0;

    trees_meet(c, c->wanted, &queued);
    for (size_t done = 0; done < queued; done++)
        trees_meet(c, *(key *)list_get(&c->p->trees, c->queue[done]), &queued);
}

static bool commit_has(const struct climb *c, const struct commit *commit)
{
    size_t tree;

    return commit->self == c->wanted || commit->tree == c->wanted ||
           (list_has(&c->p->trees, commit->tree, &tree) && c->via[tree] != 0);
}

static bool parent_has(const struct climb *c, const struct commit *commit)
{
    for (uint32_t i = 0; i < commit->parent_count; i++) {
        size_t at;

        if (list_has(&c->p->commits, *(key *)list_get(&c->p->parents, commit->parents_from + i),
                     &at) &&
            c->has[at])
            return true;
    }
    return false;
}

/* That no parent had; of several, the oldest by its own word.  Past the end: there is none. */
static size_t commit_first(const struct climb *c)
{
    const struct list *commits = &c->p->commits;
    const struct commit *first = NULL;
    size_t at = commits->count;

    for (size_t i = 0; i < commits->count; i++)
        c->has[i] = commit_has(c, list_get(commits, i));
    for (size_t i = 0; i < commits->count; i++) {
        const struct commit *commit = list_get(commits, i);

        if (!c->has[i] || parent_has(c, commit) ||
            (first != NULL && (commit->time > first->time ||
                               (commit->time == first->time &&
                                memcmp(commit->id, first->id, sizeof commit->id) > 0))))
            continue;
        first = commit;
        at = i;
    }
    return at;
}

/* Every commit that leads to this one. */
static void commits_reach(struct climb *c, uint32_t from)
{
    const struct list *links = &c->p->links;
    size_t queued = 1;

    c->queue[0] = from;
    c->reached[from] = true;
    for (size_t done = 0; done < queued; done++) {
        size_t low = 0, high = links->count;

        while (low < high) {
            size_t middle = low + (high - low) / 2;

            if (((const struct link *)list_get(links, middle))->parent < c->queue[done])
                low = middle + 1;
            else
                high = middle;
        }
        for (; low < links->count; low++) {
            const struct link *link = list_get(links, low);

            if (link->parent != c->queue[done])
                break;
            if (!c->reached[link->child])
                c->queue[queued++] = link->child;
            c->reached[link->child] = true;
        }
    }
}

/* ---- What is told ---- */

/* Behind what is there; whatever does not fit leaves "..." at the end. */
static void text_add(char text[PROVENANCE_TEXT_SIZE], char between, const char *more)
{
    size_t size = strlen(text), added = strlen(more);

    if (size > 0)
        text[size++] = between;
    for (size_t i = 0; i <= added && size < PROVENANCE_TEXT_SIZE; i++)
        text[size++] = more[i] == '\0'                                   ? '\0'
                       : (unsigned char)more[i] < ' ' || more[i] == 0x7f ? '?'
                                                                         : more[i];
    if (size == PROVENANCE_TEXT_SIZE && text[size - 1] != '\0')
        memcpy(text + size - 4, "...", 4);
}

static void time_show(int64_t seconds, char text[PROVENANCE_TIME_SIZE])
{
    text[0] = '\0';
    if (seconds >= 0 && seconds < TIME_MOST)
        clock_format((uint64_t)seconds * NS_PER_S, text);
}

static void path_show(const struct climb *c, key at, struct provenance_trace *trace)
{
    const struct provenance *p = c->p;
    size_t tree;

    while (at != c->wanted && list_has(&p->trees, at, &tree) && c->via[tree] != 0) {
        const struct edge *edge = list_get(&p->edges, c->via[tree] - 1);

        text_add(trace->path, '/', p->text.at + edge->name);
        at = edge->child;
    }
}

/* The commit that a ref leads to, perhaps over tags; whether what is wanted is on the way. */
static bool ref_follow(const struct climb *c, key at, size_t *commit, bool *is_met)
{
    *is_met = at == c->wanted;
    for (unsigned i = 0; i < TAGS_DEEP; i++) {
        size_t tag;

        if (!list_has(&c->p->tags, at, &tag))
            break;
        at = ((const struct named *)list_get(&c->p->tags, tag))->target;
        *is_met |= at == c->wanted;
    }
    return list_has(&c->p->commits, at, commit);
}

static bool refs_show(const struct climb *c, struct provenance_trace *trace)
{
    const struct provenance *p = c->p;

    for (size_t i = 0; i < p->refs.count; i++) {
        const struct named *ref = list_get(&p->refs, i);
        const char *name = p->text.at + ref->name;
        size_t commit;
        bool is_met, leads = ref_follow(c, ref->object, &commit, &is_met);

        if (is_met || (leads && c->reached[commit]))
            text_add(trace->refs, ' ', name);
        if (is_met || (leads && c->has[commit]))
            text_add(trace->tips, ' ', name);
    }
    return trace->refs[0] != '\0';
}

static void commit_show(const struct climb *c, const struct commit *commit,
                        struct provenance_trace *trace)
{
    const char *text = c->p->text.at;

    hex_format(commit->id, c->p->id_bytes, trace->commit);
    text_add(trace->author, ' ', text + commit->author);
    text_add(trace->committer, ' ', text + commit->committer);
    time_show(commit->author_time, trace->author_time);
    time_show(commit->time, trace->commit_time);
    path_show(c, commit->tree, trace);
}

enum err provenance_trace(struct provenance *p, const uint8_t *id, struct provenance_trace *trace)
{
    struct climb c = { 0 };
    size_t first;
    enum err e = OK;

    *trace = (struct provenance_trace){ .commit = "" };
    if (!is_wanted(p, key_of(p, id)))
        return ERR_MISSING;
    if (p->is_full || p->lacks_memory || !all_sort(p))
        return p->is_full ? ERR_FULL : ERR_MEMORY;
    TRY(climb_open(&c, p, id) ? OK : ERR_MEMORY);
    trees_climb(&c);
    first = commit_first(&c);
    if (first < p->commits.count) {
        commit_show(&c, list_get(&p->commits, first), trace);
        commits_reach(&c, (uint32_t)first);
    }
    if (!refs_show(&c, trace) && trace->commit[0] == '\0')
        e = ERR_MISSING;
out:
    climb_wipe(&c);
    return e;
}
