#include "store/leaks.h"

#include <string.h>

#include "store/transaction.h"

#define LEAK_COLUMNS \
    "id, api_key, kind, reaction, found_at_ns, lifted_at_ns, sightings, evidence, evidence_sha256"

static struct slice key_slice(const char *key)
{
    return (struct slice){ key, RECORD_KEY_SIZE };
}

static enum err leak_of_row(const struct query *q, struct store_leak *leak)
{
    struct slice key = query_text(q, 1), sha256 = query_bytes(q, 8);

    if (key.size != sizeof leak->key || sha256.size != sizeof leak->evidence_sha256)
        return ERR_CORRUPT;
    leak->id = (uint64_t)query_integer(q, 0);
    memcpy(leak->key, key.at, key.size);
    leak->kind = (enum leak_kind)query_integer(q, 2);
    leak->reaction = (enum leak_reaction)query_integer(q, 3);
    leak->found_at_ns = (uint64_t)query_integer(q, 4);
    leak->lifted_at_ns = (uint64_t)query_integer(q, 5);
    leak->sightings = (uint64_t)query_integer(q, 6);
    query_text_copy(q, 7, leak->evidence, sizeof leak->evidence);
    memcpy(leak->evidence_sha256, sha256.at, sha256.size);
    return OK;
}

enum err store_leak_id_next(struct store_tx *tx, uint64_t *id)
{
    struct query *q = NULL;
    bool row;
    enum err e;

    TRY(query_open(store_tx_driver(tx), "SELECT COALESCE(MAX(id) + 1, 1) FROM leak", &q));
    TRY(query_step(q, &row));
    *id = row ? (uint64_t)query_integer(q, 0) : 1;
out:
    query_close(&q);
    return e;
}

enum err store_leak_insert(struct store_tx *tx, const struct store_leak *leak)
{
    struct query *q = NULL;
    enum err e;

    TRY(query_open(store_tx_driver(tx),
                   "INSERT INTO leak (" LEAK_COLUMNS ") "
                   "VALUES ($id, $key, $kind, $reaction, $found, 0, 0, $evidence, $sha256)",
                   &q));
    query_bind_integer(q, "$id", (int64_t)leak->id);
    query_bind_text(q, "$key", key_slice(leak->key));
    query_bind_integer(q, "$kind", leak->kind);
    query_bind_integer(q, "$reaction", leak->reaction);
    query_bind_integer(q, "$found", (int64_t)leak->found_at_ns);
    query_bind_text(q, "$evidence", slice_of(leak->evidence));
    query_bind_bytes(q, "$sha256", leak->evidence_sha256, sizeof leak->evidence_sha256);
    e = query_run(q);
out:
    query_close(&q);
    return e;
}

enum err store_leak_find(struct store_tx *tx, const char *key, enum leak_kind kind,
                         struct store_leak *leak, bool *present)
{
    struct query *q = NULL;
    enum err e;

    *present = false;
    TRY(query_open(store_tx_driver(tx),
                   "SELECT " LEAK_COLUMNS " FROM leak WHERE api_key = $key AND kind = $kind", &q));
    query_bind_text(q, "$key", key_slice(key));
    query_bind_integer(q, "$kind", kind);
    TRY(query_step(q, present));
    if (*present)
        e = leak_of_row(q, leak);
out:
    query_close(&q);
    return e;
}

enum err store_leak_get(struct store_tx *tx, uint64_t id, struct store_leak *leak)
{
    struct query *q = NULL;
    bool row;
    enum err e;

    TRY(query_open(store_tx_driver(tx), "SELECT " LEAK_COLUMNS " FROM leak WHERE id = $id", &q));
    query_bind_integer(q, "$id", (int64_t)id);
    TRY(query_step(q, &row));
    e = row ? leak_of_row(q, leak) : ERR_MISSING;
out:
    query_close(&q);
    return e;
}

enum err store_leaks_each(struct store_tx *tx, uint64_t before, size_t most,
                          bool (*each)(void *context, const struct store_leak *leak), void *context)
{
    struct store_leak leak;
    struct query *q = NULL;
    bool row;
    enum err e;

    TRY(query_open(store_tx_driver(tx),
                   "SELECT " LEAK_COLUMNS " FROM leak WHERE id < $before "
                   "ORDER BY id DESC LIMIT $most",
                   &q));
    query_bind_integer(q, "$before", before == 0 ? INT64_MAX : (int64_t)before);
    query_bind_integer(q, "$most", (int64_t)most);
    for (;;) {
        TRY(query_step(q, &row));
        if (!row)
            break;
        TRY(leak_of_row(q, &leak));
        if (!each(context, &leak))
            break;
    }
out:
    query_close(&q);
    return e;
}

static enum err place_insert(struct store_tx *tx, const struct store_leak_place *place, bool *added)
{
    struct query *q = NULL;
    enum err e;

    TRY(query_open(store_tx_driver(tx),
                   "INSERT INTO leak_place (leak, sha256, channel, origin, place, excerpt, alert, "
                   "seen_at_ns, found_at_ns, details) VALUES ($leak, $sha256, $channel, $origin, "
                   "$place, $excerpt, $alert, $seen, $found, $details) "
                   "ON CONFLICT (leak, sha256) DO NOTHING",
                   &q));
    query_bind_integer(q, "$leak", (int64_t)place->leak);
    query_bind_bytes(q, "$sha256", place->sha256, sizeof place->sha256);
    query_bind_integer(q, "$channel", place->channel);
    query_bind_text(q, "$origin", slice_of(place->origin));
    query_bind_text(q, "$place", slice_of(place->place));
    query_bind_text(q, "$excerpt", slice_of(place->excerpt));
    query_bind_integer(q, "$alert", (int64_t)place->alert);
    query_bind_integer(q, "$seen", (int64_t)place->seen_at_ns);
    query_bind_integer(q, "$found", (int64_t)place->found_at_ns);
    query_bind_text(q, "$details", slice_of(place->details));
    TRY(query_run(q));
    *added = query_changed(q) > 0;
out:
    query_close(&q);
    return e;
}

enum err store_leak_place_add(struct store_tx *tx, const struct store_leak_place *place,
                              bool *added)
{
    struct query *q = NULL;
    bool row;
    enum err e;

    *added = false;
    TRY(query_open(store_tx_driver(tx),
                   "UPDATE leak SET sightings = sightings + 1 WHERE id = $id RETURNING sightings",
                   &q));
    query_bind_integer(q, "$id", (int64_t)place->leak);
    TRY(query_step(q, &row));
    TRY(row ? OK : ERR_MISSING);
    if (query_integer(q, 0) <= LEAK_PLACES_MOST)
        e = place_insert(tx, place, added);
out:
    query_close(&q);
    return e;
}

static enum err place_of_row(const struct query *q, struct store_leak_place *place)
{
    struct slice sha256 = query_bytes(q, 1);

    if (sha256.size != sizeof place->sha256)
        return ERR_CORRUPT;
    place->leak = (uint64_t)query_integer(q, 0);
    memcpy(place->sha256, sha256.at, sha256.size);
    place->channel = (enum leak_channel)query_integer(q, 2);
    query_text_copy(q, 3, place->origin, sizeof place->origin);
    query_text_copy(q, 4, place->place, sizeof place->place);
    query_text_copy(q, 5, place->excerpt, sizeof place->excerpt);
    place->alert = (uint64_t)query_integer(q, 6);
    place->seen_at_ns = (uint64_t)query_integer(q, 7);
    place->found_at_ns = (uint64_t)query_integer(q, 8);
    query_text_copy(q, 9, place->details, sizeof place->details);
    return OK;
}

enum err store_leak_places_each(struct store_tx *tx, uint64_t leak,
                                bool (*each)(void *context, const struct store_leak_place *place),
                                void *context)
{
    struct store_leak_place place;
    struct query *q = NULL;
    bool row;
    enum err e;

    TRY(query_open(store_tx_driver(tx),
                   "SELECT leak, sha256, channel, origin, place, excerpt, alert, seen_at_ns, "
                   "found_at_ns, details FROM leak_place WHERE leak = $leak "
                   "ORDER BY found_at_ns, sha256",
                   &q));
    query_bind_integer(q, "$leak", (int64_t)leak);
    for (;;) {
        TRY(query_step(q, &row));
        if (!row)
            break;
        TRY(place_of_row(q, &place));
        if (!each(context, &place))
            break;
    }
out:
    query_close(&q);
    return e;
}

enum err store_leak_lift(struct store_tx *tx, uint64_t id, uint64_t at_ns)
{
    struct query *q = NULL;
    enum err e;

    TRY(query_open(store_tx_driver(tx), "UPDATE leak SET lifted_at_ns = $at WHERE id = $id", &q));
    query_bind_integer(q, "$at", (int64_t)at_ns);
    query_bind_integer(q, "$id", (int64_t)id);
    e = query_run(q);
out:
    query_close(&q);
    return e;
}
