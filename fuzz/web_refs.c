/* fuzz/web_refs.c: any bytes as a page or a script; what it leads to stands in it */
#include <stdint.h>
#include <stdlib.h>

#include "scanner/web_refs.h"

static struct slice content;

static bool inside(void *context, struct slice reference)
{
    (void)context;
    if (reference.at < content.at || reference.size == 0 || reference.size > WEB_REF_MOST ||
        reference.at + reference.size > content.at + content.size)
        abort();
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    content = (struct slice){ (const char *)bytes, size };
    web_refs_each(content, web_is_page(content), inside, NULL);
    web_refs_each(content, true, inside, NULL);
    return 0;
}
