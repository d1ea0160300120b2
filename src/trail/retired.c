#include "trail/retired.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/file.h"
#include "trail/cursor.h"
#include "trail/tiles.h"

/* The layout of docs/formats/trail.md. */
enum {
    RETIRED_VERSION = 1,
    HEADER_SIZE = 64,
    KEY_SIZE = 48,
    ACCOUNT_SIZE = 16,
    AT_VERSION = 8,
    AT_NUMBER = 12,
    AT_INDEX = 16,
    AT_FROM = 24,
    AT_KEY_COUNT = 32,
    AT_ACCOUNT_COUNT = 40,
};
#define FILE_BYTES_MOST ((size_t)1 << 34)

/* No checkpoint, the other thing that the key signs, begins like this: origins have no newline. */
static const char MAGIC[8] = "LKRETIR\n";

bool retired_is_told(struct slice change, uint64_t *index)
{
    json_t *body = change.size == 0 ? NULL : json_loadb(change.at, change.size, 0, NULL);
    const char *what = json_string_value(json_object_get(body, "what"));
    json_t *first = json_object_get(json_object_get(body, "after"), "first_record");
    bool told = what != NULL && strcmp(what, RETIRED_WHAT) == 0 && json_is_integer(first);

    *index = told ? (uint64_t)json_integer_value(first) : 0;
    json_decref(body);
    return told;
}

/* ---- reading ---- */

static void retired_path(const char *folder, char path[FILE_PATH_SIZE])
{
    snprintf(path, FILE_PATH_SIZE, "%.*s/retired", FILE_PATH_SIZE - 32, folder);
}

static enum err content_check(struct slice content, const struct note_key *key)
{
    uint64_t keys, accounts, body_size;

    if (content.size < HEADER_SIZE + NOTE_SIGNATURE_SIZE ||
        memcmp(content.at, MAGIC, sizeof MAGIC) != 0)
        return ERR_CORRUPT;
    if (bytes_take(content.at + AT_VERSION, 4) > RETIRED_VERSION)
        return ERR_VERSION;
    keys = bytes_take(content.at + AT_KEY_COUNT, 8);
    accounts = bytes_take(content.at + AT_ACCOUNT_COUNT, 8);
    body_size = content.size - NOTE_SIGNATURE_SIZE;
    if (keys > content.size / KEY_SIZE || accounts > content.size / ACCOUNT_SIZE ||
        HEADER_SIZE + keys * KEY_SIZE + accounts * ACCOUNT_SIZE != body_size)
        return ERR_CORRUPT;
    if (key != NULL && !note_signature_is_right((struct slice){ content.at, body_size }, key,
                                                (const uint8_t *)content.at + body_size))
        return ERR_CORRUPT;
    return OK;
}

/* ERR_MISSING: there is no file. */
static enum err content_read(const char *folder, const struct note_key *key, struct buffer *content)
{
    char path[FILE_PATH_SIZE];
    enum err e;

    retired_path(folder, path);
    e = file_read(path, FILE_BYTES_MOST, content);
    return e == OK ? content_check(buffer_slice(content), key) : e;
}

enum err retired_read(const char *folder, const struct note_key *key, struct retired *retired)
{
    struct buffer content;
    enum err e;

    *retired = (struct retired){ .number = 1 };
    buffer_init(&content);
    TRY(content_read(folder, key, &content));
    retired->number = (uint32_t)bytes_take(content.at + AT_NUMBER, 4);
    retired->index = bytes_take(content.at + AT_INDEX, 8);
    retired->from = bytes_take(content.at + AT_FROM, 8);
    if (retired->number < 2 || retired->from >= retired->index)
        e = ERR_CORRUPT;
out:
    buffer_wipe(&content);
    return e == ERR_MISSING ? OK : e;
}

enum err retired_summary_each(const char *folder, const struct note_key *key,
                              enum err (*each_key)(void *context,
                                                   const struct trail_key_summary *summary),
                              enum err (*each_account)(void *context,
                                                       const struct trail_account_summary *summary),
                              void *context)
{
    uint64_t keys, accounts;
    struct buffer content;
    const char *at;
    enum err e;

    buffer_init(&content);
    TRY(content_read(folder, key, &content));
    keys = bytes_take(content.at + AT_KEY_COUNT, 8);
    accounts = bytes_take(content.at + AT_ACCOUNT_COUNT, 8);
    at = content.at + HEADER_SIZE;
    for (; keys > 0; keys--, at += KEY_SIZE) {
        struct trail_key_summary summary = {
            .account = bytes_take(at + 16, 8),
            .nonce = bytes_take(at + 24, 8),
            .last_used_at_us = bytes_take(at + 32, 8),
            .wallets_at_us = bytes_take(at + 40, 8),
        };

        memcpy(summary.key, at, sizeof summary.key);
        TRY(each_key(context, &summary));
    }
    for (; accounts > 0; accounts--, at += ACCOUNT_SIZE)
        TRY(each_account(
            context, &(struct trail_account_summary){ bytes_take(at, 8), bytes_take(at + 8, 8) }));
out:
    buffer_wipe(&content);
    return e == ERR_MISSING ? OK : e;
}

/* ---- writing ---- */

void retired_writer_begin(struct retired_writer *writer, const struct retired *retired)
{
    uint8_t header[HEADER_SIZE] = { 0 };

    *writer = (struct retired_writer){ .key_count = 0 };
    buffer_init(&writer->content);
    memcpy(header, MAGIC, sizeof MAGIC);
    bytes_put(header + AT_VERSION, RETIRED_VERSION, 4);
    bytes_put(header + AT_NUMBER, retired->number, 4);
    bytes_put(header + AT_INDEX, retired->index, 8);
    bytes_put(header + AT_FROM, retired->from, 8);
    buffer_append(&writer->content, (struct slice){ (char *)header, sizeof header });
}

void retired_key_add(void *context, const struct trail_key_summary *summary)
{
    struct retired_writer *writer = context;
    uint8_t row[KEY_SIZE];

    memcpy(row, summary->key, sizeof summary->key);
    bytes_put(row + 16, summary->account, 8);
    bytes_put(row + 24, summary->nonce, 8);
    bytes_put(row + 32, summary->last_used_at_us, 8);
    bytes_put(row + 40, summary->wallets_at_us, 8);
    buffer_append(&writer->content, (struct slice){ (char *)row, sizeof row });
    writer->key_count++;
}

void retired_account_add(void *context, const struct trail_account_summary *summary)
{
    struct retired_writer *writer = context;
    uint8_t row[ACCOUNT_SIZE];

    bytes_put(row, summary->account, 8);
    bytes_put(row + 8, summary->sandbox_order_at_us, 8);
    buffer_append(&writer->content, (struct slice){ (char *)row, sizeof row });
    writer->account_count++;
}

enum err retired_writer_commit(struct retired_writer *writer, const char *folder,
                               const uint8_t seed[TRAIL_SEED_SIZE])
{
    uint8_t signature[NOTE_SIGNATURE_SIZE];
    struct buffer *content = &writer->content;
    char path[FILE_PATH_SIZE];
    enum err e = ERR_MEMORY;

    if (content->failed)
        goto out;
    bytes_put((uint8_t *)content->at + AT_KEY_COUNT, writer->key_count, 8);
    bytes_put((uint8_t *)content->at + AT_ACCOUNT_COUNT, writer->account_count, 8);
    note_sign(buffer_slice(content), seed, signature);
    buffer_append(content, (struct slice){ (char *)signature, sizeof signature });
    retired_path(folder, path);
    e = content->failed ? ERR_MEMORY : file_write_atomic(path, 0600, buffer_slice(content));
out:
    retired_writer_rollback(writer);
    return e;
}

void retired_writer_rollback(struct retired_writer *writer)
{
    buffer_wipe(&writer->content);
}

/* ---- removing ---- */

static void bundle_path(const char *folder, uint64_t number, char path[FILE_PATH_SIZE])
{
    char name[128];

    tiles_name(TILES_ENTRIES, number, TILES_WIDTH, name);
    snprintf(path, FILE_PATH_SIZE, "%.*s/%s", FILE_PATH_SIZE - 160, folder, name);
}

/* The folder of a thousand goes with the last of them, unless somebody put something there. */
static bool bundle_remove(const char *folder, uint64_t number, bool folder_too)
{
    char path[FILE_PATH_SIZE];
    char *slash;

    bundle_path(folder, number, path);
    if (unlink(path) != 0 && errno != ENOENT)
        return false;
    slash = strrchr(path, '/');
    *slash = '\0';
    if (folder_too)
        rmdir(path);
    return true;
}

enum err retired_remove(const char *folder, const struct retired *retired)
{
    uint64_t end = retired->index / TILES_WIDTH;
    char path[FILE_PATH_SIZE];
    enum err e = OK;

    for (uint64_t bundle = retired->from / TILES_WIDTH; bundle < end; bundle++)
        if (!bundle_remove(folder, bundle, bundle >= 1000 && bundle % 1000 == 999))
            e = ERR_IO;
    /* The files after the bundles and the highest one last: where it is gone, all are. */
    for (uint32_t number = 1; number < retired->number; number++) {
        cursor_path(folder, number, path);
        if (unlink(path) != 0 && errno != ENOENT)
            e = ERR_IO;
    }
    return e;
}

bool retired_is_left(const char *folder, const struct retired *retired)
{
    char path[FILE_PATH_SIZE];

    if (retired->index == 0)
        return false;
    cursor_path(folder, retired->number - 1, path);
    return access(path, F_OK) == 0;
}
