/* fuzz/warc.c: any bytes as an archive of the web
 *
 * The first byte says in pieces of how many bytes they come.  Invariant: the same is told as when
 * they come at once, and of no record more than its head says.
 */
#include <stdint.h>
#include <stdlib.h>

#include "scanner/warc.h"

struct tally {
    uint64_t records, ends, sum, left;
    bool good, is_between;
};

static bool begin_note(void *context, const struct warc_record *record)
{
    struct tally *t = context;

    t->records++;
    t->left = record->body_bytes;
    t->sum = t->sum * 31 + record->type.size + 7 * record->uri.size + record->head.size;
    return true;
}

static bool bytes_note(void *context, struct slice bytes)
{
    struct tally *t = context;

    if (bytes.size > t->left)
        abort();
    t->left -= bytes.size;
    for (size_t i = 0; i < bytes.size; i++)
        t->sum = t->sum * 31 + (uint8_t)bytes.at[i];
    return true;
}

static bool end_note(void *context)
{
    struct tally *t = context;

    if (t->left != 0)
        abort();
    t->ends++;
    return true;
}

static struct tally all_read(struct slice bytes, size_t piece)
{
    static struct warc_reader reader;
    struct tally tally = { .good = true };
    const struct warc_listener listener = { begin_note, bytes_note, end_note, &tally };

    warc_begin(&reader);
    while (tally.good && bytes.size > 0) {
        size_t size = bytes.size < piece ? bytes.size : piece;

        tally.good = warc_read(&reader, (struct slice){ bytes.at, size }, &listener);
        bytes = slice_from(bytes, size);
    }
    tally.is_between = warc_is_between(&reader);
    return tally;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct slice rest = { (const char *)bytes + 1, size - 1 };
    struct tally whole, pieces;

    if (size == 0)
        return 0;
    whole = all_read(rest, SIZE_MAX);
    pieces = all_read(rest, 1 + (size_t)bytes[0]);
    if (whole.records != pieces.records || whole.ends != pieces.ends || whole.sum != pieces.sum ||
        whole.good != pieces.good || whole.is_between != pieces.is_between)
        abort();
    return 0;
}
