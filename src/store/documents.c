#include "store/documents.h"

#include "store/transaction.h"

#define DOCUMENT_COLUMNS "id, account, step, kind, bytes, name, at_ns, review"

static void document_of_row(const struct query *q, struct store_document *document)
{
    *document = (struct store_document){
        .account = (uint64_t)query_integer(q, 1),
        .step = (uint16_t)query_integer(q, 2),
        .kind = (enum document_kind)query_integer(q, 3),
        .bytes = (uint64_t)query_integer(q, 4),
        .at_ns = (uint64_t)query_integer(q, 6),
        .review = (uint64_t)query_integer(q, 7),
    };
    query_text_copy(q, 0, document->id, sizeof document->id);
    query_text_copy(q, 5, document->name, sizeof document->name);
}

enum err store_document_insert(struct store_tx *tx, const struct store_document *document)
{
    struct query *q = NULL;
    enum err e;

    TRY(query_open(store_tx_driver(tx),
                   "INSERT INTO document (" DOCUMENT_COLUMNS ") "
                   "VALUES ($id, $account, $step, $kind, $bytes, $name, $at, $review)",
                   &q));
    query_bind_text(q, "$id", slice_of(document->id));
    query_bind_integer(q, "$account", (int64_t)document->account);
    query_bind_integer(q, "$step", document->step);
    query_bind_integer(q, "$kind", document->kind);
    query_bind_integer(q, "$bytes", (int64_t)document->bytes);
    query_bind_text(q, "$name", slice_of(document->name));
    query_bind_integer(q, "$at", (int64_t)document->at_ns);
    query_bind_integer(q, "$review", (int64_t)document->review);
    e = query_run(q);
out:
    query_close(&q);
    return e;
}

enum err store_document_get(struct store_tx *tx, struct slice id, struct store_document *document)
{
    struct query *q = NULL;
    bool row;
    enum err e;

    TRY(query_open(store_tx_driver(tx),
                   "SELECT " DOCUMENT_COLUMNS " FROM document WHERE id = $id", &q));
    query_bind_text(q, "$id", id);
    TRY(query_step(q, &row));
    if (row)
        document_of_row(q, document);
    else
        e = ERR_MISSING;
out:
    query_close(&q);
    return e;
}

enum err store_document_after(struct store_tx *tx, const char *id,
                              struct store_document *document)
{
    struct query *q = NULL;
    bool row;
    enum err e;

    TRY(query_open(store_tx_driver(tx),
                   "SELECT " DOCUMENT_COLUMNS " FROM document WHERE id > $id ORDER BY id LIMIT 1",
                   &q));
    query_bind_text(q, "$id", slice_of(id));
    TRY(query_step(q, &row));
    if (row)
        document_of_row(q, document);
    else
        e = ERR_MISSING;
out:
    query_close(&q);
    return e;
}

enum err store_documents_count(struct store_tx *tx, uint64_t *count)
{
    struct query *q = NULL;
    bool row;
    enum err e;

    TRY(query_open(store_tx_driver(tx), "SELECT COUNT(*) FROM document", &q));
    TRY(query_step(q, &row));
    *count = row ? (uint64_t)query_integer(q, 0) : 0;
out:
    query_close(&q);
    return e;
}

enum err store_document_delete(struct store_tx *tx, const char *id)
{
    struct query *q = NULL;
    enum err e;

    TRY(query_open(store_tx_driver(tx), "DELETE FROM document WHERE id = $id", &q));
    query_bind_text(q, "$id", slice_of(id));
    e = query_run(q);
out:
    query_close(&q);
    return e;
}

static enum err documents_take(struct query *q, struct store_document *documents, size_t capacity,
                               size_t *count)
{
    bool row;
    enum err e = OK;

    *count = 0;
    while (*count < capacity) {
        TRY(query_step(q, &row));
        if (!row)
            break;
        document_of_row(q, &documents[(*count)++]);
    }
out:
    return e;
}

enum err store_documents_list(struct store_tx *tx, uint64_t account, uint16_t step,
                              struct store_document *documents, size_t capacity, size_t *count)
{
    struct query *q = NULL;
    enum err e;

    *count = 0;
    TRY(query_open(store_tx_driver(tx),
                   "SELECT " DOCUMENT_COLUMNS " FROM document WHERE account = $account "
                   "AND ($step = 0 OR step = $step) ORDER BY at_ns, id LIMIT $most",
                   &q));
    query_bind_integer(q, "$account", (int64_t)account);
    query_bind_integer(q, "$step", step);
    query_bind_integer(q, "$most", (int64_t)capacity);
    e = documents_take(q, documents, capacity, count);
out:
    query_close(&q);
    return e;
}

enum err store_documents_of_review(struct store_tx *tx, uint64_t review,
                                   struct store_document *documents, size_t capacity,
                                   size_t *count)
{
    struct query *q = NULL;
    enum err e;

    *count = 0;
    TRY(query_open(store_tx_driver(tx),
                   "SELECT " DOCUMENT_COLUMNS " FROM document WHERE review = $review "
                   "AND review > 0 ORDER BY at_ns, id LIMIT $most",
                   &q));
    query_bind_integer(q, "$review", (int64_t)review);
    query_bind_integer(q, "$most", (int64_t)capacity);
    e = documents_take(q, documents, capacity, count);
out:
    query_close(&q);
    return e;
}

enum err store_documents_sum(struct store_tx *tx, uint64_t account, uint16_t step,
                             struct store_documents_sum *sum)
{
    struct query *q = NULL;
    bool row;
    enum err e;

    *sum = (struct store_documents_sum){ 0 };
    TRY(query_open(store_tx_driver(tx),
                   "SELECT COUNT(*), CAST(COALESCE(SUM(bytes), 0) AS BIGINT), "
                   "CAST(COALESCE(SUM(CASE WHEN step = $step AND review = 0 THEN 1 ELSE 0 END), 0) "
                   "AS BIGINT) FROM document WHERE account = $account",
                   &q));
    query_bind_integer(q, "$account", (int64_t)account);
    query_bind_integer(q, "$step", step);
    TRY(query_step(q, &row));
    if (row)
        *sum = (struct store_documents_sum){ (uint64_t)query_integer(q, 0),
                                             (uint64_t)query_integer(q, 1),
                                             (uint64_t)query_integer(q, 2) };
out:
    query_close(&q);
    return e;
}

enum err store_documents_submit(struct store_tx *tx, uint64_t account, uint16_t step,
                                uint64_t review)
{
    struct query *q = NULL;
    enum err e;

    TRY(query_open(store_tx_driver(tx),
                   "UPDATE document SET review = $review "
                   "WHERE account = $account AND step = $step AND review = 0",
                   &q));
    query_bind_integer(q, "$review", (int64_t)review);
    query_bind_integer(q, "$account", (int64_t)account);
    query_bind_integer(q, "$step", step);
    e = query_run(q);
out:
    query_close(&q);
    return e;
}
