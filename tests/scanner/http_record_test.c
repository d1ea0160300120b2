#include "../test.h"

#include <stdlib.h>

#include "scanner/http_record.h"

TEST(a_head_says_how_its_body_stands_there)
{
    static const struct {
        const char *bytes;
        size_t head;
        bool is_chunked;
        const char *coding;
    } rows[] = {
        { "HTTP/1.1 200 OK\r\nA: b\r\n\r\nbody", 25, false, "" },
        { "HTTP/1.0 200\n\nbody", 14, false, "" },
        { "HTTP/1.1 200 OK\r\nTRANSFER-Encoding: gzip , Chunked\r\n\r\n", 54, true, "" },
        { "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked, gzip\r\n\r\n", 53, false, "" },
        { "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n", 43, false, "" },
        { "HTTP/1.1 200 OK\r\nContent-Encoding:br\r\n\r\n", 40, false, "br" },
        { "HTTP/1.1 200 OK\r\nContent-Encoding: gzip, deflate\r\n\r\n", 52, false, "deflate" },
        { "HTTP/1.1 200 OK\r\nX-Content-Encoding: br\r\n", 41, false, "" }, /* is all head */
    };
    struct http_record record;

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct slice bytes = slice_of(rows[i].bytes);

        assert_true(http_record_read(bytes, &record));
        assert_int_equal(record.head.size, rows[i].head);
        assert_int_equal(record.body.size, bytes.size - rows[i].head);
        assert_int_equal(record.is_chunked, rows[i].is_chunked);
        assert_true(slice_is(record.coding, slice_of(rows[i].coding)));
    }
    assert_false(http_record_read(SLICE("HTTP/2 200\r\n\r\n"), &record));
    assert_false(http_record_read(SLICE("GET / HTTP/1.1\r\n\r\n"), &record));
    assert_false(http_record_read(SLICE_EMPTY, &record));
}

TEST(chunks_are_joined_as_far_as_they_go)
{
    static const struct {
        const char *chunks, *joined;
        bool is_whole;
    } rows[] = {
        { "3\r\nabc\r\n2;name=value\r\nde\r\n0\r\nTrailer: x\r\n\r\n", "abcde", true },
        { "A\r\n0123456789\r\n00\r\n\r\n", "0123456789", true },
        { "3\nabc\n0\n", "abc", true },
        { "0\r\n\r\n", "", true },
        { "3\r\nabc\r\n", "abc", false },
        { "9\r\nabc", "abc", false },
        { "3\r\nabcd\r\n0\r\n", "abc", false },
        { "fffffffffffffff\r\nabc", "abc", false },
        { "10000000000000003\r\nabc\r\n0\r\n", "", false },
        { "-3\r\nabc", "", false },
        { "3 x\r\nabc", "", false },
        { "", "", false },
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct slice chunks = slice_of(rows[i].chunks);
        char *into = malloc(chunks.size + 1);
        size_t size;

        assert_int_equal(http_record_join(chunks, into, &size), rows[i].is_whole);
        assert_true(slice_is((struct slice){ into, size }, slice_of(rows[i].joined)));
        free(into);
    }
}

TEST_MAIN
