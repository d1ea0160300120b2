#include "../test.h"

#include <sched.h>

#include "leak_rig.h"

#include "authority/leak_object.h"
#include "authority/reseal.h"
#include "store/changes.h"

/* An owner whose key was found in a file. */
struct scene {
    struct owner o;
    char file[256];
    struct leak_finding finding;
    struct leak_result result;
};

static void scene_begin(struct scene *s)
{
    struct leak_object *object = &s->finding.object;

    owner_begin(&s->o, "live", NULL);
    snprintf(s->file, sizeof s->file, "const secret = '%.*s';\n", (int)s->o.key.secret.size,
             (char *)s->o.key.secret.bytes);
    s->finding = secret_found(&s->o);
    *object = (struct leak_object){ .size = strlen(s->file), .is_whole = true };
    crypto_hash_sha256(object->sha256, (const uint8_t *)s->file, strlen(s->file));
}

static enum err kept(struct scene *s, struct slice bytes)
{
    refusal_init(&s->o.house->r);
    return leak_object_keep(&s->o.house->a, s->result.leak, bytes, &s->o.house->r);
}

static bool read_is(struct scene *s, const char *text)
{
    const struct leak_object_reader reader = { .who = "operator uid 7" };
    struct buffer bytes;
    bool is;

    refusal_init(&s->o.house->r);
    buffer_init(&bytes);
    assert_int_equal(
        leak_object_read(&s->o.house->a, &reader, s->result.leak, &bytes, &s->o.house->r), OK);
    is = !refusal_is(&s->o.house->r) && slice_is(buffer_slice(&bytes), slice_of(text));
    buffer_wipe(&bytes);
    return is;
}

static bool read_count(void *context, const struct store_change *change)
{
    size_t *count = context;

    *count += memmem(change->body.at, change->body.size, "leak object read", 16) != NULL &&
              memmem(change->body.at, change->body.size, "operator uid 7", 14) != NULL;
    return true;
}

/* Lines of the change log that say so. */
static size_t reads_told(struct scene *s)
{
    struct store_tx *tx;
    size_t count = 0;

    assert_int_equal(store_begin(s->o.house->a.store, &tx), OK);
    assert_int_equal(store_changes_waiting_each(tx, 0, 1000, read_count, &count), OK);
    store_rollback(&tx);
    return count;
}

/* What a thief of the folder would look for. */
static bool folder_has(const struct house *h, const char *text)
{
    char command[256];

    snprintf(command, sizeof command, "grep -q -r -a '%s' %s", text, h->folder);
    return system(command) == 0; /* NOLINT: a fixed text */
}

TEST(the_evidence_has_the_hash_and_the_bytes_follow_sealed)
{
    struct store_leak *leak;
    char sha256[65];
    struct scene s;

    scene_begin(&s);
    s.result = taken(&s.o, &s.finding);
    assert_true(s.result.object_wanted);
    leak = leak_stored(&s.o, s.result.leak);
    sodium_bin2hex(sha256, sizeof sha256, s.finding.object.sha256, 32);
    assert_non_null(strstr(leak->evidence, sha256));
    assert_non_null(strstr(leak->evidence, "\"whole\":true"));
    assert_false(read_is(&s, s.file));
    assert_true(refused(s.o.house, "object-missing", "never came"));
    assert_int_equal(kept(&s, SLICE("something else")), OK);
    assert_true(refused(s.o.house, "object-other", "SHA-256"));
    assert_int_equal(kept(&s, slice_of(s.file)), OK);
    assert_false(refusal_is(&s.o.house->r));
    assert_int_equal(kept(&s, slice_of(s.file)), OK); /* again */
    assert_false(refusal_is(&s.o.house->r));
    assert_false(folder_has(s.o.house, "const secret"));
    assert_int_equal(reads_told(&s), 0);
    assert_true(read_is(&s, s.file));
    assert_int_equal(reads_told(&s), 1);
    assert_true(read_is(&s, s.file));
    assert_int_equal(reads_told(&s), 2);
    free(leak);
    owner_end(&s.o);
}

/* Whoever reported it died between the finding and the object. */
TEST(what_did_not_come_is_asked_for_again_until_it_has)
{
    struct scene s;

    scene_begin(&s);
    s.result = taken(&s.o, &s.finding);
    s.result = taken(&s.o, &s.finding);
    assert_int_equal(s.result.answer, LEAK_ANSWER_ALREADY);
    assert_true(s.result.object_wanted);
    s.finding.object.sha256[0] ^= 1; /* that of another place is not that of the evidence */
    assert_false(taken(&s.o, &s.finding).object_wanted);
    s.finding.object.sha256[0] ^= 1;
    assert_int_equal(kept(&s, slice_of(s.file)), OK);
    assert_false(taken(&s.o, &s.finding).object_wanted);
    owner_end(&s.o);
}

TEST(after_ninety_days_the_object_is_gone_and_the_evidence_is_not)
{
    struct store_leak_object object;
    struct store_leak *leak;
    struct scene s;
    bool present;

    scene_begin(&s);
    s.result = taken(&s.o, &s.finding);
    assert_int_equal(kept(&s, slice_of(s.file)), OK);
    test_now_ns += 90 * DAY_NS - 1;
    assert_int_equal(leak_object_expire(&s.o.house->a), OK);
    assert_true(read_is(&s, s.file));
    assert_int_equal(leak_object_find(&s.o.house->a, s.result.leak, &object, &present), OK);
    assert_true(present && object.size == strlen(s.file));
    test_now_ns++;
    assert_false(read_is(&s, s.file)); /* also when nobody came to remove it */
    assert_int_equal(kept(&s, slice_of(s.file)), OK);
    assert_true(refused(s.o.house, "object-unwanted", "asked for"));
    assert_int_equal(leak_object_expire(&s.o.house->a), OK);
    assert_int_equal(leak_object_find(&s.o.house->a, s.result.leak, &object, &present), OK);
    assert_false(present);
    assert_false(taken(&s.o, &s.finding).object_wanted);
    leak = leak_stored(&s.o, s.result.leak);
    assert_non_null(strstr(leak->evidence, "\"object\":{"));
    free(leak);
    owner_end(&s.o);
}

TEST(under_a_new_master_key_it_opens)
{
    struct reseal_state now;
    struct scene s;

    scene_begin(&s);
    s.result = taken(&s.o, &s.finding);
    assert_int_equal(kept(&s, slice_of(s.file)), OK);
    assert_int_equal(reseal_open(&s.o.house->a, &s.o.house->a.reseal), OK);
    refusal_init(&s.o.house->r);
    assert_int_equal(reseal_begin(&s.o.house->a, "tester", &s.o.house->r), OK);
    do {
        sched_yield();
        reseal_state_get(&s.o.house->a, s.o.house->a.reseal, &now);
    } while (now.rotating);
    assert_string_equal(now.problem, "");
    reseal_close(&s.o.house->a.reseal);
    house_stop(s.o.house); /* the old key is nowhere any more */
    house_start(s.o.house);
    assert_true(read_is(&s, s.file));
    owner_end(&s.o);
}

TEST(where_none_are_kept_none_is_asked_for)
{
    struct scene s;

    scene_begin(&s);
    s.o.house->settings->leak.object_days = 0;
    s.result = taken(&s.o, &s.finding);
    assert_int_equal(s.result.answer, LEAK_ANSWER_REVOKED);
    assert_false(s.result.object_wanted);
    assert_int_equal(kept(&s, slice_of(s.file)), OK);
    assert_true(refused(s.o.house, "object-unwanted", "asked for"));
    owner_end(&s.o);
}

TEST(whoever_has_to_prove_himself_gets_nothing_without)
{
    struct leak_object_reader reader = { .who = "operator 1" };
    struct buffer bytes;
    struct scene s;

    scene_begin(&s);
    s.result = taken(&s.o, &s.finding);
    assert_int_equal(kept(&s, slice_of(s.file)), OK);
    reader.account = s.o.account;
    buffer_init(&bytes);
    assert_int_equal(leak_object_read(&s.o.house->a, &reader, s.result.leak, &bytes, &s.o.house->r),
                     OK);
    assert_true(refusal_is(&s.o.house->r));
    assert_int_equal(bytes.size, 0);
    buffer_wipe(&bytes);
    owner_end(&s.o);
}

TEST_MAIN
