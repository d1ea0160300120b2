/* Listings of CDNs: whatever comes, what is taken can stand in a URL, in one line and without a way
 * up. */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "scanner/cdn_listing.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void urls_check(enum cdn cdn, json_t *list, bool is_files)
{
    const struct cdn_base base = { cdn, "https://api.example", "https://files.example/" };
    char url[CDN_URL_SIZE];
    const json_t *each;
    size_t i;

    json_array_foreach(list, i, each)
    {
        const char *text = json_string_value(each);
        bool fits = is_files ? cdn_file_url(&base, "a", "1", text, url)
                             : cdn_files_url(&base, "a", text, url);

        assert(!fits || (strpbrk(url, " \r\n#\"\\") == NULL && strstr(url, "..") == NULL) ||
               !is_files);
        assert(!is_files || text[0] == '/');
    }
    json_decref(list);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    json_t *list;
    size_t left_out;

    if (size == 0)
        return 0;
    for (enum cdn cdn = CDN_JSDELIVR; cdn <= CDN_CDNJS; cdn++) {
        const struct slice text = { (const char *)data, size };

        if (cdn_versions_parse(cdn, text, &list, &left_out) == OK)
            urls_check(cdn, list, false);
        if (cdn_files_parse(cdn, text, &list, &left_out) == OK)
            urls_check(cdn, list, true);
    }
    return 0;
}
