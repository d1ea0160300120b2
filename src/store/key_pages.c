#include "store/key_pages.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "store/keys.h"
#include "store/transaction.h"

/* Of environment and state, each of which has a stretch of the index. */
enum { STRETCHES = ENVIRONMENT_COUNT * KEY_EXPIRED };

/* A key as the order of its making sees it. */
struct made {
    uint64_t at_ns;
    char id[RECORD_KEY_SIZE];
};

static int made_compare(const void *a, const void *b)
{
    const struct made *first = a, *second = b;

    if (first->at_ns != second->at_ns)
        return first->at_ns > second->at_ns ? -1 : 1;
    return memcmp(second->id, first->id, sizeof first->id);
}

static struct slice id_slice(const char *id)
{
    return (struct slice){ id, RECORD_KEY_SIZE };
}

static enum err id_take(const struct query *q, int column, char id[RECORD_KEY_SIZE])
{
    struct slice text = query_text(q, column);

    if (text.size != RECORD_KEY_SIZE)
        return ERR_CORRUPT;
    memcpy(id, text.at, RECORD_KEY_SIZE);
    return OK;
}

/* *present: false when the account has no such key. */
static enum err place_find(struct store_tx *tx, uint64_t account, const char *id,
                           struct made *place, char *label, bool *present)
{
    struct query *q = NULL;
    enum err e;

    TRY(query_open(store_tx_driver(tx),
                   "SELECT created_at_ns, label_folded FROM api_key "
                   "WHERE id = $id AND account = $account",
                   &q));
    query_bind_text(q, "$id", id_slice(id));
    query_bind_integer(q, "$account", (int64_t)account);
    TRY(query_step(q, present));
    if (!*present)
        goto out;
    place->at_ns = (uint64_t)query_integer(q, 0);
    memcpy(place->id, id, sizeof place->id);
    if (label != NULL && query_text(q, 1).size < STORE_KEY_LABEL_SIZE)
        memcpy(label, query_text(q, 1).at, query_text(q, 1).size + 1);
out:
    query_close(&q);
    return e;
}

/* The newest ones of one environment and one state, added behind made[*count]. */
static enum err newest_add(struct store_tx *tx, uint64_t account, enum environment environment,
                           enum key_state state, const struct made *before, size_t limit,
                           struct made *made, size_t *count)
{
    struct query *q = NULL;
    bool row;
    enum err e;

    TRY(query_open(store_tx_driver(tx),
                   "SELECT created_at_ns, id FROM api_key WHERE account = $account "
                   "AND environment = $environment AND state = $state "
                   "AND (created_at_ns, id) < ($at, $id) "
                   "ORDER BY created_at_ns DESC, id DESC LIMIT $limit",
                   &q));
    query_bind_integer(q, "$account", (int64_t)account);
    query_bind_integer(q, "$environment", environment);
    query_bind_integer(q, "$state", state);
    query_bind_integer(q, "$at", (int64_t)before->at_ns);
    query_bind_text(q, "$id", id_slice(before->id));
    query_bind_integer(q, "$limit", (int64_t)limit);
    for (;;) {
        TRY(query_step(q, &row));
        if (!row)
            break;
        made[*count].at_ns = (uint64_t)query_integer(q, 0);
        TRY(id_take(q, 1, made[*count].id));
        (*count)++;
    }
out:
    query_close(&q);
    return e;
}

/* The heads of the stretches are merged. */
enum err store_key_page_newest(struct store_tx *tx, const struct store_key_filter *filter,
                               const char *before, size_t limit, struct store_key_page *page)
{
    struct made from = { .at_ns = INT64_MAX };
    struct made *made = calloc(STRETCHES * (limit + 1), sizeof *made);
    size_t count = 0;
    bool present = true;
    enum err e = ERR_MEMORY;

    assert(limit >= 1 && limit <= STORE_KEY_PAGE_MOST);
    if (made == NULL)
        goto out;
    memset(from.id, 'z', sizeof from.id);
    e = OK;
    if (before != NULL)
        TRY(place_find(tx, filter->account, before, &from, NULL, &present));
    *page = (struct store_key_page){ .count = 0 };
    if (!present)
        goto out;
    for (enum environment v = 0; v < ENVIRONMENT_COUNT; v++)
        for (enum key_state state = KEY_ACTIVE; state <= KEY_EXPIRED; state++)
            if ((filter->environments & 1u << v) != 0 && (filter->states & 1u << state) != 0)
                TRY(newest_add(tx, filter->account, v, state, &from, limit + 1, made, &count));
    qsort(made, count, sizeof *made, made_compare);
    for (size_t i = 0; i < count && i < limit; i++)
        memcpy(page->ids[page->count++], made[i].id, RECORD_KEY_SIZE);
    if (count > limit)
        memcpy(page->next, made[limit - 1].id, RECORD_KEY_SIZE);
out:
    free(made);
    return e;
}

static bool filter_wants(const struct store_key_filter *filter, const struct query *q,
                         int environment, int state)
{
    return (filter->environments & 1u << query_integer(q, environment)) != 0 &&
           (filter->states & 1u << query_integer(q, state)) != 0;
}

/* The labels from behind (label, id) on, in their order; the caller steps and closes. */
static enum err labels_open(struct store_tx *tx, uint64_t account, struct slice label,
                            struct slice id, struct query **q)
{
    enum err e;

    TRY(query_open(store_tx_driver(tx),
                   "SELECT label_folded, id, environment, state FROM api_key "
                   "WHERE account = $account AND (label_folded, id) > ($label, $id) "
                   "ORDER BY label_folded, id LIMIT $limit",
                   q));
    query_bind_integer(*q, "$account", (int64_t)account);
    query_bind_text(*q, "$label", label);
    query_bind_text(*q, "$id", id);
    query_bind_integer(*q, "$limit", STORE_KEY_WALK_MOST);
out:
    return e;
}

enum err store_key_page_labelled(struct store_tx *tx, const struct store_key_filter *filter,
                                 struct slice prefix, const char *before, size_t limit,
                                 struct store_key_page *page)
{
    char label[STORE_KEY_LABEL_SIZE] = "", last[RECORD_KEY_SIZE] = "";
    bool present = true, row = false;
    struct query *q = NULL;
    struct made place;
    size_t walked = 0;
    enum err e = OK;

    assert(limit >= 1 && limit <= STORE_KEY_PAGE_MOST);
    if (before != NULL)
        TRY(place_find(tx, filter->account, before, &place, label, &present));
    *page = (struct store_key_page){ .count = 0 };
    if (!present)
        goto out;
    TRY(labels_open(tx, filter->account, before == NULL ? prefix : slice_of(label),
                    before == NULL ? SLICE("") : id_slice(place.id), &q));
    for (;; walked++) {
        TRY(query_step(q, &row));
        if (!row || !slice_starts(query_text(q, 0), prefix))
            break;
        if (page->count == limit) {
            memcpy(page->next, last, sizeof last);
            break;
        }
        TRY(id_take(q, 1, last));
        if (filter_wants(filter, q, 2, 3))
            memcpy(page->ids[page->count++], last, sizeof last);
    }
    if (!row && walked == STORE_KEY_WALK_MOST)
        memcpy(page->next, last, sizeof last);
out:
    query_close(&q);
    return e;
}

enum err store_key_page_named(struct store_tx *tx, const struct store_key_filter *filter,
                              struct slice prefix, size_t limit, struct store_key_page *page)
{
    struct query *q = NULL;
    bool row;
    enum err e;

    assert(limit >= 1 && limit <= STORE_KEY_PAGE_MOST);
    *page = (struct store_key_page){ .count = 0 };
    TRY(query_open(store_tx_driver(tx),
                   "SELECT id, account, environment, state FROM api_key WHERE id >= $prefix "
                   "ORDER BY id LIMIT $limit",
                   &q));
    query_bind_text(q, "$prefix", prefix);
    query_bind_integer(q, "$limit", STORE_KEY_WALK_MOST);
    while (page->count < limit) {
        TRY(query_step(q, &row));
        if (!row || !slice_starts(query_text(q, 0), prefix))
            break;
        if ((filter->account == 0 || filter->account == (uint64_t)query_integer(q, 1)) &&
            filter_wants(filter, q, 2, 3))
            TRY(id_take(q, 0, page->ids[page->count++]));
    }
out:
    query_close(&q);
    return e;
}

enum err store_key_count(struct store_tx *tx, const struct store_key_filter *filter,
                         uint64_t *count)
{
    struct query *q = NULL;
    bool row;
    enum err e;

    *count = 0;
    TRY(query_open(store_tx_driver(tx),
                   "SELECT environment, state, keys FROM api_key_count "
                   "WHERE account = $account",
                   &q));
    query_bind_integer(q, "$account", (int64_t)filter->account);
    for (;;) {
        TRY(query_step(q, &row));
        if (!row)
            break;
        if (filter_wants(filter, q, 0, 1))
            *count += (uint64_t)query_integer(q, 2);
    }
out:
    query_close(&q);
    return e;
}

enum err store_key_count_labelled(struct store_tx *tx, const struct store_key_filter *filter,
                                  struct slice prefix, uint64_t *count)
{
    struct query *q = NULL;
    bool row;
    enum err e;

    *count = 0;
    TRY(labels_open(tx, filter->account, prefix, SLICE(""), &q));
    for (;;) {
        TRY(query_step(q, &row));
        if (!row || !slice_starts(query_text(q, 0), prefix))
            break;
        *count += filter_wants(filter, q, 2, 3);
    }
out:
    query_close(&q);
    return e;
}
