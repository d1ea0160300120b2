#include "store/challenges.h"

#include <stdio.h>
#include <string.h>

#include "store/transaction.h"

enum err store_challenge_insert(struct store_tx *tx, const struct store_challenge *challenge)
{
    struct query *q = NULL;
    enum err e;

    TRY(query_open(store_tx_driver(tx),
                   "INSERT INTO challenge (sha256, account, session, operation, expires_at_ns) "
                   "VALUES ($sha256, $account, $session, $operation, $expires)",
                   &q));
    query_bind_bytes(q, "$sha256", challenge->sha256, sizeof challenge->sha256);
    query_bind_integer(q, "$account", (int64_t)challenge->account);
    query_bind_text(q, "$session", slice_of(challenge->session));
    query_bind_bytes(q, "$operation", challenge->operation, sizeof challenge->operation);
    query_bind_integer(q, "$expires", (int64_t)challenge->expires_at_ns);
    e = query_run(q);
out:
    query_close(&q);
    return e;
}

static enum err challenge_of_row(const struct query *q, struct store_challenge *challenge)
{
    struct slice session = query_text(q, 1), operation = query_bytes(q, 2);

    if (session.size >= sizeof challenge->session ||
        operation.size != sizeof challenge->operation)
        return ERR_CORRUPT;
    challenge->account = (uint64_t)query_integer(q, 0);
    snprintf(challenge->session, sizeof challenge->session, "%.*s", (int)session.size,
             session.size == 0 ? "" : session.at);
    memcpy(challenge->operation, operation.at, operation.size);
    challenge->expires_at_ns = (uint64_t)query_integer(q, 3);
    return OK;
}

enum err store_challenge_take(struct store_tx *tx,
                              const uint8_t sha256[STORE_CHALLENGE_HASH_SIZE],
                              struct store_challenge *challenge, bool *present)
{
    struct query *q = NULL;
    enum err e;

    *present = false;
    *challenge = (struct store_challenge){ .account = 0 };
    TRY(query_open(store_tx_driver(tx),
                   "DELETE FROM challenge WHERE sha256 = $sha256 "
                   "RETURNING account, session, operation, expires_at_ns",
                   &q));
    query_bind_bytes(q, "$sha256", sha256, STORE_CHALLENGE_HASH_SIZE);
    TRY(query_step(q, present));
    if (!*present)
        goto out;
    memcpy(challenge->sha256, sha256, sizeof challenge->sha256);
    e = challenge_of_row(q, challenge);
out:
    query_close(&q);
    return e;
}

enum err store_challenges_thin(struct store_tx *tx, uint64_t account, const char *session,
                               uint64_t now_ns, uint64_t most)
{
    struct query *q = NULL;
    enum err e;

    TRY(query_open(store_tx_driver(tx),
                   "DELETE FROM challenge WHERE account = $account AND (expires_at_ns <= $now OR "
                   "(session = $session AND sha256 NOT IN (SELECT sha256 FROM challenge "
                   "WHERE account = $account AND session = $session "
                   "ORDER BY expires_at_ns DESC, sha256 LIMIT $most)))",
                   &q));
    query_bind_integer(q, "$account", (int64_t)account);
    query_bind_text(q, "$session", slice_of(session));
    query_bind_integer(q, "$now", (int64_t)now_ns);
    query_bind_integer(q, "$most", (int64_t)most);
    e = query_run(q);
out:
    query_close(&q);
    return e;
}
