/* tests/trail/fixture.h: a folder, a key and records for the tests of the trail */
#ifndef TESTS_TRAIL_FIXTURE_H
#define TESTS_TRAIL_FIXTURE_H

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "audit/record.h"
#include "base/file.h"
#include "gate/route.h"
#include "trail/log.h"
#include "trail/trail.h"

#include "../test.h"

#define ORIGIN "latchkey.test/audit"
static const uint8_t fixture_seed[TRAIL_SEED_SIZE] = { 9, 8, 7 };

/* Request `n` of a stream that nobody else makes: its number is its nonce and its request id. */
static inline struct audit_record fixture_record(uint64_t n)
{
    static const char *const paths[] = { "/v2/auth/r/wallets", "/v2/auth/w/order/submit",
                                         "/v2/ticker/tBTCUSD", "/v2/auth/r/orders" };
    static const uint16_t routes[] = { ROUTE_NUMBER_WALLETS, ROUTE_NUMBER_ORDER_SUBMIT, 0, 0 };
    struct audit_record record = {
        .received_at_us = 1795392000000000 + n * 100,
        .account = 1 + n % 3,
        .nonce = n + 1,
        .latency_us = (uint32_t)(n % 500),
        .status = n % 10 == 9 ? 500 : 200,
        .verdict = n % 10 == 9 ? 18 : 0,
        .route = routes[n % 4],
        .kind = RECORD_REQUEST,
        .environment = (uint8_t)(n % 2),
        .transport = RECORD_TRANSPORT_TLS,
        .method = HTTP_METHOD_POST,
        .flags = RECORD_AUTHENTIC | RECORD_KEY_NAMED,
    };
    const char *path = paths[n % 4];
    char key[RECORD_KEY_SIZE + 1];

    snprintf(key, sizeof key, "key%013u", (unsigned)(n % 5));
    memcpy(record.key, key, RECORD_KEY_SIZE);
    memcpy(record.request_id, &n, sizeof n);
    record.path_size = (uint16_t)strlen(path);
    memcpy(record.path, path, record.path_size);
    return record;
}

struct fixture_batch {
    uint8_t (*bytes)[RECORD_FIXED_SIZE + RECORD_PATH_MOST];
    struct slice *records;
    size_t count;
};

static inline void fixture_batch_make(struct fixture_batch *batch, uint64_t from, size_t count)
{
    batch->bytes = malloc(count * sizeof *batch->bytes);
    batch->records = malloc(count * sizeof *batch->records);
    batch->count = count;
    for (size_t i = 0; i < count; i++) {
        struct audit_record record = fixture_record(from + i);

        batch->records[i].at = (char *)batch->bytes[i];
        batch->records[i].size = record_encode(&record, batch->bytes[i]);
    }
}

static inline void fixture_batch_free(struct fixture_batch *batch)
{
    free(batch->bytes);
    free(batch->records);
}

static inline enum err fixture_append(struct trail *trail, uint64_t from, size_t count)
{
    struct fixture_batch batch;
    uint64_t first = UINT64_MAX;
    enum err e;

    fixture_batch_make(&batch, from, count);
    e = trail_append(trail, batch.records, count, &first);
    fixture_batch_free(&batch);
    if (e == OK)
        assert_int_equal(first, from);
    return e;
}

static inline char *fixture_folder(void)
{
    static char folder[64];

    snprintf(folder, sizeof folder, "/tmp/trail-XXXXXX");
    assert_non_null(mkdtemp(folder));
    return folder;
}

static inline void fixture_run(const char *format, const char *a, const char *b)
{
    char command[1024];

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    snprintf(command, sizeof command, format, a, b);
#pragma GCC diagnostic pop
    assert_int_equal(system(command), 0);
}

static inline void fixture_remove(const char *folder)
{
    fixture_run("rm -rf '%s'", folder, "");
}

/* Small files, so that a test goes through many of them. */
static inline enum err fixture_try_open(const char *folder, struct trail **trail, char *problem)
{
    struct trail_options options = { .folder = folder,
                                     .origin = ORIGIN,
                                     .seed = fixture_seed,
                                     .log_file_bytes = LOG_FILE_BYTES_LEAST };

    return trail_open(&options, trail, problem);
}

static inline struct trail *fixture_open(const char *folder)
{
    char problem[TRAIL_PROBLEM_SIZE];
    struct trail *trail;

    if (fixture_try_open(folder, &trail, problem) != OK)
        fail_msg("trail_open: %s", problem);
    return trail;
}

/* A closed log of `count` records, in batches of 100 with a checkpoint after each tenth. */
static inline void fixture_log(const char *folder, uint64_t count)
{
    struct trail *trail = fixture_open(folder);

    for (uint64_t done = 0; done < count; done += 100) {
        assert_int_equal(fixture_append(trail, done, count - done < 100 ? count - done : 100), OK);
        if (done % 1000 == 900)
            assert_int_equal(trail_checkpoint(trail), OK);
    }
    trail_close(&trail);
}

/* Changes one byte of a file. */
static inline void fixture_flip(const char *folder, const char *name, off_t at)
{
    char path[256];
    uint8_t byte;
    int fd;

    snprintf(path, sizeof path, "%s/%s", folder, name);
    fd = open(path, O_RDWR);
    assert_true(fd >= 0);
    assert_int_equal(pread(fd, &byte, 1, at), 1);
    byte ^= 0x10;
    assert_int_equal(pwrite(fd, &byte, 1, at), 1);
    close(fd);
}

#endif
