#include "store/accounts.h"

#include <stdio.h>

#include "store/transaction.h"

#define ACCOUNT_COLUMNS \
    "id, email, kind, jurisdiction, password, created_at_ns, sandbox_order_at_ns, role, name, " \
    "email_confirmed_at_ns"

static void account_of_row(const struct query *q, struct store_account *account)
{
    *account = (struct store_account){
        .id = (uint64_t)query_integer(q, 0),
        .kind = (enum account_kind)query_integer(q, 2),
        .created_at_ns = (uint64_t)query_integer(q, 5),
        .sandbox_order_at_ns = (uint64_t)query_integer(q, 6),
        .role = (enum account_role)query_integer(q, 7),
        .email_confirmed_at_ns = (uint64_t)query_integer(q, 9),
    };
    query_text_copy(q, 1, account->email, sizeof account->email);
    query_text_copy(q, 3, account->jurisdiction, sizeof account->jurisdiction);
    query_text_copy(q, 4, account->password, sizeof account->password);
    query_text_copy(q, 8, account->name, sizeof account->name);
}

enum err store_account_insert(struct store_tx *tx, struct store_account *account)
{
    struct query *q = NULL;
    bool row;
    enum err e;

    TRY(query_open(store_tx_driver(tx),
                   "INSERT INTO account (" ACCOUNT_COLUMNS ") "
                   "SELECT COALESCE(MAX(id) + 1, $first), $email, $kind, $jurisdiction, "
                   "$password, $created, 0, $role, $name, $confirmed "
                   "FROM account WHERE true RETURNING id",
                   &q));
    query_bind_integer(q, "$first", ACCOUNT_FIRST_ID);
    query_bind_text(q, "$email", slice_of(account->email));
    query_bind_integer(q, "$kind", account->kind);
    query_bind_text(q, "$jurisdiction", slice_of(account->jurisdiction));
    query_bind_text(q, "$password", slice_of(account->password));
    query_bind_integer(q, "$created", (int64_t)account->created_at_ns);
    if (account->role == 0)
        account->role = ACCOUNT_CUSTOMER;
    query_bind_integer(q, "$role", account->role);
    query_bind_text(q, "$name", slice_of(account->name));
    query_bind_integer(q, "$confirmed", (int64_t)account->email_confirmed_at_ns);
    TRY(query_step(q, &row));
    if (row)
        account->id = (uint64_t)query_integer(q, 0);
    else
        e = ERR_STORE;
out:
    query_close(&q);
    return e;
}

static enum err account_get(struct query *q, struct store_account *account)
{
    bool row;
    enum err e;

    TRY(query_step(q, &row));
    if (row)
        account_of_row(q, account);
    else
        e = ERR_MISSING;
out:
    return e;
}

enum err store_account_get(struct store_tx *tx, uint64_t id, struct store_account *account)
{
    struct query *q = NULL;
    enum err e;

    TRY(query_open(store_tx_driver(tx),
                   "SELECT " ACCOUNT_COLUMNS " FROM account WHERE id = $id", &q));
    query_bind_integer(q, "$id", (int64_t)id);
    e = account_get(q, account);
out:
    query_close(&q);
    return e;
}

enum err store_account_get_by_email(struct store_tx *tx, struct slice email,
                                    struct store_account *account)
{
    struct query *q = NULL;
    enum err e;

    TRY(query_open(store_tx_driver(tx),
                   "SELECT " ACCOUNT_COLUMNS " FROM account WHERE email = $email", &q));
    query_bind_text(q, "$email", email);
    e = account_get(q, account);
out:
    query_close(&q);
    return e;
}

enum err store_accounts_list(struct store_tx *tx, uint64_t after, struct store_account *accounts,
                             size_t capacity, size_t *count)
{
    struct query *q = NULL;
    bool row;
    enum err e;

    *count = 0;
    TRY(query_open(store_tx_driver(tx),
                   "SELECT " ACCOUNT_COLUMNS
                   " FROM account WHERE id > $after ORDER BY id LIMIT $most",
                   &q));
    query_bind_integer(q, "$after", (int64_t)after);
    query_bind_integer(q, "$most", (int64_t)capacity);
    for (;;) {
        TRY(query_step(q, &row));
        if (!row)
            break;
        account_of_row(q, &accounts[(*count)++]);
    }
out:
    query_close(&q);
    return e;
}

/* Texts that begin with another one lie between it and it with the highest character behind. */
#define LAST_CHARACTER "\xf4\x8f\xbf\xbf"

static enum err matches_add(struct query *q, const char *from, struct store_account *accounts,
                            size_t capacity, size_t *count)
{
    char to[ACCOUNT_EMAIL_SIZE + 8];
    bool row;
    enum err e = OK;

    snprintf(to, sizeof to, "%s" LAST_CHARACTER, from);
    query_bind_text(q, "$from", slice_of(from));
    query_bind_text(q, "$to", slice_of(to));
    query_bind_integer(q, "$most", (int64_t)capacity);
    while (*count < capacity) {
        bool known = false;

        TRY(query_step(q, &row));
        if (!row)
            break;
        for (size_t i = 0; i < *count; i++)
            known = known || accounts[i].id == (uint64_t)query_integer(q, 0);
        if (!known)
            account_of_row(q, &accounts[(*count)++]);
    }
out:
    return e;
}

enum err store_accounts_search(struct store_tx *tx, struct slice text,
                               struct store_account *accounts, size_t capacity, size_t *count)
{
    char from[ACCOUNT_EMAIL_SIZE];
    struct query *q = NULL;
    enum err e = OK;

    *count = 0;
    if (text.size >= sizeof from)
        goto out;
    for (size_t i = 0; i <= text.size; i++) {
        char c = i < text.size ? text.at[i] : '\0';

        from[i] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
    }
    TRY(query_open(store_tx_driver(tx),
                   "SELECT " ACCOUNT_COLUMNS " FROM account "
                   "WHERE email >= $from AND email < $to ORDER BY email LIMIT $most",
                   &q));
    TRY(matches_add(q, from, accounts, capacity, count));
    query_close(&q);
    TRY(query_open(store_tx_driver(tx),
                   "SELECT " ACCOUNT_COLUMNS " FROM account "
                   "WHERE LOWER(name) >= $from AND LOWER(name) < $to "
                   "ORDER BY LOWER(name) LIMIT $most",
                   &q));
    e = matches_add(q, from, accounts, capacity, count);
out:
    query_close(&q);
    return e;
}

enum err store_accounts_count(struct store_tx *tx, uint64_t *count)
{
    struct query *q = NULL;
    bool row;
    enum err e;

    TRY(query_open(store_tx_driver(tx), "SELECT COUNT(*) FROM account", &q));
    TRY(query_step(q, &row));
    *count = row ? (uint64_t)query_integer(q, 0) : 0;
out:
    query_close(&q);
    return e;
}

enum err store_account_password_set(struct store_tx *tx, uint64_t id, const char *hash)
{
    struct query *q = NULL;
    enum err e;

    TRY(query_open(store_tx_driver(tx), "UPDATE account SET password = $password WHERE id = $id",
                   &q));
    query_bind_text(q, "$password", slice_of(hash));
    query_bind_integer(q, "$id", (int64_t)id);
    TRY(query_run(q));
    if (query_changed(q) == 0)
        e = ERR_MISSING;
out:
    query_close(&q);
    return e;
}

enum err store_account_email_confirm(struct store_tx *tx, uint64_t id, uint64_t at_ns)
{
    struct query *q = NULL;
    enum err e;

    TRY(query_open(store_tx_driver(tx),
                   "UPDATE account SET email_confirmed_at_ns = $at "
                   "WHERE id = $id AND email_confirmed_at_ns = 0",
                   &q));
    query_bind_integer(q, "$at", (int64_t)at_ns);
    query_bind_integer(q, "$id", (int64_t)id);
    e = query_run(q);
out:
    query_close(&q);
    return e;
}

enum err store_account_sandbox_order_set(struct store_tx *tx, uint64_t id, uint64_t at_ns,
                                         bool *changed)
{
    struct query *q = NULL;
    enum err e;

    TRY(query_open(store_tx_driver(tx),
                   "UPDATE account SET sandbox_order_at_ns = $at "
                   "WHERE id = $id AND sandbox_order_at_ns = 0",
                   &q));
    query_bind_integer(q, "$at", (int64_t)at_ns);
    query_bind_integer(q, "$id", (int64_t)id);
    TRY(query_run(q));
    *changed = query_changed(q) > 0;
out:
    query_close(&q);
    return e;
}

enum err store_step_set(struct store_tx *tx, uint64_t account, uint16_t step, enum step_state state,
                        struct slice reason, uint64_t at_ns)
{
    struct query *q = NULL;
    enum err e;

    TRY(query_open(store_tx_driver(tx),
                   "INSERT INTO account_step (account, step, state, reason, decided_at_ns) "
                   "VALUES ($account, $step, $state, $reason, $at) "
                   "ON CONFLICT (account, step) DO UPDATE SET state = excluded.state, "
                   "reason = excluded.reason, decided_at_ns = excluded.decided_at_ns",
                   &q));
    query_bind_integer(q, "$account", (int64_t)account);
    query_bind_integer(q, "$step", step);
    query_bind_integer(q, "$state", state);
    query_bind_text(q, "$reason", reason);
    query_bind_integer(q, "$at", (int64_t)at_ns);
    e = query_run(q);
out:
    query_close(&q);
    return e;
}

enum err store_steps_get(struct store_tx *tx, uint64_t account, enum step_state *states,
                         size_t count)
{
    struct query *q = NULL;
    bool row;
    enum err e;

    for (size_t i = 0; i < count; i++)
        states[i] = STEP_MISSING;
    TRY(query_open(store_tx_driver(tx),
                   "SELECT step, state FROM account_step WHERE account = $account", &q));
    query_bind_integer(q, "$account", (int64_t)account);
    for (;;) {
        uint64_t step;

        TRY(query_step(q, &row));
        if (!row)
            break;
        step = (uint64_t)query_integer(q, 0);
        if (step < count)
            states[step] = (enum step_state)query_integer(q, 1);
    }
out:
    query_close(&q);
    return e;
}

enum err store_step_reason_get(struct store_tx *tx, uint64_t account, uint16_t step,
                               char reason[ACCOUNT_REASON_SIZE])
{
    struct query *q = NULL;
    bool row;
    enum err e;

    reason[0] = '\0';
    TRY(query_open(store_tx_driver(tx),
                   "SELECT reason FROM account_step WHERE account = $account AND step = $step",
                   &q));
    query_bind_integer(q, "$account", (int64_t)account);
    query_bind_integer(q, "$step", step);
    TRY(query_step(q, &row));
    if (row)
        query_text_copy(q, 0, reason, ACCOUNT_REASON_SIZE);
out:
    query_close(&q);
    return e;
}

enum err store_flag_get(struct store_tx *tx, uint64_t account, struct store_flag *flag)
{
    struct query *q = NULL;
    bool row;
    enum err e;

    *flag = (struct store_flag){ .kind = FLAG_NONE };
    TRY(query_open(store_tx_driver(tx),
                   "SELECT kind, keys, raised_at_ns, reason FROM account_flag "
                   "WHERE account = $account",
                   &q));
    query_bind_integer(q, "$account", (int64_t)account);
    TRY(query_step(q, &row));
    if (row) {
        flag->kind = (enum flag_kind)query_integer(q, 0);
        flag->keys = (enum flag_keys)query_integer(q, 1);
        flag->raised_at_ns = (uint64_t)query_integer(q, 2);
        query_text_copy(q, 3, flag->reason, sizeof flag->reason);
    }
out:
    query_close(&q);
    return e;
}

enum err store_flag_set(struct store_tx *tx, uint64_t account, const struct store_flag *flag)
{
    struct query *q = NULL;
    enum err e;

    TRY(query_open(store_tx_driver(tx),
                   "INSERT INTO account_flag (account, kind, keys, reason, raised_at_ns) "
                   "VALUES ($account, $kind, $keys, $reason, $at) "
                   "ON CONFLICT (account) DO UPDATE SET kind = excluded.kind, "
                   "keys = excluded.keys, reason = excluded.reason, "
                   "raised_at_ns = excluded.raised_at_ns",
                   &q));
    query_bind_integer(q, "$account", (int64_t)account);
    query_bind_integer(q, "$kind", flag->kind);
    query_bind_integer(q, "$keys", flag->keys);
    query_bind_text(q, "$reason", slice_of(flag->reason));
    query_bind_integer(q, "$at", (int64_t)flag->raised_at_ns);
    e = query_run(q);
out:
    query_close(&q);
    return e;
}

enum err store_flag_delete(struct store_tx *tx, uint64_t account)
{
    struct query *q = NULL;
    enum err e;

    TRY(query_open(store_tx_driver(tx), "DELETE FROM account_flag WHERE account = $account", &q));
    query_bind_integer(q, "$account", (int64_t)account);
    e = query_run(q);
out:
    query_close(&q);
    return e;
}

enum err store_flags_get(struct store_tx *tx, uint64_t after, uint64_t *accounts, size_t most,
                         size_t *count)
{
    struct query *q = NULL;
    bool row;
    enum err e;

    *count = 0;
    TRY(query_open(store_tx_driver(tx),
                   "SELECT account FROM account_flag WHERE account > $after "
                   "ORDER BY account LIMIT $most",
                   &q));
    query_bind_integer(q, "$after", (int64_t)after);
    query_bind_integer(q, "$most", (int64_t)most);
    while (*count < most) {
        TRY(query_step(q, &row));
        if (!row)
            break;
        accounts[(*count)++] = (uint64_t)query_integer(q, 0);
    }
out:
    query_close(&q);
    return e;
}
