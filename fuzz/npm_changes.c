/* Pages of a changes feed: whatever comes, names can be names, and a sequence can
 * stand in a URL. */
#include <assert.h>

#include "scanner/npm.h"
#include "scanner/source_npm.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct npm_changes page;
    struct npm_name name;
    const json_t *each;
    size_t i;

    if (npm_changes_parse((struct slice){ (const char *)data, size }, &page) != OK)
        return 0;
    assert(strpbrk(page.next, "&?#/ \r\n") == NULL && page.next[0] != '\0');
    json_array_foreach(page.names, i, each) assert(
        npm_name_parse((struct slice){ json_string_value(each), json_string_length(each) }, &name));
    npm_changes_wipe(&page);
    return 0;
}
