/* Lists of repositories: whatever comes, what is taken can be logged in a line and fetched. */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "http/fetch.h"
#include "scanner/source_hosting.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    for (enum source_kind kind = SOURCE_GITHUB; kind <= SOURCE_GITLAB; kind++) {
        json_t *found = json_object(), *entry;
        const char *name;
        size_t count;

        if (hosting_page_parse(kind, (struct slice){ (const char *)data, size }, found, &count) !=
            OK)
            assert(json_object_size(found) == 0);
        assert(json_object_size(found) <= count);
        json_object_foreach(found, name, entry)
        {
            assert(strpbrk(name, "\r\n\t ") == NULL && name[0] != '\0');
            assert(fetch_is_address(json_string_value(json_array_get(entry, 0))));
        }
        json_decref(found);
    }
    return 0;
}
