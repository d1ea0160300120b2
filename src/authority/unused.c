#include "authority/unused.h"

#include "authority/publish.h"
#include "shm/key_table.h"

static uint64_t end_of(const struct gate_key *key, const struct gate_live *live)
{
    uint64_t used_at_ns =
        live->last_use_ns > key->created_at_ns ? live->last_use_ns : key->created_at_ns;

    return key->state > KEY_SUSPENDED || key->idle_span_ns == 0 ? 0
                                                                : used_at_ns + key->idle_span_ns;
}

uint64_t unused_end_get(const struct authority *a, enum environment environment, const char *id)
{
    struct gate_live live;
    struct gate_key key;

    if (!publish_fixed_get(a->publisher, environment, id, &key))
        return 0;
    publish_live_get(a->publisher, environment, id, &live);
    return end_of(&key, &live);
}

bool unused_each(struct authority *a, struct unused_place *place, uint32_t slots_most,
                 uint64_t until_ns, size_t most,
                 void (*each)(void *context, const char *id, uint64_t account,
                              uint64_t ends_at_ns),
                 void *context)
{
    struct segment *segments[PUBLISH_MAPPINGS_MOST]; /* those in use come first */

    if (a->publisher == NULL)
        return false;
    publish_mappings_hold(a->publisher, segments);
    for (; slots_most > 0 && most > 0 && place->environment < ENVIRONMENT_COUNT; slots_most--) {
        struct segment *s = segments[place->environment];
        char random[KEY_RANDOM_SIZE];
        struct gate_live live;
        struct gate_key key;
        uint64_t ends_at_ns;

        if (place->slot >= key_table_count(s)) {
            place->environment++;
            place->slot = 0;
            continue;
        }
        if (key_table_get(s, place->slot, random, &key) == OK) {
            key_table_live_get(s, place->slot, &live);
            ends_at_ns = end_of(&key, &live);
            if (ends_at_ns != 0 && ends_at_ns <= until_ns &&
                (key.ends_at_ns == 0 || key.ends_at_ns > ends_at_ns)) {
                each(context, random, key.account, ends_at_ns);
                most--;
            }
        }
        place->slot++;
    }
    publish_mappings_release(a->publisher);
    return place->environment < ENVIRONMENT_COUNT;
}
