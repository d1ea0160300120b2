/* fuzz/audit_record.c: what decodes must encode to the same bytes. */
#include <stdlib.h>
#include <string.h>

#include "audit/record.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static uint8_t again[RECORD_ENCODED_MOST];
    struct audit_record record;
    struct slice text;
    size_t again_size;

    if (record_decode((struct slice){ (const char *)bytes, size }, &record, &text) != OK)
        return 0;
    if (record.kind == RECORD_REQUEST)
        again_size = record_encode(&record, again);
    else if (record_encode_change(&record, text, again, &again_size) != OK)
        abort();
    if (again_size != size || memcmp(again, bytes, size) != 0)
        abort();
    return 0;
}
