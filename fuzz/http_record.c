/* fuzz/http_record.c: any bytes as an answer of a web server; its chunks join into no more than its
 * body
 */
#include <stdint.h>
#include <stdlib.h>

#include "scanner/http_record.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct slice all = { (const char *)bytes, size };
    struct http_record record;
    char *into = malloc(size + 1);
    size_t joined;

    if (into == NULL)
        return 0;
    if (http_record_read(all, &record)) {
        if (record.head.size + record.body.size != size ||
            (record.coding.size > 0 &&
             (record.coding.at < all.at ||
              record.coding.at + record.coding.size > all.at + record.head.size)))
            abort();
        all = record.body;
    }
    (void)http_record_join(all, into, &joined);
    if (joined > all.size)
        abort();
    free(into);
    return 0;
}
