/* Notes of pushes: whatever comes, what is taken is an id, and no signature of another body is
 * right. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "scanner/push_note.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice body = { (const char *)data, size };
    char before[PUSH_ID_SIZE], *header = strndup((const char *)data, size);

    assert(header != NULL);
    if (push_before(body, before))
        assert(before[0] == '\0' || ((strlen(before) == 40 || strlen(before) == 64) &&
                                     before[strspn(before, "0123456789abcdef")] == '\0'));
    assert(!push_signature_is_right(header, SLICE("a secret of a hook"), body));
    assert(!push_token_is_right(header, SLICE("a secret of a hook")) ||
           strcmp(header, "a secret of a hook") == 0);
    free(header);
    return 0;
}
