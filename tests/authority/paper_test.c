#include "test.h"

#include <stdlib.h>

#include "authority/paper.h"
#include "papers.h"

/* -1: none. */
static int found(struct slice bytes)
{
    enum document_kind kind;

    return paper_find(bytes, &kind) ? (int)kind : -1;
}

/* Of `paper` with more bytes behind it. */
static int found_with(struct slice paper, const char *more, size_t size)
{
    char *bytes = malloc(paper.size + size);
    int kind;

    memcpy(bytes, paper.at, paper.size);
    memcpy(bytes + paper.size, more, size);
    kind = found((struct slice){ bytes, paper.size + size });
    free(bytes);
    return kind;
}

TEST(whole_documents_are_told_by_their_content)
{
    assert_int_equal(found(PAPER_PDF), DOCUMENT_PDF);
    assert_int_equal(found(PAPER_PNG), DOCUMENT_PNG);
    assert_int_equal(found(PAPER_JPEG), DOCUMENT_JPEG);
}

TEST(no_beginning_of_a_document_is_one)
{
    const struct slice papers[] = { PAPER_PDF, PAPER_PNG, PAPER_JPEG };

    for (size_t i = 0; i < 3; i++)
        for (size_t size = 0; size < papers[i].size; size++) {
            char *bytes = malloc(size + 1); /* so that a sanitizer sees reads behind it */
            int kind;

            memcpy(bytes, papers[i].at, size);
            kind = found((struct slice){ bytes, size });
            free(bytes);
            /* A PDF may lack the line feed at its end. */
            assert_int_equal(kind, i == 0 && size == papers[i].size - 1 ? DOCUMENT_PDF : -1);
        }
}

TEST(nothing_stands_behind_the_end)
{
    assert_int_equal(found_with(PAPER_PDF, "PK\3\4", 4), -1);
    assert_int_equal(found_with(PAPER_PNG, "PK\3\4", 4), -1);
    assert_int_equal(found_with(PAPER_JPEG, "<html>", 6), -1);
    assert_int_equal(found_with(PAPER_PNG, "\0", 1), -1);
    assert_int_equal(found_with(PAPER_PDF, "\r\n", 2), DOCUMENT_PDF);
}

TEST(a_changed_byte_of_a_picture_is_noticed)
{
    struct slice png = PAPER_PNG;
    char bytes[128];

    for (size_t i = 0; i < png.size; i++) {
        memcpy(bytes, png.at, png.size);
        bytes[i] ^= 1;
        assert_int_equal(found((struct slice){ bytes, png.size }), -1);
    }
}

TEST(other_things_are_no_documents)
{
    assert_int_equal(found(SLICE("")), -1);
    assert_int_equal(found(SLICE("<html><script>")), -1);
    assert_int_equal(found(SLICE("GIF89a")), -1);
    assert_int_equal(found(SLICE("\xff\xd8\xff\xd9")), -1);
    assert_int_equal(found(SLICE("MZ %PDF-1.7 startxref %%EOF")), -1);
}

TEST(types_survive_the_round_trip)
{
    enum document_kind kind;

    for (unsigned i = DOCUMENT_PDF; i <= DOCUMENT_JPEG; i++) {
        assert_true(paper_type_parse(slice_of(paper_type_text((enum document_kind)i)), &kind));
        assert_int_equal(kind, i);
    }
    assert_true(paper_type_parse(SLICE("Image/PNG; charset=x"), &kind));
    assert_int_equal(kind, DOCUMENT_PNG);
    assert_false(paper_type_parse(SLICE("image/svg+xml"), &kind));
    assert_false(paper_type_parse(SLICE(""), &kind));
}

TEST_MAIN
