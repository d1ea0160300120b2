#include "store/signups.h"

#include "store/transaction.h"

#define SIGNUP_COLUMNS "id, email, kind, jurisdiction, name, password, address, made_at_ns"

enum err store_signup_insert(struct store_tx *tx, const struct store_signup *signup)
{
    struct query *q = NULL;
    enum err e;

    TRY(query_open(store_tx_driver(tx),
                   "INSERT INTO signup (" SIGNUP_COLUMNS ") VALUES ($id, $email, $kind, "
                   "$jurisdiction, $name, $password, $address, $made)",
                   &q));
    query_bind_integer(q, "$id", (int64_t)signup->id);
    query_bind_text(q, "$email", slice_of(signup->email));
    query_bind_integer(q, "$kind", signup->kind);
    query_bind_text(q, "$jurisdiction", slice_of(signup->jurisdiction));
    query_bind_text(q, "$name", slice_of(signup->name));
    query_bind_text(q, "$password", slice_of(signup->password));
    query_bind_text(q, "$address", slice_of(signup->address));
    query_bind_integer(q, "$made", (int64_t)signup->made_at_ns);
    e = query_run(q);
out:
    query_close(&q);
    return e;
}

enum err store_signup_get(struct store_tx *tx, uint64_t id, struct store_signup *signup)
{
    struct query *q = NULL;
    bool row;
    enum err e;

    *signup = (struct store_signup){ .id = id };
    TRY(query_open(store_tx_driver(tx), "SELECT " SIGNUP_COLUMNS " FROM signup WHERE id = $id",
                   &q));
    query_bind_integer(q, "$id", (int64_t)id);
    TRY(query_step(q, &row));
    if (!row) {
        e = ERR_MISSING;
        goto out;
    }
    query_text_copy(q, 1, signup->email, sizeof signup->email);
    signup->kind = (enum account_kind)query_integer(q, 2);
    query_text_copy(q, 3, signup->jurisdiction, sizeof signup->jurisdiction);
    query_text_copy(q, 4, signup->name, sizeof signup->name);
    query_text_copy(q, 5, signup->password, sizeof signup->password);
    query_text_copy(q, 6, signup->address, sizeof signup->address);
    signup->made_at_ns = (uint64_t)query_integer(q, 7);
out:
    query_close(&q);
    return e;
}

enum err store_signups_delete(struct store_tx *tx, struct slice email)
{
    struct query *q = NULL;
    enum err e;

    TRY(query_open(store_tx_driver(tx), "DELETE FROM signup WHERE email = $email", &q));
    query_bind_text(q, "$email", email);
    e = query_run(q);
out:
    query_close(&q);
    return e;
}

enum err store_signups_expire(struct store_tx *tx, uint64_t before_ns)
{
    struct query *q = NULL;
    enum err e;

    TRY(query_open(store_tx_driver(tx), "DELETE FROM signup WHERE made_at_ns < $before", &q));
    query_bind_integer(q, "$before", (int64_t)before_ns);
    e = query_run(q);
out:
    query_close(&q);
    return e;
}
