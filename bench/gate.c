/* bench/gate.c: what a decision costs beside the one HMAC it cannot do without
 *
 *     build/bench/gate [keys]        default 1000000
 *
 * Publishes the keys, signs requests of about 200 bytes with random ones of them, and judges each
 * once.  The control in the same run is the bare HMAC-SHA384 from midstates over the same texts.
 * Rounds alternate; medians are compared, so a busy neighbour hits both.  Target: ratio at most
 * 1.8, 600 bytes of touched segment a key.
 *
 * A run with 1000 keys, whose slots stay in the cache, stands beside it: the difference between the
 * two is what index and slot cost when they come from memory, one after the other.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/hex.h"
#include "shm/judge.h"
#include "shm/key_table.h"

enum {
    ROUNDS = 101,
    CACHED_KEYS = 1000,
    REQUESTS = 2000, /* few enough to stay in the cache, as headers do that have just been parsed */
};

/* A request with everything it points at. */
struct sample {
    struct gate_request request;
    struct slice body;
    uint32_t key;
    char id_text[KEY_ID_TEXT_SIZE];
    char nonce_text[20];
    char signature_text[SIGNATURE_TEXT_SIZE + 1];
};

static const char path[] = "/v2/auth/w/order/submit";
static const char body[] =
    "{\"type\":\"EXCHANGE LIMIT\",\"symbol\":\"tBTCUSD\",\"amount\":\"0.10000000\","
    "\"price\":\"10000\",\"cid\":1795389347511,\"flags\":4096,\"meta\":{\"aff_code\":\"none\"},"
    "\"gid\":1}";

static uint64_t state = 88172645463325252;

static uint64_t draw(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

static void fill(void *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        ((uint8_t *)bytes)[i] = (uint8_t)(draw() >> 32);
}

static void must(enum err e, const char *what)
{
    if (e != OK) {
        fprintf(stderr, "%s: %s\n", what, err_text(e));
        exit(1);
    }
}

static struct midstate key_midstate(uint32_t key)
{
    struct secret secret = { .size = 55 };
    struct midstate midstate;

    memset(secret.bytes, 'k', secret.size);
    memcpy(secret.bytes, &key, sizeof key);
    midstate_init(&midstate, &secret);
    return midstate;
}

static struct key_id *keys_publish(struct segment *segment, uint32_t count)
{
    struct key_id *ids = calloc(count, sizeof *ids);
    struct key_entry entry = { .fixed = { .account = 1,
                                          .scopes = UINT32_MAX,
                                          .public_per_s = 1000000000,
                                          .private_per_s = 1000000000,
                                          .state = KEY_ACTIVE,
                                          .ip_rule_count = 1 } };
    uint64_t start;

    if (ids == NULL)
        exit(1);
    (void)ip_rule_parse(SLICE("192.0.2.0/24"), &entry.fixed.ip_rules[0]);
    start = clock_mono_ns();
    for (uint32_t i = 0; i < count; i++) {
        key_id_draw(&ids[i], ENVIRONMENT_SANDBOX, fill);
        memcpy(entry.random, ids[i].random, sizeof entry.random);
        entry.fixed.midstate = key_midstate(i);
        must(key_table_publish(segment, &entry), "publish");
    }
    printf("%u keys, published in %.1f s\n", count, (double)(clock_mono_ns() - start) / 1e9);
    return ids;
}

static void sample_parts(const struct sample *sample, struct slice parts[4])
{
    parts[0] = SLICE("/api/");
    parts[1] = (struct slice){ path + 1, sizeof path - 2 };
    parts[2] = sample->request.nonce;
    parts[3] = sample->body;
}

static void sample_make(struct sample *sample, const struct key_id *ids, uint32_t key_count,
                        uint64_t nonce)
{
    uint8_t signature[SIGNATURE_SIZE];
    struct midstate midstate;
    struct slice parts[4];

    sample->key = (uint32_t)(draw() % key_count);
    sample->body = (struct slice){ body, sizeof body - 1 };
    key_id_format(&ids[sample->key], sample->id_text);
    snprintf(sample->nonce_text, sizeof sample->nonce_text, "%llu", (unsigned long long)nonce);
    sample->request = (struct gate_request){ .environment = ENVIRONMENT_SANDBOX,
                                             .encrypted = true,
                                             .method = HTTP_METHOD_POST,
                                             .path = { path, sizeof path - 1 },
                                             .path_decoded = { path, sizeof path - 1 },
                                             .key = { sample->id_text, KEY_ID_SIZE },
                                             .nonce = slice_of(sample->nonce_text),
                                             .body = &sample->body,
                                             .body_count = 1 };
    (void)ip_address_parse(SLICE("192.0.2.7"), sample->request.address);
    sample->request.route =
        route_find(route_table_venue(), HTTP_METHOD_POST, sample->request.path_decoded);
    sample->request.wall_ns = clock_wall_ns();
    sample->request.mono_ns = clock_mono_ns();
    midstate = key_midstate(sample->key);
    sample_parts(sample, parts);
    signature_compute(&midstate, parts, 4, signature);
    hex_format(signature, sizeof signature, sample->signature_text);
    sample->request.signature = (struct slice){ sample->signature_text, SIGNATURE_TEXT_SIZE };
}

static double judge_round(struct segment *segment, struct sample *samples)
{
    uint64_t start = clock_mono_ns();

    for (size_t i = 0; i < REQUESTS; i++) {
        struct gate_outcome outcome;

        judge_request(segment, &samples[i].request, &outcome);
        if (outcome.verdict != VERDICT_PASS) {
            fprintf(stderr, "refused: %s\n", verdict_text(outcome.verdict));
            exit(1);
        }
    }
    return (double)(clock_mono_ns() - start) / REQUESTS;
}

static double bare_round(const struct sample *samples, const struct midstate *midstate)
{
    uint64_t start = clock_mono_ns();
    unsigned sum = 0;

    for (size_t i = 0; i < REQUESTS; i++) {
        uint8_t signature[SIGNATURE_SIZE];
        struct slice parts[4];

        sample_parts(&samples[i], parts);
        signature_compute(midstate, parts, 4, signature);
        sum += signature[0];
    }
    if (sum == 0)
        puts("unlikely");
    return (double)(clock_mono_ns() - start) / REQUESTS;
}

static int order(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* Median and lowest tenth of the rounds; the latter is what a quiet machine would say. */
static void figures_print(double judged[ROUNDS], double bare[ROUNDS])
{
    const size_t middle = ROUNDS / 2, low = ROUNDS / 10;

    qsort(judged, ROUNDS, sizeof judged[0], order);
    qsort(bare, ROUNDS, sizeof bare[0], order);
    printf("  judge_request %.0f ns, bare HMAC-SHA384 from midstates %.0f ns, %zu bytes signed\n",
           judged[middle], bare[middle], sizeof body + sizeof path + 18);
    printf("  lowest tenth: %.0f ns and %.0f ns, ratio %.2f\n", judged[low], bare[low],
           judged[low] / bare[low]);
}

/* Ratio of the medians with so many keys published. */
static double ratio_measure(uint32_t key_count, struct sample *samples)
{
    struct segment_shape shape = { .key_capacity = key_count };
    struct midstate midstate = key_midstate(0);
    struct segment *segment = NULL;
    double judged[ROUNDS], bare[ROUNDS];
    struct key_id *ids;
    char name[64];

    snprintf(name, sizeof name, "/dev/shm/latchkey-bench-%d.seg", getpid());
    must(segment_create(name, 0600, ENVIRONMENT_SANDBOX, &shape, &segment), "create");
    unlink(name);
    ids = keys_publish(segment, key_count);
    segment_compact(segment); /* as the authority does at its start */
    printf("  segment: %.0f bytes a key\n", (double)segment_touched_bytes(segment) / key_count);
    for (int round = 0; round < ROUNDS; round++) {
        for (size_t i = 0; i < REQUESTS; i++)
            sample_make(&samples[i], ids, key_count, (uint64_t)(round + 1) * 1000000000000 + i);
        bare[round] = bare_round(samples, &midstate);
        judged[round] = judge_round(segment, samples);
    }
    figures_print(judged, bare);
    free(ids);
    segment_close(&segment);
    return judged[ROUNDS / 2] / bare[ROUNDS / 2];
}

int main(int argc, char **argv)
{
    uint32_t key_count = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 1000000;
    struct sample *samples = calloc(REQUESTS, sizeof *samples);
    double cached, ratio;

    if (samples == NULL || key_count == 0)
        return 1;
    cached = ratio_measure(CACHED_KEYS, samples);
    ratio = ratio_measure(key_count, samples);
    printf("target: at most 600 bytes of segment a key, ratio at most 1.8\n");
    printf("ratio %.2f with %u keys, %s the target\n", ratio, key_count,
           ratio <= 1.8 ? "within" : "above");
    printf("ratio %.2f with %d keys, which stay in the cache: the rest is waiting for memory\n",
           cached, CACHED_KEYS);
    free(samples);
    return 0;
}
