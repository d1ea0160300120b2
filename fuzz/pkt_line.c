/* fuzz/pkt_line.c: any bytes as lines of the protocol of git
 *
 * The first byte says in pieces of how many bytes they come.  Invariant: the same lines are told as
 * when they come at once, and each lies in what has come.
 */
#include <stdint.h>
#include <stdlib.h>

#include "scanner/pkt_line.h"

struct tally {
    uint64_t count, sum;
};

static bool line_note(void *context, enum pkt_kind kind, struct slice bytes)
{
    struct tally *t = context;

    t->count++;
    t->sum = t->sum * 31 + kind;
    for (size_t i = 0; i < bytes.size; i++)
        t->sum = t->sum * 31 + (uint8_t)bytes.at[i];
    return true;
}

static enum pkt_verdict all_read(struct slice bytes, size_t piece, struct tally *tally)
{
    static struct pkt_reader reader;
    enum pkt_verdict verdict = PKT_TAKEN;

    *tally = (struct tally){ 0, 0 };
    pkt_begin(&reader);
    while (verdict == PKT_TAKEN && bytes.size > 0) {
        size_t size = bytes.size < piece ? bytes.size : piece;

        verdict = pkt_read(&reader, (struct slice){ bytes.at, size }, line_note, tally);
        bytes = slice_from(bytes, size);
    }
    return verdict;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct slice rest = { (const char *)bytes + 1, size - 1 };
    struct tally whole, pieces;

    if (size == 0)
        return 0;
    if (all_read(rest, SIZE_MAX, &whole) != all_read(rest, 1 + (size_t)bytes[0], &pieces) ||
        whole.count != pieces.count || whole.sum != pieces.sum)
        abort();
    return 0;
}
