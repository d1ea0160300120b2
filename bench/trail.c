/* bench/trail.c: how fast the audit log keeps, signs and proves records
 *
 * Beside each number stands its control from the same run: durable appends beside write + fdatasync
 * of the same bytes, verification beside SHA-256 of the same bytes.
 *
 *     bench_trail [FOLDER [RECORDS]]     FOLDER on the disk to measure, default /tmp; 500000
 * records
 */
#include <fcntl.h>
#include <inttypes.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "trail/frame.h"
#include "trail/log.h"
#include "trail/trail.h"
#include "trail/verify.h"

enum { BATCH = 1000 };

static uint8_t bytes[BATCH][RECORD_FIXED_SIZE + RECORD_PATH_MOST];
static struct slice records[BATCH];

static void die(const char *what)
{
    fprintf(stderr, "bench/trail: %s\n", what);
    exit(1);
}

/* 10,000 keys in an order that repeats late; every request another nonce and id. */
static size_t batch_make(uint64_t from)
{
    static const char path[] = "/v2/auth/r/orders/tBTCUSD";
    size_t size = 0;

    for (uint64_t i = 0; i < BATCH; i++) {
        uint64_t n = from + i, key = n * 2654435761 % 10000;
        struct audit_record record = {
            .received_at_us = 1795392000000000 + n,
            .account = 1 + key / 4,
            .nonce = n + 1,
            .latency_us = 40,
            .status = 200,
            .kind = RECORD_REQUEST,
            .transport = 1,
            .method = 3,
            .flags = RECORD_AUTHENTIC | RECORD_KEY_NAMED,
            .path_size = sizeof path - 1,
        };
        char text[RECORD_KEY_SIZE + 1];

        snprintf(text, sizeof text, "%016" PRIx64, key * 0x9E3779B97F4A7C15);
        memcpy(record.key, text, RECORD_KEY_SIZE);
        memcpy(record.request_id, &n, sizeof n);
        memcpy(record.path, path, sizeof path - 1);
        records[i].at = (char *)bytes[i];
        records[i].size = record_encode(&record, bytes[i]);
        size += log_frame_size(records[i].size);
    }
    return size;
}

static double seconds_since(uint64_t start_ns)
{
    return (double)(clock_mono_ns() - start_ns) / (double)NS_PER_S;
}

/* The control: the same bytes into a zero-filled file, one write and one fdatasync a batch. */
static double raw_append(const char *folder, uint64_t batch_count, size_t batch_bytes)
{
    char path[FILE_PATH_SIZE], problem[LOG_PROBLEM_SIZE];
    uint8_t *batch = calloc(1, batch_bytes);
    uint64_t offset = 0, start_ns;
    double seconds;
    int fd;

    snprintf(path, sizeof path, "%s/raw/log", folder);
    if (batch == NULL || file_folder_make(path, 0700) != OK)
        die("no room for the control");
    snprintf(path, sizeof path, "%s/raw", folder);
    if (log_reserve(path, 1, LOG_FILE_BYTES, problem) != OK)
        die(problem);
    snprintf(path, sizeof path, "%s/raw/log/000001.log", folder);
    fd = open(path, O_WRONLY);
    memset(batch, 0x5A, batch_bytes);
    start_ns = clock_mono_ns();
    for (uint64_t i = 0; i < batch_count; i++) {
        if (offset + batch_bytes > LOG_FILE_BYTES)
            offset = 0;
        if (pwrite(fd, batch, batch_bytes, (off_t)offset) != (ssize_t)batch_bytes ||
            fdatasync(fd) != 0)
            die("the control cannot write");
        offset += batch_bytes;
    }
    seconds = seconds_since(start_ns);
    close(fd);
    free(batch);
    return seconds;
}

static double hash_all(uint64_t size)
{
    uint64_t chunk_bytes = 1 << 20, start_ns;
    uint8_t *chunk = calloc(1, chunk_bytes), digest[32];
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    double seconds;

    if (chunk == NULL || context == NULL)
        die("out of memory");
    start_ns = clock_mono_ns();
    EVP_DigestInit_ex(context, EVP_sha256(), NULL);
    for (uint64_t done = 0; done < size; done += chunk_bytes)
        EVP_DigestUpdate(context, chunk, size - done < chunk_bytes ? size - done : chunk_bytes);
    EVP_DigestFinal_ex(context, digest, NULL);
    seconds = seconds_since(start_ns);
    EVP_MD_CTX_free(context);
    free(chunk);
    return seconds;
}

static bool row_count(void *context, const struct trail_row *row)
{
    (void)row;
    ++*(uint64_t *)context;
    return true;
}

static void find_measure(struct trail *trail, const char *what, struct trail_query query)
{
    uint64_t next, count = 0, start_ns = clock_mono_ns();
    bool more;

    if (trail_find(trail, &query, row_count, &count, &next, &more) != OK)
        die("find failed");
    printf("find %-28s %8.2f ms, %" PRIu64 " rows\n", what, 1000 * seconds_since(start_ns), count);
}

/* What a starting collector may ask for: as many as all slots of a segment. */
static void recent_measure(struct trail *trail)
{
    enum { ALL_SLOTS = 16 * 8192 };
    static uint8_t ids[ALL_SLOTS][RECORD_REQUEST_ID_SIZE];
    uint64_t start_ns = clock_mono_ns();
    size_t count;

    if (trail_recent_ids(trail, ids, ALL_SLOTS, &count) != OK)
        die("no recent ids");
    printf("recent ids                        %8.2f ms, %zu ids\n", 1000 * seconds_since(start_ns),
           count);
}

static void finds_measure(struct trail *trail)
{
    struct trail_query by_key = { .limit = 50, .by_key = true };
    char key[RECORD_KEY_SIZE + 1];

    snprintf(key, sizeof key, "%016" PRIx64, 77 * 0x9E3779B97F4A7C15);
    memcpy(by_key.key, key, RECORD_KEY_SIZE);
    find_measure(trail, "newest 50", (struct trail_query){ .limit = 50 });
    find_measure(trail, "50 of one key in 10,000", by_key);
    find_measure(trail, "status that never occurs",
                 (struct trail_query){ .limit = 50, .by_status = true, .status = 418 });
    find_measure(trail, "path that never occurs",
                 (struct trail_query){ .limit = 50, .path = SLICE("/never") });
}

static void verify_measure(const char *folder, struct slice verifier_key, bool skip_tiles)
{
    struct verify_report report;
    uint64_t start_ns = clock_mono_ns();
    double seconds, control;

    if (trail_verify(&(struct verify_options){ .folder = folder,
                                               .verifier_key = verifier_key,
                                               .skip_tiles = skip_tiles },
                     &report) != OK ||
        report.finding_count != 0)
        die("the log does not verify");
    seconds = seconds_since(start_ns);
    control = hash_all(report.bytes);
    printf("verify%-23s %10.0f records/s, %6.0f MB/s; SHA-256 alone %6.0f MB/s; ratio %.2f\n",
           skip_tiles ? " (log)" : " (log and tiles)", (double)report.size / seconds,
           (double)report.bytes / seconds / 1e6, (double)report.bytes / control / 1e6,
           seconds / control);
}

int main(int argument_count, char **arguments)
{
    const char *parent = argument_count > 1 ? arguments[1] : "/tmp";
    uint64_t count = argument_count > 2 ? strtoull(arguments[2], NULL, 10) : 500000;
    static const uint8_t seed[TRAIL_SEED_SIZE] = { 42 };
    char folder[FILE_PATH_SIZE - 64], problem[TRAIL_PROBLEM_SIZE], command[FILE_PATH_SIZE],
        key[256];
    struct trail_options options = { .folder = folder,
                                     .origin = "latchkey.bench/audit",
                                     .seed = seed };
    uint64_t start_ns, appended_ns = 0, first, signed_at_ns;
    struct trail *trail;
    size_t batch_bytes = 0;
    double append, control, published, indexed;

    log_level_set(LOG_WARN);
    snprintf(folder, sizeof folder, "%s/bench-trail-XXXXXX", parent);
    if (mkdtemp(folder) == NULL || trail_open(&options, &trail, problem) != OK)
        die("cannot open a log there");
    signed_at_ns = start_ns = clock_mono_ns();
    for (uint64_t n = 0; n < count; n += BATCH) {
        uint64_t before_ns;

        batch_bytes = batch_make(n);
        before_ns = clock_mono_ns();
        if (trail_append(trail, records, BATCH, &first) != OK)
            die("append failed");
        appended_ns += clock_mono_ns() - before_ns;
        if (clock_mono_ns() - signed_at_ns > NS_PER_S) {
            if (trail_checkpoint_soon(trail) != OK)
                die("checkpoint failed");
            signed_at_ns = clock_mono_ns();
        }
    }
    if (trail_checkpoint(trail) != OK)
        die("checkpoint failed");
    published = seconds_since(start_ns);
    append = (double)appended_ns / (double)NS_PER_S;
    if (trail_summary_each(trail, NULL, NULL, NULL) != OK)
        die("index failed");
    indexed = seconds_since(start_ns);
    control = raw_append(folder, count / BATCH, batch_bytes);
    printf(
        "append, batches of %d          %10.0f records/s durable; raw append + fdatasync %10.0f; "
        "ratio %.2f\n",
        BATCH, (double)count / append, (double)count / control, append / control);
    printf("tiles and checkpoints, behind  %10.0f records/s (from the first append to the last "
           "checkpoint)\n",
           (double)count / published);
    printf("index, written behind          %10.0f rows/s (from the first append to the last row)\n",
           (double)count / indexed);
    finds_measure(trail);
    recent_measure(trail);
    snprintf(key, sizeof key, "%s", trail_verifier_key(trail));
    trail_close(&trail);
    verify_measure(folder, slice_of(key), true);
    verify_measure(folder, slice_of(key), false);
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    return system(command) == 0 ? 0 : 1;
}
