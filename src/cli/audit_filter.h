/* cli/audit_filter.h: which records the audit commands show, and how */
#ifndef CLI_AUDIT_FILTER_H
#define CLI_AUDIT_FILTER_H

#include "cli/client.h"
#include "cli/reply.h"
#include "trail/trail.h"

struct audit_filter {
    const char *key, *account, *environment, *since, *until, *path, *verdict;
    uint64_t status; /* 0: any */
};

#define AUDIT_FILTER_OPTIONS(f)                                                              \
    { .name = "key", .kind = OPTION_TEXT, .value = "KEY", .into = &(f).key,                  \
      .help = "only requests that named this key id" },                                      \
    { .name = "account", .kind = OPTION_TEXT, .value = "ACCOUNT", .into = &(f).account,      \
      .help = "only this account (number or e-mail address)" },                              \
    { .name = "env", .kind = OPTION_CHOICE, .value = "live|sandbox",                         \
      .into = &(f).environment, .help = "only one environment" },                            \
    { .name = "since", .kind = OPTION_TEXT, .value = "MOMENT", .into = &(f).since,           \
      .help = "from then on: 15m, 2h, 3d (ago), 2026-11-23 or 2026-11-23T10:00 (UTC)" },     \
    { .name = "until", .kind = OPTION_TEXT, .value = "MOMENT", .into = &(f).until,           \
      .help = "before then" },                                                               \
    { .name = "status", .kind = OPTION_NUMBER, .value = "CODE", .least = 100, .most = 599,   \
      .into = &(f).status, .help = "only this HTTP status" },                                \
    { .name = "path", .kind = OPTION_TEXT, .value = "PATH", .into = &(f).path,               \
      .help = "only this path; a * at its end stands for anything" },                        \
    { .name = "verdict", .kind = OPTION_TEXT, .value = "WORD", .into = &(f).verdict,         \
      .help = "only this decision: pass, nonce-small, rate-exceeded, ..." }

/* Appends the filters to a path's query.  False: a moment is none, told on standard error. */
bool audit_filter_append(const struct audit_filter *f, const char *command, struct buffer *path);

/* The filters for a log that no authority serves.  False: one of them is wrong, told on standard
 * error.  `query` borrows the path. */
bool audit_filter_query(const struct audit_filter *f, const char *command,
                        struct trail_query *query);

/* A table for records, and a row of it. */
void records_table_init(struct table *t);
void records_table_add(struct table *t, const json_t *record);

/* A record on a line of its own, for those that arrive one by one. */
void record_line_print(const json_t *record, FILE *out);

/* Each record as one line of JSON. */
void records_json_print(const json_t *records, FILE *out);

#endif
