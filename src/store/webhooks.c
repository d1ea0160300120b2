#include "store/webhooks.h"

#include <stdio.h>
#include <string.h>

#include "store/transaction.h"

enum err store_webhook_id_next(struct store_tx *tx, uint64_t *id)
{
    struct query *q = NULL;
    bool row;
    enum err e;

    TRY(query_open(store_tx_driver(tx), "SELECT COALESCE(MAX(id) + 1, 1) FROM webhook", &q));
    TRY(query_step(q, &row));
    if (row)
        *id = (uint64_t)query_integer(q, 0);
    else
        e = ERR_STORE;
out:
    query_close(&q);
    return e;
}

enum err store_webhook_insert(struct store_tx *tx, const struct store_webhook *webhook)
{
    struct query *q = NULL;
    enum err e;

    TRY(query_open(store_tx_driver(tx),
                   "INSERT INTO webhook (id, account, url, events, secret_sealed, state, "
                   "made_at_ns, failing_since_ns) "
                   "VALUES ($id, $account, $url, $events, $sealed, $state, $made, $failing)",
                   &q));
    query_bind_integer(q, "$id", (int64_t)webhook->id);
    query_bind_integer(q, "$account", (int64_t)webhook->account);
    query_bind_text(q, "$url", slice_of(webhook->url));
    query_bind_text(q, "$events", slice_of(webhook->events));
    query_bind_bytes(q, "$sealed", webhook->sealed, webhook->sealed_size);
    query_bind_integer(q, "$state", webhook->state);
    query_bind_integer(q, "$made", (int64_t)webhook->made_at_ns);
    query_bind_integer(q, "$failing", (int64_t)webhook->failing_since_ns);
    e = query_run(q);
out:
    query_close(&q);
    return e;
}

static enum err webhook_of_row(const struct query *q, struct store_webhook *webhook)
{
    struct slice url = query_text(q, 2), events = query_text(q, 3), sealed = query_bytes(q, 4);

    *webhook = (struct store_webhook){
        .id = (uint64_t)query_integer(q, 0),
        .account = (uint64_t)query_integer(q, 1),
        .sealed_size = sealed.size,
        .state = (enum webhook_state)query_integer(q, 5),
        .made_at_ns = (uint64_t)query_integer(q, 6),
        .failing_since_ns = (uint64_t)query_integer(q, 7),
    };
    if (url.size >= sizeof webhook->url || events.size >= sizeof webhook->events ||
        sealed.size > sizeof webhook->sealed)
        return ERR_CORRUPT;
    snprintf(webhook->url, sizeof webhook->url, "%.*s", (int)url.size, url.at);
    snprintf(webhook->events, sizeof webhook->events, "%.*s", (int)events.size, events.at);
    memcpy(webhook->sealed, sealed.at, sealed.size);
    return OK;
}

enum err store_webhook_get(struct store_tx *tx, uint64_t id, struct store_webhook *webhook)
{
    struct query *q = NULL;
    bool row;
    enum err e;

    TRY(query_open(store_tx_driver(tx),
                   "SELECT id, account, url, events, secret_sealed, state, made_at_ns, "
                   "failing_since_ns FROM webhook WHERE id = $id",
                   &q));
    query_bind_integer(q, "$id", (int64_t)id);
    TRY(query_step(q, &row));
    e = row ? webhook_of_row(q, webhook) : ERR_MISSING;
out:
    query_close(&q);
    return e;
}

enum err store_webhook_set(struct store_tx *tx, const struct store_webhook *webhook)
{
    struct query *q = NULL;
    enum err e;

    TRY(query_open(store_tx_driver(tx),
                   "UPDATE webhook SET state = $state, failing_since_ns = $failing WHERE id = $id",
                   &q));
    query_bind_integer(q, "$state", webhook->state);
    query_bind_integer(q, "$failing", (int64_t)webhook->failing_since_ns);
    query_bind_integer(q, "$id", (int64_t)webhook->id);
    e = query_run(q);
out:
    query_close(&q);
    return e;
}

enum err store_webhooks_list(struct store_tx *tx, uint64_t account, struct store_webhook *webhooks,
                             size_t capacity, size_t *count)
{
    struct query *q = NULL;
    bool row;
    enum err e;

    *count = 0;
    TRY(query_open(store_tx_driver(tx),
                   "SELECT id, account, url, events, secret_sealed, state, made_at_ns, "
                   "failing_since_ns FROM webhook WHERE account = $account AND state < 3 "
                   "ORDER BY id",
                   &q));
    query_bind_integer(q, "$account", (int64_t)account);
    while (*count < capacity) {
        TRY(query_step(q, &row));
        if (!row)
            break;
        TRY(webhook_of_row(q, &webhooks[*count]));
        ++*count;
    }
out:
    query_close(&q);
    return e;
}

/* ---- deliveries ---- */

enum err store_webhook_delivery_insert(struct store_tx *tx, struct store_webhook_delivery *delivery)
{
    struct query *q = NULL;
    bool row;
    enum err e;

    TRY(query_open(store_tx_driver(tx),
                   "INSERT INTO webhook_delivery (id, webhook, event, state, attempt_count, "
                   "made_at_ns, due_at_ns, done_at_ns, status, problem) "
                   "SELECT COALESCE(MAX(id) + 1, 1), $webhook, $event, 1, 0, $made, $due, 0, 0, '' "
                   "FROM webhook_delivery WHERE true RETURNING id",
                   &q));
    query_bind_integer(q, "$webhook", (int64_t)delivery->webhook);
    query_bind_integer(q, "$event", (int64_t)delivery->event);
    query_bind_integer(q, "$made", (int64_t)delivery->made_at_ns);
    query_bind_integer(q, "$due", (int64_t)delivery->due_at_ns);
    TRY(query_step(q, &row));
    if (row)
        delivery->id = (uint64_t)query_integer(q, 0);
    else
        e = ERR_STORE;
out:
    query_close(&q);
    return e;
}

static void delivery_of_row(const struct query *q, struct store_webhook_delivery *delivery)
{
    struct slice problem = query_text(q, 9);

    *delivery = (struct store_webhook_delivery){
        .id = (uint64_t)query_integer(q, 0),
        .webhook = (uint64_t)query_integer(q, 1),
        .event = (uint64_t)query_integer(q, 2),
        .state = (enum delivery_state)query_integer(q, 3),
        .attempt_count = (uint32_t)query_integer(q, 4),
        .made_at_ns = (uint64_t)query_integer(q, 5),
        .due_at_ns = (uint64_t)query_integer(q, 6),
        .done_at_ns = (uint64_t)query_integer(q, 7),
        .status = (uint32_t)query_integer(q, 8),
        .kind = (uint32_t)query_integer(q, 10),
    };
    snprintf(delivery->problem, sizeof delivery->problem, "%.*s", (int)problem.size, problem.at);
}

/* A receiver that is slow or dead may hold a few transfers, and leaves the others to the rest. */
#define DELIVERY_READY                                                               \
    "d.state = 1 AND (SELECT COUNT(*) FROM webhook_delivery AS u WHERE u.state = 2 " \
    "AND u.webhook = d.webhook) < 2 "

#define DELIVERY_COLUMNS                                                                        \
    "SELECT d.id, d.webhook, d.event, d.state, d.attempt_count, d.made_at_ns, d.due_at_ns, "    \
    "d.done_at_ns, d.status, d.problem, e.kind FROM webhook_delivery AS d "                     \
    "JOIN event AS e ON e.id = d.event "

enum err store_webhook_delivery_get(struct store_tx *tx, uint64_t webhook, uint64_t id,
                                    struct store_webhook_delivery *delivery)
{
    struct query *q = NULL;
    bool row;
    enum err e;

    TRY(query_open(store_tx_driver(tx),
                   DELIVERY_COLUMNS "WHERE d.id = $id AND d.webhook = $webhook", &q));
    query_bind_integer(q, "$id", (int64_t)id);
    query_bind_integer(q, "$webhook", (int64_t)webhook);
    TRY(query_step(q, &row));
    if (row)
        delivery_of_row(q, delivery);
    else
        e = ERR_MISSING;
out:
    query_close(&q);
    return e;
}

enum err store_webhook_delivery_set(struct store_tx *tx,
                                    const struct store_webhook_delivery *delivery)
{
    struct query *q = NULL;
    enum err e;

    TRY(query_open(store_tx_driver(tx),
                   "UPDATE webhook_delivery SET state = $state, attempt_count = $attempts, "
                   "due_at_ns = $due, done_at_ns = $done, status = $status, problem = $problem "
                   "WHERE id = $id",
                   &q));
    query_bind_integer(q, "$state", delivery->state);
    query_bind_integer(q, "$attempts", delivery->attempt_count);
    query_bind_integer(q, "$due", (int64_t)delivery->due_at_ns);
    query_bind_integer(q, "$done", (int64_t)delivery->done_at_ns);
    query_bind_integer(q, "$status", delivery->status);
    query_bind_text(q, "$problem", slice_of(delivery->problem));
    query_bind_integer(q, "$id", (int64_t)delivery->id);
    e = query_run(q);
out:
    query_close(&q);
    return e;
}

enum err store_webhook_deliveries_list(struct store_tx *tx, uint64_t webhook, uint64_t before,
                                       struct store_webhook_delivery *deliveries, size_t capacity,
                                       size_t *count)
{
    struct query *q = NULL;
    bool row;
    enum err e;

    *count = 0;
    TRY(query_open(store_tx_driver(tx),
                   DELIVERY_COLUMNS "WHERE d.webhook = $webhook AND d.id < $before "
                                    "ORDER BY d.id DESC LIMIT $most",
                   &q));
    query_bind_integer(q, "$webhook", (int64_t)webhook);
    query_bind_integer(q, "$before", before == 0 ? INT64_MAX : (int64_t)before);
    query_bind_integer(q, "$most", (int64_t)capacity);
    while (*count < capacity) {
        TRY(query_step(q, &row));
        if (!row)
            break;
        delivery_of_row(q, &deliveries[(*count)++]);
    }
out:
    query_close(&q);
    return e;
}

enum err store_webhook_due_find(struct store_tx *tx, uint64_t now_ns,
                                struct store_webhook_delivery *delivery, bool *present)
{
    struct query *q = NULL;
    enum err e;

    *present = false;
    TRY(query_open(store_tx_driver(tx),
                   DELIVERY_COLUMNS "WHERE " DELIVERY_READY "AND d.due_at_ns <= $now "
                                    "ORDER BY d.due_at_ns LIMIT 1",
                   &q));
    query_bind_integer(q, "$now", (int64_t)now_ns);
    TRY(query_step(q, present));
    if (*present)
        delivery_of_row(q, delivery);
out:
    query_close(&q);
    return e;
}

/* The first column of the only row. */
static enum err number_get(struct query *q, uint64_t *number)
{
    bool row;
    enum err e;

    *number = 0;
    TRY(query_step(q, &row));
    if (row)
        *number = (uint64_t)query_integer(q, 0);
out:
    return e;
}

enum err store_webhook_due_get(struct store_tx *tx, uint64_t *due_at_ns)
{
    struct query *q = NULL;
    enum err e;

    TRY(query_open(store_tx_driver(tx),
                   "SELECT d.due_at_ns FROM webhook_delivery AS d WHERE " DELIVERY_READY
                   "ORDER BY d.due_at_ns LIMIT 1",
                   &q));
    e = number_get(q, due_at_ns);
out:
    query_close(&q);
    return e;
}

enum err store_webhook_waiting_count(struct store_tx *tx, uint64_t *count)
{
    struct query *q = NULL;
    enum err e;

    TRY(query_open(store_tx_driver(tx), "SELECT COUNT(*) FROM webhook_delivery WHERE state = 1",
                   &q));
    e = number_get(q, count);
out:
    query_close(&q);
    return e;
}

enum err store_webhook_drop(struct store_tx *tx, uint64_t webhook, uint64_t at_ns,
                            struct slice words)
{
    struct query *q = NULL;
    enum err e;

    TRY(query_open(store_tx_driver(tx),
                   "UPDATE webhook_delivery SET state = 4, done_at_ns = $at, problem = $words "
                   "WHERE webhook = $webhook AND state = 1",
                   &q));
    query_bind_integer(q, "$at", (int64_t)at_ns);
    query_bind_text(q, "$words", words);
    query_bind_integer(q, "$webhook", (int64_t)webhook);
    e = query_run(q);
out:
    query_close(&q);
    return e;
}

enum err store_webhook_deliveries_forget(struct store_tx *tx, uint64_t before_ns, uint64_t most)
{
    struct query *q = NULL;
    enum err e;

    TRY(query_open(store_tx_driver(tx),
                   "DELETE FROM webhook_delivery WHERE id IN (SELECT id FROM webhook_delivery "
                   "WHERE state > 2 AND done_at_ns < $before ORDER BY done_at_ns LIMIT $most)",
                   &q));
    query_bind_integer(q, "$before", (int64_t)before_ns);
    query_bind_integer(q, "$most", (int64_t)most);
    e = query_run(q);
out:
    query_close(&q);
    return e;
}

enum err store_webhook_deliveries_recover(struct store_tx *tx)
{
    struct query *q = NULL;
    enum err e;

    TRY(query_open(store_tx_driver(tx),
                   "UPDATE webhook_delivery SET state = 1 WHERE state = 2", &q));
    e = query_run(q);
out:
    query_close(&q);
    return e;
}
