#include "cli/audit_filter.h"

#include <stdlib.h>
#include <string.h>

#include "authority/key_view.h"
#include "base/clock.h"
#include "cli/moment.h"
#include "gate/verdict.h"
#include "keys/environment.h"

static bool moment_append(const char *command, const char *name, const char *text,
                          struct buffer *path)
{
    char when[CLOCK_TEXT_SIZE];
    uint64_t wall_ns;

    if (text == NULL)
        return true;
    if (!moment_parse(text, clock_wall_ns(), &wall_ns)) {
        fprintf(stderr, "%s: --%s \"%s\" is no moment; write 15m, 2h, 3d, 2026-11-23 or "
                        "2026-11-23T10:00\n",
                command, name, text);
        return false;
    }
    clock_format(wall_ns, when);
    query_append(path, name, when);
    return true;
}

bool audit_filter_append(const struct audit_filter *f, const char *command, struct buffer *path)
{
    char status[8];

    query_append(path, "key", f->key);
    query_append(path, "account", f->account);
    query_append(path, "environment", f->environment);
    snprintf(status, sizeof status, "%u", (unsigned)f->status);
    query_append(path, "status", f->status == 0 ? NULL : status);
    query_append(path, "path", f->path);
    query_append(path, "verdict", f->verdict);
    return moment_append(command, "since", f->since, path) &&
           moment_append(command, "until", f->until, path);
}

static bool wrong(const char *command, const char *name, const char *text, const char *words)
{
    fprintf(stderr, "%s: --%s \"%s\" %s\n", command, name, text, words);
    return false;
}

static bool moment_read(const char *command, const char *name, const char *text, uint64_t *at_us)
{
    uint64_t wall_ns;

    if (text == NULL)
        return true;
    if (!moment_parse(text, clock_wall_ns(), &wall_ns))
        return wrong(command, name, text,
                     "is no moment; write 15m, 2h, 3d, 2026-11-23 or 2026-11-23T10:00");
    *at_us = wall_ns / NS_PER_US;
    return true;
}

bool audit_filter_query(const struct audit_filter *f, const char *command,
                        struct trail_query *query)
{
    enum environment environment;
    enum verdict verdict;
    char *end = NULL;

    *query = (struct trail_query){ .by_key = f->key != NULL,
                                   .by_account = f->account != NULL,
                                   .by_environment = f->environment != NULL,
                                   .by_verdict = f->verdict != NULL,
                                   .by_status = f->status != 0,
                                   .status = (uint16_t)f->status,
                                   .path = slice_of(f->path) };
    if (query->by_key && !key_name_parse(slice_of(f->key), query->key))
        return wrong(command, "key", f->key, "is not a key id");
    if (query->by_account)
        query->account = strtoull(f->account, &end, 10);
    if (query->by_account && (*f->account < '0' || *f->account > '9' || *end != '\0'))
        return wrong(command, "account", f->account,
                     "has to be a number here: a folder does not know e-mail addresses");
    if (query->by_environment && !environment_parse(slice_of(f->environment), &environment))
        return wrong(command, "env", f->environment, "is neither live nor sandbox");
    if (query->by_verdict && !verdict_find(slice_of(f->verdict), &verdict))
        return wrong(command, "verdict", f->verdict,
                     "is no verdict; pass and nonce-small are two");
    query->environment = query->by_environment ? (uint8_t)environment : 0;
    query->verdict = query->by_verdict ? (uint16_t)verdict : 0;
    query->path_is_prefix = query->path.size > 0 && query->path.at[query->path.size - 1] == '*';
    query->path.size -= query->path_is_prefix;
    return moment_read(command, "since", f->since, &query->since_us) &&
           moment_read(command, "until", f->until, &query->until_us);
}

static const char *const titles[] = { "#",      "TIME", "KEY", "ADDRESS", "METHOD", "STATUS",
                                      "VERDICT", "US",   "PATH", NULL };

void records_table_init(struct table *t)
{
    table_init(t, titles);
}

static bool is_change(const json_t *record)
{
    const char *kind = reply_text(record, "kind");

    return kind != NULL && strcmp(kind, "change") == 0;
}

/* A change shares the columns: who did it stands for the key, what was done for the path. */
static void change_add(struct table *t, const json_t *record)
{
    reply_cell(t, json_object_get(record, "index"));
    reply_cell(t, json_object_get(record, "at"));
    reply_cell(t, json_object_get(record, "who"));
    for (int i = 0; i < 3; i++)
        table_add(t, "");
    table_add_toned(t, "change", TONE_DIM);
    table_add(t, "");
    reply_cell(t, json_object_get(record, "what"));
}

void records_table_add(struct table *t, const json_t *record)
{
    const char *verdict = reply_text(record, "verdict");
    bool passed = verdict != NULL && strcmp(verdict, "pass") == 0;
    char trial[64];

    if (is_change(record)) {
        change_add(t, record);
        return;
    }
    reply_cell(t, json_object_get(record, "index"));
    reply_cell(t, json_object_get(record, "at"));
    reply_cell(t, json_object_get(record, "key"));
    reply_cell(t, json_object_get(record, "address"));
    reply_cell(t, json_object_get(record, "method"));
    reply_cell(t, json_object_get(record, "status"));
    if (json_is_true(json_object_get(record, "dry_run"))) {
        snprintf(trial, sizeof trial, "%s (dry run)", verdict == NULL ? "" : verdict);
        verdict = trial;
    }
    table_add_toned(t, verdict, passed ? TONE_GOOD : TONE_WARN);
    reply_cell(t, json_object_get(record, "latency_us"));
    reply_cell(t, json_object_get(record, "path"));
}

void record_line_print(const json_t *record, FILE *out)
{
    static const char *const untitled[] = { "", "", "", "", "", "", "", "", "", NULL };
    struct table t;

    table_init(&t, untitled);
    records_table_add(&t, record);
    table_print(&t, out);
    table_wipe(&t);
}

void records_json_print(const json_t *records, FILE *out)
{
    const json_t *record;
    size_t i;

    json_array_foreach(records, i, record) {
        json_dumpf(record, out, JSON_COMPACT);
        fputc('\n', out);
    }
}
