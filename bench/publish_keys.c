/* bench/publish_keys.c: keys without a rate limit, for the load of bench/gateway.mjs
 *
 *     publish_keys SEGMENT COUNT > KEYS
 *
 * Draws keys, publishes them into a segment that an authority has made and prints "id secret", a
 * line each.  They are in no store and end with the segment.
 */
#include <stdio.h>
#include <stdlib.h>

#include <sodium.h>

#include "base/clock.h"
#include "shm/key_table.h"

int main(int argc, char **argv)
{
    struct segment *segment = NULL;
    long count = argc == 3 ? strtol(argv[2], NULL, 10) : 0;
    enum err e;

    if (count < 1 || sodium_init() < 0) {
        fputs("usage: publish_keys SEGMENT COUNT > KEYS\n", stderr);
        return 2;
    }
    TRY(segment_open(argv[1], &segment));
    for (long i = 0; i < count; i++) {
        struct key_id id;
        struct secret secret;
        struct key_entry entry = { .fixed = { .account = (uint64_t)i + 1,
                                              .created_at_ns = clock_wall_ns(),
                                              .scopes = UINT32_MAX >> (32 - SCOPE_COUNT),
                                              .public_per_s = 1000000,
                                              .private_per_s = 1000000,
                                              .state = KEY_ACTIVE,
                                              .flags = GATE_KEY_WALLETS_CALLED |
                                                       GATE_KEY_SANDBOX_ORDER,
                                              .ip_rule_count = 1 } };
        char text[KEY_ID_TEXT_SIZE];

        key_id_draw(&id, segment_environment(segment), randombytes_buf);
        secret_draw(&secret, id.environment, randombytes_buf);
        memcpy(entry.random, id.random, sizeof entry.random);
        midstate_init(&entry.fixed.midstate, &secret);
        if (ip_rule_parse(SLICE("127.0.0.0/8"), &entry.fixed.ip_rules[0]) != IP_FINE)
            return 1;
        TRY(key_table_publish(segment, &entry));
        key_id_format(&id, text);
        printf("%s %.*s\n", text, (int)SECRET_TEXT_SIZE, (const char *)secret.bytes);
        secret_wipe(&secret);
    }
out:
    if (e != OK)
        fprintf(stderr, "publish_keys: %s: %s\n", argv[1], err_text(e));
    segment_close(&segment);
    return e == OK ? 0 : 1;
}
