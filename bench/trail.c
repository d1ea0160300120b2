/* bench/trail.c: how fast the audit log keeps, signs and proves records
 *
 * Beside each number stands its control from the same run: durable appends beside write + fdatasync
 * of the same bytes, verification beside reading the same files and hashing the same tree.
 *
 *     build/bench/trail [FOLDER [RECORDS]]
 *
 * FOLDER on the disk to measure, default /tmp; 500,000 records.  The figures of
 * docs/performance.md are of 10,000,000, which take 9 GB while it runs.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "audit/merkle.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "gate/verdict.h"
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

/* Who asked for record `n`: a tenth of all is one busy bot, every millionth one that hardly ever
 * calls, and the rest a million keys in an order that repeats late. */
enum { KEYS = 1000000, KEY_BUSY = KEYS, KEY_RARE, RARE_EVERY = 1000000 };

static uint64_t key_of(uint64_t n)
{
    if (n % RARE_EVERY == 4321)
        return KEY_RARE;
    return n % 10 == 0 ? KEY_BUSY : n * 2654435761 % KEYS;
}

static void key_text(uint64_t key, char text[RECORD_KEY_SIZE + 1])
{
    snprintf(text, RECORD_KEY_SIZE + 1, "%016" PRIx64, key * 0x9E3779B97F4A7C15);
}

/* 400 paths; one in a thousand is refused, one in a million is an order book of its own. */
static size_t path_make(uint64_t n, char path[RECORD_PATH_MOST])
{
    static const char *const ends[] = { "orders/t%03uUSD", "trades/t%03uUSD/hist",
                                        "positions/t%03uUSD", "ledgers/%03u/hist" };
    char end[64];

    if (n % RARE_EVERY == 4321)
        return (size_t)snprintf(path, RECORD_PATH_MOST, "/v2/auth/w/withdraw");
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    snprintf(end, sizeof end, ends[n % 4], (unsigned)(n / 4 % 100));
#pragma GCC diagnostic pop
    return (size_t)snprintf(path, RECORD_PATH_MOST, "/v2/auth/r/%s", end);
}

static size_t batch_make(uint64_t from)
{
    size_t size = 0;

    for (uint64_t i = 0; i < BATCH; i++) {
        uint64_t n = from + i, key = key_of(n);
        struct audit_record record = {
            .received_at_us = 1795392000000000 + 100 * n,
            .account = 1 + key / 4,
            .nonce = n + 1,
            .latency_us = 40,
            .status = n % 1000 == 7 ? 500 : 200,
            .verdict = n % 1000 == 7 ? VERDICT_NONCE_SMALL : VERDICT_PASS,
            .kind = RECORD_REQUEST,
            .transport = 1,
            .method = 3,
            .flags = RECORD_AUTHENTIC | RECORD_KEY_NAMED,
        };
        char text[RECORD_KEY_SIZE + 1];

        key_text(key, text);
        memcpy(record.key, text, RECORD_KEY_SIZE);
        memcpy(record.request_id, &n, sizeof n);
        record.path_size = (uint16_t)path_make(n, record.path);
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

/* The controls of verify: what a program cannot do without, and nothing else. */

/* SHA-256 of as many bytes, in one go. */
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

/* The tree over as many records: RFC 6962 hashes each one, and each pair of hashes. */
static double tree_all(uint64_t count, size_t record_size)
{
    uint8_t record[RECORD_FIXED_SIZE + RECORD_PATH_MOST] = { 0 };
    struct merkle_frontier tree;
    uint64_t start_ns = clock_mono_ns();

    merkle_frontier_init(&tree);
    for (uint64_t i = 0; i < count; i++) {
        struct merkle_hash leaf;

        merkle_leaf((struct slice){ (char *)record, record_size }, &leaf);
        merkle_append(&tree, &leaf);
    }
    return seconds_since(start_ns);
}

/* Reads a folder's files as cat does. */
static double read_all(const char *folder, const char *part)
{
    char command[FILE_PATH_SIZE];
    uint64_t start_ns;

    snprintf(command, sizeof command, "find '%s/%s' -type f -exec cat {} + > /dev/null", folder,
             part);
    start_ns = clock_mono_ns();
    if (system(command) != 0)
        die("cat failed");
    return seconds_since(start_ns);
}

static bool row_count(void *context, const struct trail_row *row)
{
    (void)row;
    ++*(uint64_t *)context;
    return true;
}

static void find_measure(struct trail *trail, const char *what, struct trail_query query)
{
    double first = 0, best = 1e9;
    uint64_t next, count = 0;
    bool more;

    for (int i = 0; i < 5; i++) {
        uint64_t start_ns = clock_mono_ns();
        double seconds;

        count = 0;
        if (trail_find(trail, &query, row_count, &count, &next, &more) != OK)
            die("find failed");
        seconds = seconds_since(start_ns);
        first = i == 0 ? seconds : first;
        best = seconds < best ? seconds : best;
    }
    printf("find %-34s %8.2f ms at first, %8.2f ms again, %3" PRIu64 " rows%s\n", what,
           1000 * first, 1000 * best, count, more ? ", more" : "");
    fflush(stdout);
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

static struct trail_query key_query(uint64_t key)
{
    struct trail_query query = { .limit = 50, .by_key = true };
    char text[RECORD_KEY_SIZE + 1];

    key_text(key, text);
    memcpy(query.key, text, RECORD_KEY_SIZE);
    return query;
}

static void finds_measure(struct trail *trail, uint64_t count)
{
    struct trail_query busy = key_query(KEY_BUSY), query;

    find_measure(trail, "newest 50", (struct trail_query){ .limit = 50 });
    find_measure(trail, "one key of a million, rare", key_query(KEY_RARE));
    find_measure(trail, "one key of a million, usual", key_query(77));
    find_measure(trail, "one key, a tenth of all", busy);
    busy.before = count / 2;
    find_measure(trail, "the same, a page in the middle", busy);
    busy.before = count / 100;
    find_measure(trail, "the same, a page near the end", busy);
    find_measure(trail, "one key that never called", key_query(KEY_RARE + 1));
    query = key_query(77);
    query.by_key = false;
    query.by_account = true;
    query.account = 1 + 77 / 4;
    find_measure(trail, "one account", query);
    query = (struct trail_query){ .limit = 50, .by_status = true, .status = 500 };
    find_measure(trail, "status, one in a thousand", query);
    query.before = count / 100;
    find_measure(trail, "the same, a page near the end", query);
    query = (struct trail_query){ .limit = 50, .by_status = true, .status = 418 };
    find_measure(trail, "status that never occurs", query);
    query = (struct trail_query){ .limit = 50, .since_us = 1795392000000000 + 50 * count,
                                  .until_us = 1795392000000000 + 50 * count + 1000000 };
    find_measure(trail, "a second in the middle", query);
    query = (struct trail_query){ .limit = 50, .path = SLICE("/v2/auth/r/trades/t042"),
                                  .path_is_prefix = true };
    find_measure(trail, "path by its start, one in 400", query);
    query.path = SLICE("/v2/auth/w/");
    find_measure(trail, "path by its start, one in a million", query);
    query.path = SLICE("/never");
    find_measure(trail, "path that never occurs", query);
}

static void verify_measure(const char *folder, struct slice verifier_key, bool skip_tiles)
{
    double seconds, hash, tree, reading = read_all(folder, "log");
    struct verify_report report;
    uint64_t start_ns = clock_mono_ns();

    if (trail_verify(&(struct verify_options){ .folder = folder,
                                               .verifier_key = verifier_key,
                                               .skip_tiles = skip_tiles },
                     &report) != OK ||
        report.finding_count != 0)
        die("the log does not verify");
    seconds = seconds_since(start_ns);
    if (!skip_tiles)
        reading += read_all(folder, "tile");
    hash = hash_all(report.bytes);
    tree = tree_all(report.size, (size_t)(report.bytes / report.size) - FRAME_HEADER_SIZE);
    printf("verify%-24s %10.0f records/s, %.0f MB/s of log; cat of the same files + hashes of the "
           "tree alone: ratio %.2f; SHA-256 of the bytes in one go: %.2f\n",
           skip_tiles ? " (log)" : " (log and tiles)", (double)report.size / seconds,
           (double)report.bytes / seconds / 1e6, seconds / (reading + tree), seconds / hash);
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
    finds_measure(trail, count);
    recent_measure(trail);
    snprintf(key, sizeof key, "%s", trail_verifier_key(trail));
    trail_close(&trail);
    verify_measure(folder, slice_of(key), true);
    verify_measure(folder, slice_of(key), false);
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    return system(command) == 0 ? 0 : 1;
}
