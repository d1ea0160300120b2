#include "../test.h"

#include <libdeflate.h>
#include <stdlib.h>
#include <string.h>

#include "scanner/gunzip.h"

static size_t gzip(const char *text, char *packed)
{
    struct libdeflate_compressor *deflater = libdeflate_alloc_compressor(6);
    size_t size = libdeflate_gzip_compress(deflater, text, strlen(text), packed, 1000);

    libdeflate_free_compressor(deflater);
    return size;
}

TEST(all_members_come_out_where_the_last_is_the_largest)
{
    char packed[2000], *bytes;
    size_t size = gzip("a text", packed), got;

    assert_true(gunzip((struct slice){ packed, size }, 100, &bytes, &got));
    assert_true(slice_is((struct slice){ bytes, got }, SLICE("a text")));
    free(bytes);
    assert_false(gunzip((struct slice){ packed, size }, 5, &bytes, &got));
    assert_null(bytes);
    /* An empty member in front takes no room; another of its size does. */
    size = gzip("", packed);
    size += gzip("a text", packed + size);
    assert_true(gunzip((struct slice){ packed, size }, 100, &bytes, &got));
    assert_int_equal(got, 6);
    free(bytes);
    size = gzip("a text", packed);
    size += gzip("a text", packed + size);
    assert_false(gunzip((struct slice){ packed, size }, 100, &bytes, &got));
}

TEST(what_is_not_whole_is_left_to_others)
{
    char packed[1000], *bytes;
    size_t size = gzip("a text that is a little longer", packed), got;

    for (size_t cut = 1; cut <= size; cut++)
        assert_false(gunzip((struct slice){ packed, size - cut }, 1 << 20, &bytes, &got));
    for (size_t i = 10; i < size; i++) {
        packed[i] ^= 1;
        assert_false(gunzip((struct slice){ packed, size }, 1 << 20, &bytes, &got));
        packed[i] ^= 1;
    }
    packed[size] = 'x';
    assert_false(gunzip((struct slice){ packed, size + 1 }, 1 << 20, &bytes, &got));
    assert_true(gunzip((struct slice){ packed, size }, 1 << 20, &bytes, &got));
    free(bytes);
}

TEST_MAIN
