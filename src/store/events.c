#include "store/events.h"

#include <stdio.h>
#include <string.h>

#include "store/transaction.h"

enum err store_event_insert(struct store_tx *tx, struct store_event *event)
{
    struct slice key = { event->key, event->key[0] == '\0' ? 0 : sizeof event->key };
    struct query *q = NULL;
    bool row;
    enum err e;

    TRY(query_open(store_tx_driver(tx),
                   "INSERT INTO event (id, account, api_key, kind, at_ns, address, data) "
                   "SELECT COALESCE(MAX(id) + 1, 1), $account, $key, $kind, $at, $address, $data "
                   "FROM event WHERE true RETURNING id",
                   &q));
    query_bind_integer(q, "$account", (int64_t)event->account);
    query_bind_text(q, "$key", key);
    query_bind_integer(q, "$kind", event->kind);
    query_bind_integer(q, "$at", (int64_t)event->at_ns);
    query_bind_text(q, "$address", slice_of(event->address));
    query_bind_text(q, "$data", slice_of(event->data));
    TRY(query_step(q, &row));
    if (row)
        event->id = (uint64_t)query_integer(q, 0);
    else
        e = ERR_STORE;
out:
    query_close(&q);
    return e;
}

static enum err event_of_row(const struct query *q, struct store_event *event)
{
    struct slice key = query_text(q, 2), address = query_text(q, 5), data = query_text(q, 6);

    *event = (struct store_event){
        .id = (uint64_t)query_integer(q, 0),
        .account = (uint64_t)query_integer(q, 1),
        .kind = (uint32_t)query_integer(q, 3),
        .at_ns = (uint64_t)query_integer(q, 4),
    };
    if (address.size >= sizeof event->address || data.size >= sizeof event->data)
        return ERR_CORRUPT;
    if (key.size == sizeof event->key)
        memcpy(event->key, key.at, key.size);
    snprintf(event->address, sizeof event->address, "%.*s", (int)address.size, address.at);
    snprintf(event->data, sizeof event->data, "%.*s", (int)data.size, data.at);
    return OK;
}

enum err store_event_get(struct store_tx *tx, uint64_t id, struct store_event *event)
{
    struct query *q = NULL;
    bool row;
    enum err e;

    TRY(query_open(store_tx_driver(tx),
                   "SELECT id, account, api_key, kind, at_ns, address, data FROM event "
                   "WHERE id = $id",
                   &q));
    query_bind_integer(q, "$id", (int64_t)id);
    TRY(query_step(q, &row));
    e = row ? event_of_row(q, event) : ERR_MISSING;
out:
    query_close(&q);
    return e;
}

enum err store_events_each(struct store_tx *tx, uint64_t account, uint64_t before, size_t most,
                           bool (*each)(void *context, const struct store_event *event),
                           void *context)
{
    struct store_event event;
    struct query *q = NULL;
    bool row;
    enum err e;

    TRY(query_open(store_tx_driver(tx),
                   "SELECT id, account, api_key, kind, at_ns, address, data FROM event "
                   "WHERE account = $account AND id < $before ORDER BY id DESC LIMIT $most",
                   &q));
    query_bind_integer(q, "$account", (int64_t)account);
    query_bind_integer(q, "$before", before == 0 ? INT64_MAX : (int64_t)before);
    query_bind_integer(q, "$most", (int64_t)most);
    for (;;) {
        TRY(query_step(q, &row));
        if (!row)
            break;
        TRY(event_of_row(q, &event));
        if (!each(context, &event))
            break;
    }
out:
    query_close(&q);
    return e;
}

enum err store_notice_read_get(struct store_tx *tx, uint64_t account, uint64_t *up_to)
{
    struct query *q = NULL;
    bool row;
    enum err e;

    *up_to = 0;
    TRY(query_open(store_tx_driver(tx), "SELECT up_to FROM notice_read WHERE account = $account",
                   &q));
    query_bind_integer(q, "$account", (int64_t)account);
    TRY(query_step(q, &row));
    if (row)
        *up_to = (uint64_t)query_integer(q, 0);
out:
    query_close(&q);
    return e;
}

enum err store_notice_read_set(struct store_tx *tx, uint64_t account, uint64_t up_to)
{
    struct query *q = NULL;
    enum err e;

    TRY(query_open(store_tx_driver(tx),
                   "INSERT INTO notice_read (account, up_to) VALUES ($account, $up_to) "
                   "ON CONFLICT (account) DO UPDATE SET up_to = excluded.up_to "
                   "WHERE notice_read.up_to < excluded.up_to",
                   &q));
    query_bind_integer(q, "$account", (int64_t)account);
    query_bind_integer(q, "$up_to", (int64_t)up_to);
    e = query_run(q);
out:
    query_close(&q);
    return e;
}

enum err store_notices_unread_count(struct store_tx *tx, uint64_t account, uint64_t most,
                                    uint64_t *count)
{
    struct query *q = NULL;
    bool row;
    enum err e;

    *count = 0;
    TRY(query_open(store_tx_driver(tx),
                   "SELECT COUNT(*) FROM (SELECT id FROM event WHERE account = $account AND id > "
                   "COALESCE((SELECT up_to FROM notice_read WHERE account = $account), 0) "
                   "LIMIT $most) AS unread",
                   &q));
    query_bind_integer(q, "$account", (int64_t)account);
    query_bind_integer(q, "$most", (int64_t)most);
    TRY(query_step(q, &row));
    if (row)
        *count = (uint64_t)query_integer(q, 0);
out:
    query_close(&q);
    return e;
}
