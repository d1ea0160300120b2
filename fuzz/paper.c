/* fuzz/paper.c: a document is told by its content without reading behind it; what is whole has no
 * byte too many */
#include <stdint.h>
#include <stdlib.h>

#include "authority/paper.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum document_kind kind, shorter;

    if (!paper_find((struct slice){ (const char *)data, size }, &kind) || kind == DOCUMENT_PDF)
        return 0;
    if (paper_find((struct slice){ (const char *)data, size - 1 }, &shorter))
        abort();
    return 0;
}
