/* bench/segment.c: the table of keys from nearly empty to full
 *
 *     build/bench/segment [keys]        default 1000000; needs about 420 bytes of tmpfs each
 *
 * A segment with room for exactly so many keys is filled a tenth at a time.  After each tenth:
 * how fast keys were published, and how long it takes to find a random one and copy its fixed part,
 * or to find that there is none.  The control in the same round is the bare HMAC-SHA384 that every
 * signed request costs anyway.  Target: a lookup at 90 % takes what it takes at 10 %.  (The more is
 * touched, the less of it stays in the processor's caches: that part of the slope is no probing.)
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "keys/signature.h"
#include "shm/key_table.h"

enum { TENTHS = 10, ROUNDS = 101, LOOKUPS = 4000, SIGNED_SIZE = 160 };

/* One tenth's figures, in ns. */
struct figures {
    double publish, find, miss, hmac;
};

static uint64_t state = 88172645463325252;

static uint64_t draw(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

/* Key ids are computed from their number, so that ten million need no memory of their own.
 * splitmix64, public domain. */
static void random_of(uint64_t number, char random[KEY_RANDOM_SIZE])
{
    static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    for (size_t half = 0; half < 2; half++) {
        uint64_t z = (2 * number + half + 1) * UINT64_C(0x9e3779b97f4a7c15);

        z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
        z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
        z ^= z >> 31;
        for (size_t i = 0; i < KEY_RANDOM_SIZE / 2; i++, z /= 62)
            random[half * (KEY_RANDOM_SIZE / 2) + i] = digits[z % 62];
    }
}

static void must(enum err e, const char *what)
{
    if (e != OK) {
        fprintf(stderr, "segment: %s: %s\n", what, err_text(e));
        exit(1);
    }
}

static double publish_ns(struct segment *segment, uint32_t from, uint32_t to)
{
    struct key_entry entry = { .fixed = { .account = 1, .public_per_s = 15, .private_per_s = 5,
                                          .state = KEY_ACTIVE, .ip_rule_count = 1 } };
    uint64_t start = clock_mono_ns();

    (void)ip_rule_parse(SLICE("192.0.2.0/24"), &entry.fixed.ip_rules[0]);
    for (uint32_t i = from; i < to; i++) {
        random_of(i, entry.random);
        must(key_table_publish(segment, &entry), "publish");
    }
    return (double)(clock_mono_ns() - start) / (to - from);
}

/* `first`: numbers from there on, so that keys that exist and keys that do not cost the same to
 * name. */
static double find_ns(const struct segment *segment, uint64_t first, uint32_t count, bool is_there)
{
    static char randoms[LOOKUPS][KEY_RANDOM_SIZE];
    char found[KEY_RANDOM_SIZE];
    struct gate_key key;
    uint64_t start;

    for (size_t i = 0; i < LOOKUPS; i++)
        random_of(first + draw() % count, randoms[i]);
    start = clock_mono_ns();
    for (size_t i = 0; i < LOOKUPS; i++) {
        uint32_t slot = key_table_find(segment, randoms[i]);

        if ((slot != KEY_TABLE_NONE) != is_there)
            must(ERR_CORRUPT, "a key is where it should not be, or not where it should");
        if (is_there)
            must(key_table_get(segment, slot, found, &key), "read");
    }
    return (double)(clock_mono_ns() - start) / LOOKUPS;
}

static double hmac_ns(void)
{
    char text[SIGNED_SIZE] = { 0 };
    uint8_t signature[SIGNATURE_SIZE];
    struct slice part = { text, sizeof text };
    struct midstate midstate;
    struct secret secret = { .size = 55 };
    uint64_t start;

    midstate_init(&midstate, &secret);
    start = clock_mono_ns();
    for (size_t i = 0; i < LOOKUPS; i++) {
        memcpy(text, &i, sizeof i);
        signature_compute(&midstate, &part, 1, signature);
    }
    return (double)(clock_mono_ns() - start) / LOOKUPS;
}

static int order(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* Lowest tenth of the rounds: what a quiet machine would say. */
static double quiet(double values[ROUNDS])
{
    qsort(values, ROUNDS, sizeof values[0], order);
    return values[ROUNDS / 10];
}

static struct figures tenth_measure(struct segment *segment, uint32_t from, uint32_t to)
{
    double find[ROUNDS], miss[ROUNDS], hmac[ROUNDS];
    struct figures figures = { .publish = publish_ns(segment, from, to) };

    segment_compact(segment); /* as the authority does once its keys are published */
    for (size_t round = 0; round < ROUNDS; round++) {
        hmac[round] = hmac_ns();
        find[round] = find_ns(segment, 0, to, true);
        miss[round] = find_ns(segment, UINT64_C(1) << 40, to, false);
    }
    figures.find = quiet(find);
    figures.miss = quiet(miss);
    figures.hmac = quiet(hmac);
    return figures;
}

int main(int argc, char **argv)
{
    uint32_t keys = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 1000000;
    struct segment_shape shape = { .key_capacity = keys };
    struct segment *segment = NULL;
    struct figures figures[TENTHS];
    char name[64];

    if (keys < TENTHS)
        return 2;
    snprintf(name, sizeof name, "/dev/shm/latchkey-bench-%d.seg", getpid());
    must(segment_create(name, 0600, ENVIRONMENT_SANDBOX, &shape, &segment), "create");
    unlink(name);
    printf("room for %u keys; lowest tenth of %d rounds of %d lookups\n"
           " full     published/s   found ns   none ns   HMAC ns   found/HMAC\n",
           keys, ROUNDS, LOOKUPS);
    for (uint32_t t = 0; t < TENTHS; t++) {
        struct figures *f = &figures[t];

        *f = tenth_measure(segment, (uint32_t)((uint64_t)keys * t / TENTHS),
                           (uint32_t)((uint64_t)keys * (t + 1) / TENTHS));
        printf("%4u %%  %12.0f  %9.0f  %8.0f  %8.0f  %11.2f\n", 10 * (t + 1), 1e9 / f->publish,
               f->find, f->miss, f->hmac, f->find / f->hmac);
    }
    printf("%.0f bytes of tmpfs a key\n", (double)segment_touched_bytes(segment) / keys);
    printf("found at 90 %% / at 10 %%, each beside its HMAC: %.2f\n",
           figures[8].find / figures[8].hmac / (figures[0].find / figures[0].hmac));
    segment_close(&segment);
    return 0;
}
