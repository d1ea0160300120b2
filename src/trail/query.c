#include "trail/query.h"

uint64_t query_mask_bit(uint64_t value)
{
    return UINT64_C(1) << value % 63;
}

bool query_matches(const struct trail_query *query, const struct audit_record *record)
{
    struct slice path = { record->path, record->path_size };

    return (!query->by_key || memcmp(query->key, record->key, RECORD_KEY_SIZE) == 0) &&
           (!query->by_account || query->account == record->account) &&
           (!query->by_environment || query->environment == record->environment) &&
           (!query->by_status || query->status == record->status) &&
           (!query->by_verdict || query->verdict == record->verdict) &&
           (query->since_us == 0 || record->received_at_us >= query->since_us) &&
           (query->until_us == 0 || record->received_at_us < query->until_us) &&
           (query->path.size == 0 || (query->path_is_prefix ? slice_starts(path, query->path)
                                                            : slice_is(path, query->path)));
}

/* The filters of query_matches as SQL; the parameters are named, so that absent ones bind nowhere.
 */
static void filters_append(struct buffer *sql, const struct trail_query *query)
{
    if (query->by_key)
        buffer_printf(sql, " AND key = $key");
    if (query->by_account)
        buffer_printf(sql,
                      query->account == 0 ? " AND account IS NULL" : " AND account = $account");
    if (query->by_environment)
        buffer_printf(sql, " AND environment = $environment");
    if (query->by_status)
        buffer_printf(sql, " AND status = $status");
    if (query->by_verdict)
        buffer_printf(sql, " AND verdict = $verdict");
    if (query->since_us != 0)
        buffer_printf(sql, " AND at_us >= $since");
    if (query->until_us != 0)
        buffer_printf(sql, " AND at_us < $until");
    if (query->path.size > 0)
        buffer_printf(sql, query->path_is_prefix ? " AND substr(path, 1, length($path)) = $path"
                                                 : " AND path = $path");
}

void query_bind_number(sqlite3_stmt *statement, const char *name, uint64_t value)
{
    int at = sqlite3_bind_parameter_index(statement, name);

    if (at > 0)
        sqlite3_bind_int64(statement, at, (sqlite3_int64)value);
}

/* The least text behind all that begin with the prefix: its last byte that can be raised, raised.
 * Empty when there is none. */
static size_t prefix_end(struct slice prefix, char end[RECORD_PATH_MOST])
{
    size_t size = prefix.size < RECORD_PATH_MOST ? prefix.size : RECORD_PATH_MOST;

    memcpy(end, prefix.at, size);
    while (size > 0 && (unsigned char)end[size - 1] == 0xff)
        size--;
    if (size > 0)
        end[size - 1]++;
    return size;
}

/* Goes by the path alone: a key or an account has fewer rows than any path. */
static bool is_by_path(const struct trail_query *query)
{
    return query->path.size > 0 && !query->by_key && !(query->by_account && query->account != 0);
}

void query_bind(const struct trail_query *query, sqlite3_stmt *statement)
{
    int key = sqlite3_bind_parameter_index(statement, "$key");
    int path = sqlite3_bind_parameter_index(statement, "$path");
    int path_end = sqlite3_bind_parameter_index(statement, "$path_end");
    char end[RECORD_PATH_MOST];

    if (key > 0)
        sqlite3_bind_blob(statement, key, query->key, RECORD_KEY_SIZE, SQLITE_STATIC);
    if (path > 0)
        sqlite3_bind_blob(statement, path, query->path.at, (int)query->path.size, SQLITE_STATIC);
    if (path_end > 0)
        sqlite3_bind_blob(statement, path_end, end, (int)prefix_end(query->path, end),
                          SQLITE_TRANSIENT);
    query_bind_number(statement, "$account", query->account);
    query_bind_number(statement, "$environment", query->environment);
    query_bind_number(statement, "$status", query->status);
    query_bind_number(statement, "$verdict", query->verdict);
    query_bind_number(statement, "$since", query->since_us);
    query_bind_number(statement, "$until", query->until_us);
    query_bind_number(statement, "$status_bit", query_mask_bit(query->status));
    query_bind_number(statement, "$verdict_bit", query_mask_bit(query->verdict));
    query_bind_number(statement, "$environment_bit", query_mask_bit(query->environment));
}

/* Epochs that may hold what is looked for, in the order of the search. */
void query_epochs_append(const struct trail_query *query, struct buffer *sql)
{
    buffer_printf(sql, "SELECT epoch FROM epoch WHERE %s",
                  query->forward ? "epoch >= $low >> 16" : "epoch <= ($high - 1) >> 16");
    if (query->since_us != 0)
        buffer_printf(sql, " AND at_last_us >= $since");
    if (query->until_us != 0)
        buffer_printf(sql, " AND at_first_us < $until");
    if (query->by_status)
        buffer_printf(sql, " AND statuses & $status_bit");
    if (query->by_verdict)
        buffer_printf(sql, " AND verdicts & $verdict_bit");
    if (query->by_environment)
        buffer_printf(sql, " AND environments & $environment_bit");
    if (is_by_path(query)) {
        char end[RECORD_PATH_MOST];

        buffer_printf(sql, " AND EXISTS (SELECT 1 FROM request INDEXED BY request_path "
                           "WHERE request.epoch = epoch.epoch AND ");
        if (!query->path_is_prefix)
            buffer_printf(sql, "path = $path)");
        else
            buffer_printf(sql, "path >= $path%s)",
                          prefix_end(query->path, end) > 0 ? " AND path < $path_end" : "");
    }
    buffer_printf(sql, " ORDER BY epoch %s", query->forward ? "ASC" : "DESC");
}

void query_rows_append(const struct trail_query *query, struct buffer *sql)
{
    const char *by = query->by_key                                  ? "INDEXED BY request_key"
                     : query->by_account && query->account != 0     ? "INDEXED BY request_account"
                     : is_by_path(query) && !query->path_is_prefix ? "INDEXED BY request_path"
                                                                    : "NOT INDEXED";

    /* number goes into the tree's own order in all four; without an index it must bound the scan.
     * The start of a path would have to be sorted: its epochs are known, and scanned. */
    buffer_printf(sql,
                  "SELECT number, position FROM request %s WHERE epoch = $epoch "
                  "AND number >= $low AND number < $high",
                  by);
    filters_append(sql, query);
    buffer_printf(sql, " ORDER BY number %s", query->forward ? "ASC" : "DESC");
}
