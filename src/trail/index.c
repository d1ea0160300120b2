#include "trail/index.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/file.h"
#include "base/log.h"
#include "gate/route.h"
#include "gate/verdict.h"
#include "keys/environment.h"
#include "trail/query.h"

/* Raised with every change of the tables; an older index is thrown away and built again. */
#define INDEX_VERSION 2

enum { TRIM_ROWS = 8192 }; /* of one transaction: others wait no longer for it */

static const char SCHEMA[] =
    "CREATE TABLE place ("
    "  id INTEGER PRIMARY KEY CHECK (id = 1), version INTEGER NOT NULL, verifier_key TEXT NOT NULL,"
    "  count INTEGER NOT NULL, position INTEGER NOT NULL, last_leaf BLOB NOT NULL);"
    "CREATE TABLE request ("
    "  number INTEGER PRIMARY KEY, epoch INTEGER NOT NULL, position INTEGER NOT NULL,"
    "  at_us INTEGER NOT NULL, environment INTEGER NOT NULL, account INTEGER, key BLOB,"
    "  status INTEGER NOT NULL, verdict INTEGER NOT NULL, path BLOB NOT NULL);"
    "CREATE INDEX request_key ON request (epoch, key) WHERE key IS NOT NULL;"
    "CREATE INDEX request_account ON request (epoch, account) WHERE account IS NOT NULL;"
    "CREATE INDEX request_path ON request (epoch, path);"
    /* What an epoch can hold: bit n of a mask stands for the values that are n modulo 63. */
    "CREATE TABLE epoch ("
    "  epoch INTEGER PRIMARY KEY, at_first_us INTEGER NOT NULL, at_last_us INTEGER NOT NULL,"
    "  statuses INTEGER NOT NULL, verdicts INTEGER NOT NULL, environments INTEGER NOT NULL);"
    /* The nonce is stored less 2^63, so that the order of signed integers is that of nonces. */
    "CREATE TABLE key_summary ("
    "  key BLOB PRIMARY KEY, account INTEGER NOT NULL, nonce INTEGER NOT NULL,"
    "  last_used_us INTEGER NOT NULL, wallets_us INTEGER NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE account_summary ("
    "  account INTEGER PRIMARY KEY, sandbox_order_us INTEGER NOT NULL);";

enum statement {
    INSERT_REQUEST,
    MERGE_EPOCH,
    MERGE_KEY,
    MERGE_ACCOUNT,
    UPDATE_PLACE,
    STATEMENT_COUNT
};

static const char *const STATEMENTS[STATEMENT_COUNT] = {
    [INSERT_REQUEST] = "INSERT INTO request VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
    [MERGE_EPOCH] =
        "INSERT INTO epoch VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (epoch) DO UPDATE SET "
        "at_first_us = min(at_first_us, excluded.at_first_us), "
        "at_last_us = max(at_last_us, excluded.at_last_us), "
        "statuses = statuses | excluded.statuses, verdicts = verdicts | excluded.verdicts, "
        "environments = environments | excluded.environments",
    [MERGE_KEY] =
        "INSERT INTO key_summary VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (key) DO UPDATE SET "
        "account = excluded.account, nonce = max(nonce, excluded.nonce), "
        "last_used_us = max(last_used_us, excluded.last_used_us), "
        "wallets_us = CASE WHEN wallets_us = 0 THEN excluded.wallets_us ELSE wallets_us END",
    [MERGE_ACCOUNT] = "INSERT INTO account_summary VALUES (?1, ?2) ON CONFLICT DO NOTHING",
    [UPDATE_PLACE] = "UPDATE place SET count = ?1, position = ?2, last_leaf = ?3",
};

/* What the running transaction has seen of one epoch. */
struct epoch_part {
    bool is_open;
    uint64_t epoch, at_first_us, at_last_us, statuses, verdicts, environments;
};

struct index {
    char path[FILE_PATH_SIZE];
    char *verifier_key;
    sqlite3 *writer;
    sqlite3_stmt *statement[STATEMENT_COUNT];
    struct epoch_part part;
    struct index_place place;
    sqlite3 *reader;
    pthread_mutex_t reader_lock;
    char problem[256];
};

const char *index_problem(const struct index *index)
{
    return index->problem;
}

static enum err index_fail(struct index *index, sqlite3 *db)
{
    const char *words = db == NULL ? "out of memory" : sqlite3_errmsg(db);

    if (db != NULL && db == index->reader) {
        log_warn("trail", "the search index cannot be read: %s", words);
        return ERR_STORE;
    }
    if (strcmp(index->problem, words) != 0)
        log_warn("trail", "the search index cannot be used: %s", words);
    snprintf(index->problem, sizeof index->problem, "%s", words);
    return ERR_STORE;
}

static enum err run(struct index *index, sqlite3 *db, const char *sql)
{
    return sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK ? OK : index_fail(index, db);
}

/* Runs a statement whose parameters are bound, and makes it ready for the next time. */
static enum err finish(struct index *index, enum statement which)
{
    int answer = sqlite3_step(index->statement[which]);

    sqlite3_reset(index->statement[which]);
    return answer == SQLITE_DONE ? OK : index_fail(index, index->writer);
}

static void bind(sqlite3_stmt *statement, int at, uint64_t value)
{
    sqlite3_bind_int64(statement, at, (sqlite3_int64)value);
}

static void bind_blob(sqlite3_stmt *statement, int at, const void *bytes, size_t size)
{
    sqlite3_bind_blob(statement, at, size == 0 ? "" : bytes, (int)size, SQLITE_STATIC);
}

static uint64_t column(sqlite3_stmt *row, int at)
{
    return (uint64_t)sqlite3_column_int64(row, at);
}

static enum err place_read(struct index *index, sqlite3 *db, struct index_place *place)
{
    sqlite3_stmt *row = NULL;
    const void *leaf;
    enum err e = ERR_STORE;

    *place = (struct index_place){ 0 };
    if (sqlite3_prepare_v2(db,
                           "SELECT count, position, last_leaf, version, verifier_key FROM place",
                           -1, &row, NULL) == SQLITE_OK &&
        sqlite3_step(row) == SQLITE_ROW) {
        leaf = sqlite3_column_blob(row, 2);
        place->count = column(row, 0);
        place->position = column(row, 1);
        if (leaf != NULL && sqlite3_column_bytes(row, 2) == MERKLE_HASH_SIZE)
            memcpy(place->last_leaf.bytes, leaf, MERKLE_HASH_SIZE);
        if (column(row, 3) == INDEX_VERSION &&
            strcmp((const char *)sqlite3_column_text(row, 4), index->verifier_key) == 0)
            e = OK;
    }
    sqlite3_finalize(row);
    return e;
}

static void databases_close(struct index *index)
{
    for (int i = 0; i < STATEMENT_COUNT; i++) {
        sqlite3_finalize(index->statement[i]);
        index->statement[i] = NULL;
    }
    sqlite3_close(index->reader);
    sqlite3_close(index->writer);
    index->reader = index->writer = NULL;
}

static enum err connect(struct index *index, sqlite3 **db, int flags)
{
    if (sqlite3_open_v2(index->path, db, flags | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
        return index_fail(index, *db);
    sqlite3_busy_timeout(*db, 10000);
    return OK;
}

static enum err writer_open(struct index *index)
{
    enum err e;

    TRY(connect(index, &index->writer, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE));
    /* NORMAL: a power cut may take the last rows, which the log still has, but never the file. */
    TRY(run(index, index->writer,
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; "
            "PRAGMA cache_size = -32768; PRAGMA wal_autocheckpoint = 4000"));
out:
    return e;
}

static enum err tables_make(struct index *index)
{
    sqlite3_stmt *row = NULL;
    enum err e;

    TRY(run(index, index->writer, "BEGIN"));
    TRY(run(index, index->writer, SCHEMA));
    if (sqlite3_prepare_v2(index->writer, "INSERT INTO place VALUES (1, ?1, ?2, 0, 0, x'')", -1,
                           &row, NULL) != SQLITE_OK) {
        e = index_fail(index, index->writer);
        goto out;
    }
    bind(row, 1, INDEX_VERSION);
    sqlite3_bind_text(row, 2, index->verifier_key, -1, SQLITE_STATIC);
    e = sqlite3_step(row) == SQLITE_DONE ? OK : index_fail(index, index->writer);
    sqlite3_finalize(row);
    TRY(e);
    TRY(run(index, index->writer, "COMMIT"));
out:
    return e;
}

static void files_delete(const struct index *index)
{
    static const char *const ends[] = { "", "-wal", "-shm" };
    char path[FILE_PATH_SIZE + 8];

    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        snprintf(path, sizeof path, "%s%s", index->path, ends[i]);
        unlink(path);
    }
}

static enum err databases_open(struct index *index)
{
    bool existed = access(index->path, F_OK) == 0;
    enum err e = writer_open(index);

    if (e != OK || place_read(index, index->writer, &index->place) != OK) {
        if (existed)
            log_info("trail", "the search index does not fit the log and is built again");
        databases_close(index);
        files_delete(index);
        index->place = (struct index_place){ 0 };
        TRY(writer_open(index));
        TRY(tables_make(index));
    }
    for (int i = 0; i < STATEMENT_COUNT; i++)
        if (sqlite3_prepare_v3(index->writer, STATEMENTS[i], -1, SQLITE_PREPARE_PERSISTENT,
                               &index->statement[i], NULL) != SQLITE_OK) {
            e = index_fail(index, index->writer);
            goto out;
        }
    TRY(connect(index, &index->reader, SQLITE_OPEN_READWRITE));
    TRY(run(index, index->reader, "PRAGMA query_only = 1; PRAGMA cache_size = -8192"));
    index->problem[0] = '\0';
out:
    return e;
}

enum err index_open(const char *folder, const char *verifier_key, struct index **index,
                    char problem[TRAIL_PROBLEM_SIZE])
{
    struct index *new = calloc(1, sizeof *new);
    enum err e;

    *index = NULL;
    if (new == NULL || (new->verifier_key = strdup(verifier_key)) == NULL) {
        free(new);
        return ERR_MEMORY;
    }
    pthread_mutex_init(&new->reader_lock, NULL);
    snprintf(new->path, sizeof new->path, "%.*s/index.sqlite", FILE_PATH_SIZE - 32, folder);
    e = databases_open(new);
    *index = new;
    if (e != OK) {
        snprintf(problem, TRAIL_PROBLEM_SIZE, "index.sqlite cannot be opened: %s", new->problem);
        index_close(index);
    }
    return e;
}

void index_close(struct index **index)
{
    if (*index == NULL)
        return;
    databases_close(*index);
    pthread_mutex_destroy(&(*index)->reader_lock);
    free((*index)->verifier_key);
    free(*index);
    *index = NULL;
}

void index_place_get(struct index *index, struct index_place *place)
{
    *place = index->place;
}

enum err index_position(struct index *index, uint64_t number, uint64_t *position)
{
    sqlite3_stmt *row = NULL;
    enum err e = ERR_STORE;
    int answer;

    if (sqlite3_prepare_v2(index->writer, "SELECT position FROM request WHERE number = ?1", -1,
                           &row, NULL) == SQLITE_OK) {
        bind(row, 1, number);
        answer = sqlite3_step(row);
        e = answer == SQLITE_ROW ? OK : answer == SQLITE_DONE ? ERR_MISSING : ERR_STORE;
        *position = e == OK ? column(row, 0) : 0;
    }
    sqlite3_finalize(row);
    return e;
}

enum err index_reset(struct index *index)
{
    enum err e;

    pthread_mutex_lock(&index->reader_lock);
    databases_close(index);
    files_delete(index);
    e = databases_open(index);
    pthread_mutex_unlock(&index->reader_lock);
    return e;
}

void index_rollback(struct index *index)
{
    if (!sqlite3_get_autocommit(index->writer))
        sqlite3_exec(index->writer, "ROLLBACK", NULL, NULL, NULL);
}

enum err index_trim(struct index *index, uint64_t first, bool *more)
{
    sqlite3_stmt *rows = NULL, *epochs = NULL;
    enum err e;

    *more = false;
    TRY(run(index, index->writer, "BEGIN IMMEDIATE"));
    if (sqlite3_prepare_v2(index->writer,
                           "DELETE FROM request WHERE number < min(?1, ?2 + "
                           "(SELECT coalesce(min(number), 0) FROM request))",
                           -1, &rows, NULL) != SQLITE_OK ||
        sqlite3_prepare_v2(index->writer, "DELETE FROM epoch WHERE epoch < ?1", -1, &epochs,
                           NULL) != SQLITE_OK) {
        e = index_fail(index, index->writer);
        goto out;
    }
    bind(rows, 1, first);
    bind(rows, 2, TRIM_ROWS);
    bind(epochs, 1, first >> INDEX_EPOCH_SHIFT);
    if (sqlite3_step(rows) != SQLITE_DONE) {
        e = index_fail(index, index->writer);
        goto out;
    }
    *more = sqlite3_changes(index->writer) > 0;
    if (sqlite3_step(epochs) != SQLITE_DONE) {
        e = index_fail(index, index->writer);
        goto out;
    }
    TRY(run(index, index->writer, "COMMIT"));
out:
    sqlite3_finalize(rows);
    sqlite3_finalize(epochs);
    if (e != OK)
        index_rollback(index);
    return e;
}

enum err index_latest(struct index *index, uint64_t first, uint64_t end, uint64_t *at_us)
{
    sqlite3_stmt *row = NULL;
    enum err e = OK;

    *at_us = 0;
    pthread_mutex_lock(&index->reader_lock);
    if (sqlite3_prepare_v2(index->reader,
                           "SELECT max(at_us) FROM request WHERE number >= ?1 AND number < ?2", -1,
                           &row, NULL) != SQLITE_OK)
        e = index_fail(index, index->reader);
    if (e == OK) {
        bind(row, 1, first);
        bind(row, 2, end);
        if (sqlite3_step(row) == SQLITE_ROW)
            *at_us = column(row, 0);
        else
            e = index_fail(index, index->reader);
    }
    sqlite3_finalize(row);
    pthread_mutex_unlock(&index->reader_lock);
    return e;
}

enum err index_begin(struct index *index)
{
    index->part = (struct epoch_part){ 0 };
    return run(index, index->writer, "BEGIN IMMEDIATE");
}

static enum err epoch_flush(struct index *index)
{
    sqlite3_stmt *row = index->statement[MERGE_EPOCH];
    struct epoch_part *part = &index->part;

    if (!part->is_open)
        return OK;
    bind(row, 1, part->epoch);
    bind(row, 2, part->at_first_us);
    bind(row, 3, part->at_last_us);
    bind(row, 4, part->statuses);
    bind(row, 5, part->verdicts);
    bind(row, 6, part->environments);
    part->is_open = false;
    return finish(index, MERGE_EPOCH);
}

static enum err epoch_note(struct index *index, uint64_t epoch, const struct audit_record *record)
{
    struct epoch_part *part = &index->part;
    uint64_t at_us = record->received_at_us;
    enum err e = OK;

    if (part->is_open && part->epoch != epoch)
        TRY(epoch_flush(index));
    if (!part->is_open)
        *part = (struct epoch_part){
            .is_open = true, .epoch = epoch, .at_first_us = at_us, .at_last_us = at_us
        };
    part->at_first_us = at_us < part->at_first_us ? at_us : part->at_first_us;
    part->at_last_us = at_us > part->at_last_us ? at_us : part->at_last_us;
    part->statuses |= query_mask_bit(record->status);
    part->verdicts |= query_mask_bit(record->verdict);
    part->environments |= query_mask_bit(record->environment);
out:
    return e;
}

static bool route_has(const struct audit_record *record, enum route_flag flag)
{
    return (route_flags_of(record->route, record->route_flags) & flag) != 0;
}

/* Of an authentic request.  The gate keeps a nonce once it has judged it: whatever is refused later
 * has used it up, and the key with it.  What is refused before may come from where the key is not
 * allowed to be used, and says nothing about it.  What nginx refuses is authentic only when the
 * gate had let it pass before. */
static bool nonce_was_kept(const struct audit_record *record)
{
    return record->verdict == VERDICT_PASS ||
           (record->verdict > VERDICT_NONCE_SMALL &&
            record->verdict != VERDICT_ADDRESS_RATE_EXCEEDED &&
            record->verdict != VERDICT_REFUSALS_EXCEEDED) ||
           record->verdict == VERDICT_MALFORMED_REQUEST ||
           record->verdict == VERDICT_BODY_TOO_LARGE;
}

enum err index_key_put(struct index *index, const struct trail_key_summary *key)
{
    sqlite3_stmt *row = index->statement[MERGE_KEY];

    bind_blob(row, 1, key->key, RECORD_KEY_SIZE);
    bind(row, 2, key->account);
    bind(row, 3, key->nonce ^ UINT64_C(1) << 63);
    bind(row, 4, key->last_used_at_us);
    bind(row, 5, key->wallets_at_us);
    return finish(index, MERGE_KEY);
}

enum err index_account_put(struct index *index, const struct trail_account_summary *account)
{
    sqlite3_stmt *row = index->statement[MERGE_ACCOUNT];

    bind(row, 1, account->account);
    bind(row, 2, account->sandbox_order_at_us);
    return finish(index, MERGE_ACCOUNT);
}

static enum err summary_note(struct index *index, const struct audit_record *record)
{
    bool kept = nonce_was_kept(record);
    bool answered = record->verdict == VERDICT_PASS && record->status == 200;
    bool counts = answered && record->environment == ENVIRONMENT_SANDBOX && record->account != 0 &&
                  route_places_order(record->route,
                                     route_flags_of(record->route, record->route_flags));
    const struct trail_account_summary account = { record->account, record->received_at_us };
    struct trail_key_summary key = {
        .account = record->account,
        .nonce = kept ? record->nonce : 0,
        .last_used_at_us = kept ? record->received_at_us : 0,
        .wallets_at_us = answered && route_has(record, ROUTE_WALLETS) ? record->received_at_us : 0,
    };
    enum err e = OK;

    if (record->kind != RECORD_REQUEST || (record->flags & RECORD_AUTHENTIC) == 0)
        return OK;
    memcpy(key.key, record->key, sizeof key.key);
    TRY(index_key_put(index, &key));
    if (counts)
        TRY(index_account_put(index, &account));
out:
    return e;
}

enum err index_add(struct index *index, uint64_t number, uint64_t position,
                   const struct audit_record *record)
{
    static const char no_key[RECORD_KEY_SIZE];
    sqlite3_stmt *row = index->statement[INSERT_REQUEST];
    enum err e;

    bind(row, 1, number);
    bind(row, 2, number >> INDEX_EPOCH_SHIFT);
    bind(row, 3, position);
    bind(row, 4, record->received_at_us);
    bind(row, 5, record->environment);
    if (record->account != 0)
        bind(row, 6, record->account);
    else
        sqlite3_bind_null(row, 6);
    if (memcmp(record->key, no_key, sizeof no_key) != 0)
        bind_blob(row, 7, record->key, RECORD_KEY_SIZE);
    else
        sqlite3_bind_null(row, 7);
    bind(row, 8, record->status);
    bind(row, 9, record->verdict);
    bind_blob(row, 10, record->path, record->path_size);
    TRY(finish(index, INSERT_REQUEST));
    TRY(epoch_note(index, number >> INDEX_EPOCH_SHIFT, record));
    TRY(summary_note(index, record));
out:
    return e;
}

enum err index_commit(struct index *index, const struct index_place *place)
{
    sqlite3_stmt *row = index->statement[UPDATE_PLACE];
    enum err e;

    TRY(epoch_flush(index));
    bind(row, 1, place->count);
    bind(row, 2, place->position);
    bind_blob(row, 3, place->last_leaf.bytes, MERKLE_HASH_SIZE);
    TRY(finish(index, UPDATE_PLACE));
    TRY(run(index, index->writer, "COMMIT"));
    index->place = *place;
    index->problem[0] = '\0';
out:
    return e;
}

static enum err prepare(struct index *index, struct buffer *sql, sqlite3_stmt **statement)
{
    if (sql->failed)
        return ERR_MEMORY;
    return sqlite3_prepare_v2(index->reader, sql->at, (int)sql->size, statement, NULL) == SQLITE_OK
               ? OK
               : index_fail(index, index->reader);
}

struct search {
    const struct trail_query *query;
    sqlite3_stmt *epochs, *rows;
    uint64_t low, high; /* numbers wanted: low <= number < high */
};

static enum err search_epoch(struct index *index, struct search *search, uint64_t epoch,
                             bool (*each)(void *, uint64_t, uint64_t), void *context, bool *go_on)
{
    uint64_t first = epoch << INDEX_EPOCH_SHIFT, end = (epoch + 1) << INDEX_EPOCH_SHIFT;
    int answer;

    sqlite3_reset(search->rows);
    query_bind_number(search->rows, "$epoch", epoch);
    query_bind_number(search->rows, "$low", search->low > first ? search->low : first);
    query_bind_number(search->rows, "$high", search->high < end ? search->high : end);
    while ((answer = sqlite3_step(search->rows)) == SQLITE_ROW) {
        *go_on = each(context, column(search->rows, 0), column(search->rows, 1));
        if (!*go_on)
            return OK;
    }
    return answer == SQLITE_DONE ? OK : index_fail(index, index->reader);
}

static enum err search_run(struct index *index, struct search *search,
                           bool (*each)(void *, uint64_t, uint64_t), void *context)
{
    bool go_on = true;
    enum err e = OK;
    int answer;

    while ((answer = sqlite3_step(search->epochs)) == SQLITE_ROW && go_on)
        TRY(search_epoch(index, search, column(search->epochs, 0), each, context, &go_on));
    if (answer != SQLITE_DONE && answer != SQLITE_ROW)
        e = index_fail(index, index->reader);
out:
    return e;
}

static enum err search_prepare(struct index *index, struct search *search)
{
    const struct trail_query *query = search->query;
    struct buffer sql;
    enum err e;

    buffer_init(&sql);
    query_epochs_append(query, &sql);
    TRY(prepare(index, &sql, &search->epochs));
    buffer_wipe(&sql);
    query_rows_append(query, &sql);
    TRY(prepare(index, &sql, &search->rows));
    query_bind(query, search->epochs);
    query_bind(query, search->rows);
    query_bind_number(search->epochs, "$low", search->low);
    query_bind_number(search->epochs, "$high", search->high);
out:
    buffer_wipe(&sql);
    return e;
}

enum err index_find(struct index *index, const struct trail_query *query, uint64_t first,
                    bool (*each)(void *context, uint64_t number, uint64_t position), void *context,
                    struct index_place *place)
{
    struct search search = { .query = query };
    enum err e;

    pthread_mutex_lock(&index->reader_lock);
    /* One snapshot: the place says exactly which records the search saw. */
    TRY(run(index, index->reader, "BEGIN"));
    TRY(place_read(index, index->reader, place));
    search.low = query->forward && query->from > first ? query->from : first;
    search.high = place->count;
    if (query->forward && query->end != 0 && query->end < search.high)
        search.high = query->end;
    if (!query->forward && query->before != 0 && query->before < search.high)
        search.high = query->before;
    if (search.low < search.high) {
        TRY(search_prepare(index, &search));
        TRY(search_run(index, &search, each, context));
    }
out:
    sqlite3_finalize(search.epochs);
    sqlite3_finalize(search.rows);
    if (!sqlite3_get_autocommit(index->reader))
        sqlite3_exec(index->reader, "COMMIT", NULL, NULL, NULL);
    pthread_mutex_unlock(&index->reader_lock);
    return e;
}

enum err index_summary_each(
    struct index *index, void (*key)(void *context, const struct trail_key_summary *summary),
    void (*account)(void *context, const struct trail_account_summary *summary), void *context)
{
    sqlite3_stmt *keys = NULL, *accounts = NULL;
    enum err e = OK;

    pthread_mutex_lock(&index->reader_lock);
    if (sqlite3_prepare_v2(index->reader,
                           "SELECT key, account, nonce, last_used_us, wallets_us "
                           "FROM key_summary",
                           -1, &keys, NULL) != SQLITE_OK ||
        sqlite3_prepare_v2(index->reader, "SELECT account, sandbox_order_us FROM account_summary",
                           -1, &accounts, NULL) != SQLITE_OK)
        e = index_fail(index, index->reader);
    while (e == OK && key != NULL && sqlite3_step(keys) == SQLITE_ROW) {
        struct trail_key_summary summary = {
            .account = column(keys, 1),
            .nonce = column(keys, 2) ^ UINT64_C(1) << 63,
            .last_used_at_us = column(keys, 3),
            .wallets_at_us = column(keys, 4),
        };

        if (sqlite3_column_bytes(keys, 0) == RECORD_KEY_SIZE)
            memcpy(summary.key, sqlite3_column_blob(keys, 0), RECORD_KEY_SIZE);
        key(context, &summary);
    }
    while (e == OK && account != NULL && sqlite3_step(accounts) == SQLITE_ROW) {
        struct trail_account_summary summary = { column(accounts, 0), column(accounts, 1) };

        account(context, &summary);
    }
    sqlite3_finalize(keys);
    sqlite3_finalize(accounts);
    pthread_mutex_unlock(&index->reader_lock);
    return e;
}
