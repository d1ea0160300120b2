#include "audit/record.h"

#include <string.h>

#include "../test.h"

static struct audit_record sample(void)
{
    struct audit_record record = {
        .received_at_us = 1795392000123456,
        .account = 0x0102030405060708,
        .nonce = UINT64_MAX,
        .latency_us = 1234,
        .bytes_sent = 5678,
        .status = 200,
        .verdict = 18,
        .route = 7,
        .route_flags = 3,
        .kind = RECORD_REQUEST,
        .environment = 1,
        .transport = RECORD_TRANSPORT_TLS,
        .method = 2,
        .flags = RECORD_AUTHENTIC | RECORD_KEY_NAMED,
    };
    const char *path = "/v2/auth/r/wallets";

    memset(record.request_id, 0xA5, sizeof record.request_id);
    memcpy(record.key, "0123456789abcdef", sizeof record.key);
    memset(record.address, 0x42, sizeof record.address);
    record.path_size = (uint16_t)strlen(path);
    memcpy(record.path, path, strlen(path));
    return record;
}

TEST(a_request_comes_back_as_it_was)
{
    struct audit_record record = sample(), back;
    uint8_t bytes[RECORD_FIXED_SIZE + RECORD_PATH_MOST];
    struct slice text;
    size_t size = record_encode(&record, bytes);

    assert_int_equal(size, RECORD_FIXED_SIZE + record.path_size);
    assert_int_equal(record_decode((struct slice){ (char *)bytes, size }, &back, &text), OK);
    assert_memory_equal(&record, &back, sizeof record);
    assert_int_equal(text.size, 0);
}

TEST(the_bytes_lie_where_the_drawing_says)
{
    struct audit_record record = sample();
    uint8_t bytes[RECORD_FIXED_SIZE + RECORD_PATH_MOST];
    static const uint8_t start[] = { 1, 1, 18, 0, 1, 1, 2, 3 };
    static const uint8_t account[] = { 8, 7, 6, 5, 4, 3, 2, 1 };
    static const uint8_t end[] = { 200, 0, 18, 0, 7, 0 };

    record_encode(&record, bytes);
    assert_memory_equal(bytes, start, sizeof start);
    assert_memory_equal(bytes + 16, account, sizeof account);
    assert_memory_equal(bytes + 56, "0123456789abcdef", 16);
    assert_memory_equal(bytes + 88, end, sizeof end);
    assert_memory_equal(bytes + 128, "/v2/auth/r/wallets", 18);
}

TEST(a_change_carries_json)
{
    struct audit_record header = { .received_at_us = 5, .account = 3 }, back;
    static uint8_t bytes[RECORD_ENCODED_MOST];
    static char long_text[RECORD_TEXT_MOST + 1];
    struct slice json = SLICE("{\"who\":\"operator\"}"), text;
    size_t size;

    assert_int_equal(record_encode_change(&header, json, bytes, &size), OK);
    assert_int_equal(record_decode((struct slice){ (char *)bytes, size }, &back, &text), OK);
    assert_int_equal(back.kind, RECORD_CHANGE);
    assert_int_equal(back.account, 3);
    assert_true(slice_is(text, json));

    memset(long_text, 'x', sizeof long_text);
    json = (struct slice){ long_text, RECORD_TEXT_MOST };
    assert_int_equal(record_encode_change(&header, json, bytes, &size), OK);
    assert_int_equal(record_decode((struct slice){ (char *)bytes, size }, &back, &text), OK);
    json.size++;
    assert_int_equal(record_encode_change(&header, json, bytes, &size), ERR_FULL);
}

TEST(a_path_size_beyond_the_path_is_cut_not_read)
{
    struct audit_record record = sample();
    uint8_t bytes[RECORD_FIXED_SIZE + RECORD_PATH_MOST];

    record.path_size = UINT16_MAX;
    assert_int_equal(record_encode(&record, bytes), sizeof bytes);
}

TEST(what_encode_never_writes_is_refused)
{
    static const struct {
        size_t at;
        uint8_t value;
        enum err e;
    } rows[] = {
        { 0, 0, ERR_MALFORMED },   { 0, 2, ERR_VERSION },   { 0, 255, ERR_VERSION },
        { 1, 0, ERR_MALFORMED },   { 1, 3, ERR_MALFORMED }, { 2, 17, ERR_MALFORMED },
        { 2, 19, ERR_MALFORMED },  { 3, 1, ERR_MALFORMED }, { 95, 1, ERR_MALFORMED },
        { 127, 1, ERR_MALFORMED },
    };
    struct audit_record record = sample(), back;
    uint8_t bytes[RECORD_FIXED_SIZE + RECORD_PATH_MOST];
    size_t size = record_encode(&record, bytes);
    struct slice text;

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint8_t was = bytes[rows[i].at];

        bytes[rows[i].at] = rows[i].value;
        assert_int_equal(record_decode((struct slice){ (char *)bytes, size }, &back, &text),
                         rows[i].e);
        bytes[rows[i].at] = was;
    }
    for (size_t cut = 0; cut < size; cut++)
        assert_int_equal(record_decode((struct slice){ (char *)bytes, cut }, &back, &text),
                         ERR_MALFORMED);
}

TEST_MAIN
