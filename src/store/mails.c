#include "store/mails.h"

#include <stdio.h>
#include <string.h>

#include "store/transaction.h"

enum err store_mail_id_next(struct store_tx *tx, uint64_t *id)
{
    struct query *q = NULL;
    bool row;
    enum err e;

    TRY(query_open(store_tx_driver(tx), "SELECT COALESCE(MAX(id) + 1, 1) FROM mail", &q));
    TRY(query_step(q, &row));
    if (row)
        *id = (uint64_t)query_integer(q, 0);
    else
        e = ERR_STORE;
out:
    query_close(&q);
    return e;
}

enum err store_mail_insert(struct store_tx *tx, const struct store_mail *mail)
{
    struct query *q = NULL;
    enum err e;

    TRY(query_open(store_tx_driver(tx),
                   "INSERT INTO mail (id, account, recipient, template, sealed, state, "
                   "attempt_count, made_at_ns, due_at_ns, done_at_ns, problem) "
                   "VALUES ($id, $account, $recipient, $template, $sealed, $state, 0, $made, $due, "
                   "0, '')",
                   &q));
    query_bind_integer(q, "$id", (int64_t)mail->id);
    query_bind_integer(q, "$account", (int64_t)mail->account);
    query_bind_text(q, "$recipient", slice_of(mail->recipient));
    query_bind_integer(q, "$template", mail->template);
    query_bind_bytes(q, "$sealed", mail->sealed, mail->sealed_size);
    query_bind_integer(q, "$state", DELIVERY_WAITING);
    query_bind_integer(q, "$made", (int64_t)mail->made_at_ns);
    query_bind_integer(q, "$due", (int64_t)mail->due_at_ns);
    e = query_run(q);
out:
    query_close(&q);
    return e;
}

static enum err mail_of_row(const struct query *q, struct store_mail *mail)
{
    struct slice recipient = query_text(q, 2), sealed = query_bytes(q, 4);
    struct slice problem = query_text(q, 10);

    mail->id = (uint64_t)query_integer(q, 0);
    mail->account = (uint64_t)query_integer(q, 1);
    mail->template = (uint32_t)query_integer(q, 3);
    mail->state = (enum delivery_state)query_integer(q, 5);
    mail->attempt_count = (uint32_t)query_integer(q, 6);
    mail->made_at_ns = (uint64_t)query_integer(q, 7);
    mail->due_at_ns = (uint64_t)query_integer(q, 8);
    mail->done_at_ns = (uint64_t)query_integer(q, 9);
    if (recipient.size >= sizeof mail->recipient || sealed.size > sizeof mail->sealed)
        return ERR_CORRUPT;
    snprintf(mail->recipient, sizeof mail->recipient, "%.*s", (int)recipient.size, recipient.at);
    snprintf(mail->problem, sizeof mail->problem, "%.*s", (int)problem.size, problem.at);
    mail->sealed_size = sealed.size;
    if (sealed.size > 0)
        memcpy(mail->sealed, sealed.at, sealed.size);
    return OK;
}

enum err store_mail_due_find(struct store_tx *tx, uint64_t now_ns, struct store_mail *mail,
                             bool *present)
{
    struct query *q = NULL;
    enum err e;

    *present = false;
    TRY(query_open(store_tx_driver(tx),
                   "SELECT id, account, recipient, template, sealed, state, attempt_count, "
                   "made_at_ns, due_at_ns, done_at_ns, problem FROM mail "
                   "WHERE state = 1 AND due_at_ns <= $now ORDER BY due_at_ns LIMIT 1",
                   &q));
    query_bind_integer(q, "$now", (int64_t)now_ns);
    TRY(query_step(q, present));
    if (*present)
        e = mail_of_row(q, mail);
out:
    query_close(&q);
    return e;
}

enum err store_mails_due_get(struct store_tx *tx, uint64_t *due_at_ns)
{
    struct query *q = NULL;
    bool row;
    enum err e;

    *due_at_ns = 0;
    TRY(query_open(store_tx_driver(tx),
                   "SELECT due_at_ns FROM mail WHERE state = 1 ORDER BY due_at_ns LIMIT 1", &q));
    TRY(query_step(q, &row));
    if (row)
        *due_at_ns = (uint64_t)query_integer(q, 0);
out:
    query_close(&q);
    return e;
}

enum err store_mail_set(struct store_tx *tx, const struct store_mail *mail)
{
    struct query *q = NULL;
    enum err e;

    TRY(query_open(store_tx_driver(tx),
                   "UPDATE mail SET state = $state, attempt_count = $attempts, due_at_ns = $due, "
                   "done_at_ns = $done, problem = $problem, "
                   "sealed = CASE WHEN $kept = 1 THEN sealed ELSE $nothing END WHERE id = $id",
                   &q));
    query_bind_integer(q, "$state", mail->state);
    query_bind_integer(q, "$attempts", mail->attempt_count);
    query_bind_integer(q, "$due", (int64_t)mail->due_at_ns);
    query_bind_integer(q, "$done", (int64_t)mail->done_at_ns);
    query_bind_text(q, "$problem", slice_of(mail->problem));
    query_bind_integer(q, "$kept", mail->state <= DELIVERY_UNDER_WAY);
    query_bind_bytes(q, "$nothing", "", 0);
    query_bind_integer(q, "$id", (int64_t)mail->id);
    e = query_run(q);
out:
    query_close(&q);
    return e;
}

enum err store_mails_state_get(struct store_tx *tx, uint64_t since_ns,
                               struct store_mails_state *state)
{
    struct query *q = NULL;
    bool row;
    enum err e;

    *state = (struct store_mails_state){ 0 };
    TRY(query_open(store_tx_driver(tx),
                   "SELECT (SELECT COUNT(*) FROM mail WHERE state <= 2), "
                   "(SELECT COALESCE(MIN(made_at_ns), 0) FROM mail WHERE state <= 2), "
                   "(SELECT COUNT(*) FROM mail WHERE state > 2 AND state = 4 "
                   "AND done_at_ns >= $since)",
                   &q));
    query_bind_integer(q, "$since", (int64_t)since_ns);
    TRY(query_step(q, &row));
    if (row) {
        state->waiting_count = (uint64_t)query_integer(q, 0);
        state->oldest_made_at_ns = (uint64_t)query_integer(q, 1);
        state->given_up_count = (uint64_t)query_integer(q, 2);
    }
out:
    query_close(&q);
    return e;
}

enum err store_mails_forget(struct store_tx *tx, uint64_t before_ns, uint64_t most)
{
    struct query *q = NULL;
    enum err e;

    TRY(query_open(store_tx_driver(tx),
                   "DELETE FROM mail WHERE id IN (SELECT id FROM mail WHERE state > 2 AND "
                   "done_at_ns < $before ORDER BY done_at_ns LIMIT $most)",
                   &q));
    query_bind_integer(q, "$before", (int64_t)before_ns);
    query_bind_integer(q, "$most", (int64_t)most);
    e = query_run(q);
out:
    query_close(&q);
    return e;
}

enum err store_mails_recover(struct store_tx *tx)
{
    struct query *q = NULL;
    enum err e;

    TRY(query_open(store_tx_driver(tx), "UPDATE mail SET state = 1 WHERE state = 2", &q));
    e = query_run(q);
out:
    query_close(&q);
    return e;
}
