#include "test.h"

#include "authority/leak_use.h"
#include "gate/http_signature.h"
#include "gate/verdict.h"
#include "owner.h"

/* What a gateway leaves of a request at this moment, from 192.0.2.N. */
static void request_logged(struct owner *o, uint8_t n, enum verdict verdict, uint8_t flags)
{
    static uint8_t count;
    struct audit_record r = {
        .received_at_us = test_now_ns / NS_PER_US,
        .request_id = { ++count, 7 },
        .status = 200,
        .verdict = (uint16_t)verdict,
        .kind = RECORD_REQUEST,
        .environment = (uint8_t)o->key.id.environment,
        .transport = RECORD_TRANSPORT_TLS,
        .flags = flags,
    };
    uint8_t bytes[RECORD_FIXED_SIZE + RECORD_PATH_MOST];
    struct slice record = { (char *)bytes, 0 };
    char address[32];
    uint64_t first;

    snprintf(address, sizeof address, "192.0.2.%u", n);
    assert_true(ip_address_parse(slice_of(address), r.address));
    memcpy(r.key, o->key.id.random, sizeof r.key);
    record.size = record_encode(&r, bytes);
    assert_int_equal(trail_append(o->house->a.trail, &record, 1, &first), OK);
}

static const char *words_of(const struct leak_use *use)
{
    static char text[512];
    struct buffer words;

    buffer_init(&words);
    leak_use_words(use, &words);
    snprintf(text, sizeof text, "%s", words.at);
    buffer_wipe(&words);
    return text;
}

TEST(signed_requests_since_a_moment_are_counted_with_where_they_came_from)
{
    struct owner o;
    struct leak_use use;
    uint64_t since_ns;

    owner_begin(&o, "live", NULL);
    request_logged(&o, 1, VERDICT_PASS, RECORD_AUTHENTIC | RECORD_KEY_NAMED);
    test_now_ns += NS_PER_S;
    since_ns = test_now_ns;
    leak_use_read(o.house->a.trail, o.key.id.random, since_ns, &use);
    assert_string_equal(words_of(&use), "no request");
    request_logged(&o, 7, VERDICT_PASS, RECORD_AUTHENTIC | RECORD_KEY_NAMED);
    request_logged(&o, 9, VERDICT_RATE_EXCEEDED, RECORD_AUTHENTIC | RECORD_KEY_NAMED);
    request_logged(&o, 8, VERDICT_SIGNATURE_WRONG, RECORD_KEY_NAMED); /* anybody can name a key */
    leak_use_read(o.house->a.trail, o.key.id.random, since_ns, &use);
    assert_int_equal(use.passed, 1);
    assert_int_equal(use.refused, 1);
    assert_false(use.more);
    assert_int_equal(use.last_at_ns, test_now_ns / NS_PER_US * NS_PER_US);
    assert_string_equal(words_of(&use),
                        "1 requests passed, 1 were refused, from 192.0.2.9, 192.0.2.7");
    owner_end(&o);
}

TEST(many_addresses_are_cut_and_no_log_is_no_use)
{
    struct owner o;
    struct leak_use use;

    owner_begin(&o, "live", NULL);
    for (uint8_t i = 1; i <= LEAK_ADDRESSES_MOST + 1; i++)
        request_logged(&o, i, VERDICT_PASS, RECORD_AUTHENTIC);
    leak_use_read(o.house->a.trail, o.key.id.random, 0, &use);
    assert_int_equal(use.address_count, LEAK_ADDRESSES_MOST);
    assert_non_null(strstr(words_of(&use), " and others"));
    leak_use_read(NULL, o.key.id.random, 0, &use);
    assert_string_equal(words_of(&use), "no request");
    owner_end(&o);
}

TEST_MAIN
