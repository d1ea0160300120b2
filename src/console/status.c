#include "console/status.h"

#include <stdarg.h>
#include <stdio.h>
#include <sys/statvfs.h>

#include "authority/collector.h"
#include "authority/courier.h"
#include "authority/keeper.h"
#include "authority/publish.h"
#include "console/master_key.h"
#include "shm/key_table.h"
#include "shm/slots.h"
#include "store/accounts.h"
#include "store/keys.h"
#include "trail/trail.h"

enum {
    DISK_LEAST_MB = 128, /* four files of the audit log */
    MAIL_LATE_S = 900,
};

static void problem_add(json_t *problems, const char *code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void problem_add(json_t *problems, const char *code, const char *format, ...)
{
    char text[TRAIL_PROBLEM_SIZE + 128];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    json_array_append_new(problems, json_pack("{s:s, s:s}", "code", code, "message", text));
}

static json_t *segment_json(struct call *c, enum environment v, json_t *problems)
{
    const char *path = publish_path(c->authority->publisher, v);
    struct segment *s = publish_segment(c->authority->publisher, v);
    struct slots_count slots = slots_count_get(s);
    uint32_t keys = key_table_count(s), capacity = segment_shape_get(s).key_capacity;

    if (!segment_is_current(s, path))
        problem_add(
            problems, "segment-gone",
            "the gate segment %s was deleted, replaced, cut or damaged: the authority makes "
            "another within a second; if this stays, its journal says why",
            path);
    if (slots.total > 0 && slots.free < slots.total / 10)
        problem_add(problems, "slots-nearly-full",
                    "%u of %u audit slots of %s are free: gateways will answer 503 soon; see "
                    "whether the audit log can be written",
                    slots.free, slots.total, environment_text(v));
    if (keys >= capacity - capacity / 20)
        problem_add(problems, "keys-nearly-full",
                    "%u of %u keys of the %s segment are used (ended ones stay): stop the "
                    "gateways, remove %s and start with a larger --keys",
                    keys, capacity, environment_text(v), path);
    return json_pack("{s:s, s:s, s:I, s:I, s:I, s:I}", "environment", environment_text(v), "path",
                     path, "keys", (json_int_t)keys, "capacity", (json_int_t)capacity, "slots_free",
                     (json_int_t)slots.free, "slots_total", (json_int_t)slots.total);
}

static bool newest_take(void *context, const struct trail_row *row)
{
    *(uint64_t *)context = row->record.received_at_us;
    return false;
}

/* Moments of the log may only be before now; a clock set back would let ended cooling-offs and idle
 * spans look young again. */
static void clock_judge(struct call *c, json_t *problems)
{
    const struct trail_query newest = { .limit = 1 };
    uint64_t at_us = 0, now_us = c->authority->now_ns() / NS_PER_US, next;
    bool more;

    if (trail_find(c->authority->trail, &newest, newest_take, &at_us, &next, &more) == OK &&
        at_us > now_us + 1000000)
        problem_add(problems, "clock-behind",
                    "the clock is %llu s behind the newest audit record: set it right (is NTP "
                    "running?), or TOTP codes and cooling-off times will be wrong",
                    (unsigned long long)((at_us - now_us) / 1000000));
}

static void disk_judge(const char *folder, json_t *problems)
{
    struct statvfs disk;
    uint64_t left_mb;

    if (statvfs(folder, &disk) != 0)
        return;
    left_mb = (uint64_t)disk.f_bavail * disk.f_frsize >> 20;
    if (left_mb < DISK_LEAST_MB)
        problem_add(problems, "disk-nearly-full",
                    "%llu MB are left on the disk of %s: make room, or gateways will have to "
                    "refuse requests",
                    (unsigned long long)left_mb, folder);
}

static json_t *audit_json(struct call *c, json_t *problems)
{
    struct collector_state collector = { .lag_ms = 0 };
    struct trail *trail = c->authority->trail;
    char words[TRAIL_PROBLEM_SIZE], unkept[KEEPER_PROBLEM_SIZE];
    struct trail_state state;
    enum trail_health health = trail_problem(trail, words);

    trail_state_get(trail, &state);
    if (c->collector != NULL)
        collector_state_get(c->collector, &collector);
    if (health == TRAIL_STOPPED)
        problem_add(problems, "audit-stopped",
                    "no audit record can be kept, so gateways refuse requests: %s", words);
    else if (health == TRAIL_WARNING)
        problem_add(problems, "audit-warning", "%s", words);
    else if (collector.failing_since_ns != 0)
        problem_add(problems, "audit-failing",
                    "audit records or changes are not being kept; the journal of the authority "
                    "says why (is the disk of the data folder full?)");
    if (keeper_problem(c->authority->keeper, unkept))
        problem_add(problems, "intents-failing",
                    "what must be on disk before an answer leaves cannot be kept, so gateways "
                    "refuse it: %s", unkept);
    clock_judge(c, problems);
    disk_judge(trail_folder(trail), problems);
    return json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:I}", "directory", trail_folder(trail),
                     "size", (json_int_t)state.size, "first", (json_int_t)state.first, "on_disk",
                     (json_int_t)state.size, "indexed", (json_int_t)state.indexed,
                     "checkpoint_size", (json_int_t)state.checkpoint_size, "lag_ms",
                     (json_int_t)collector.lag_ms);
}

static json_t *mail_json(struct call *c, json_t *problems)
{
    struct courier_state mail = { .has_carrier = true };

    if (courier_state_get(c->authority, &mail) != OK)
        return json_null(); /* the store's failing is told already */
    if (!mail.has_carrier && mail.oldest_s > MAIL_LATE_S)
        problem_add(problems, "mail-unsent",
                    "%llu mails wait, and neither mail.server nor mail.folder is set: see "
                    "docs/mail-and-webhooks.md",
                    (unsigned long long)mail.mails_waiting);
    else if (mail.oldest_s > MAIL_LATE_S)
        problem_add(problems, "mail-late",
                    "%llu mails wait, the oldest for %llu min; the journal of the authority says "
                    "what the mail server answered",
                    (unsigned long long)mail.mails_waiting,
                    (unsigned long long)(mail.oldest_s / 60));
    if (mail.mails_given_up > 0)
        problem_add(problems, "mail-given-up",
                    "%llu mails of the last seven days were given up; their accounts have a "
                    "notice, and the journal says why",
                    (unsigned long long)mail.mails_given_up);
    return json_pack("{s:b, s:I, s:I, s:I}", "carrier", (int)mail.has_carrier, "waiting",
                     (json_int_t)mail.mails_waiting, "given_up", (json_int_t)mail.mails_given_up,
                     "webhooks_waiting", (json_int_t)mail.deliveries_waiting);
}

static enum err counts_get(struct call *c, uint64_t *accounts, uint64_t *keys)
{
    struct store_tx *tx = NULL;
    enum err e;

    TRY(store_begin(c->authority->store, &tx));
    TRY(store_accounts_count(tx, accounts));
    TRY(store_keys_count(tx, 0, keys));
out:
    store_rollback(&tx);
    return e;
}

static json_t *master_key_told(struct call *c, json_t *problems)
{
    json_t *key = master_key_json(c->authority);
    const char *words = json_string_value(json_object_get(key, "problem"));

    if (words != NULL)
        problem_add(problems, "rotation-stuck", "%s", words);
    return key;
}

enum err status_get(struct call *c)
{
    json_t *problems = json_array(), *segments = json_array();
    uint64_t accounts = 0, keys = 0;

    if (c->authority->publisher == NULL)
        problem_add(problems, "no-segments", "there are no gate segments: no gateway can work");
    else
        for (enum environment v = 0; v < ENVIRONMENT_COUNT; v++)
            json_array_append_new(segments, segment_json(c, v, problems));
    if (counts_get(c, &accounts, &keys) != OK)
        problem_add(problems, "store-failing",
                    "the database cannot be read; the journal of the authority says why");
    c->reply = json_pack("{s:s, s:o, s:o, s:o, s:O, s:O, s:o, s:I, s:I}", "version",
                         LATCHKEY_VERSION, "started_at",
                         moment_json(c->authority->started_at_ns), "mail", mail_json(c, problems),
                         "master_key", master_key_told(c, problems),
                         "problems", problems, "segments", segments, "audit",
                         audit_json(c, problems),
                         "accounts", (json_int_t)accounts, "keys", (json_int_t)keys);
    json_decref(problems);
    json_decref(segments);
    return c->reply == NULL ? ERR_MEMORY : OK;
}
