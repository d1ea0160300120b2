/* fuzz/provenance.c: any bytes as commits, trees and tags that lead to an object
 *
 * The input is a list of objects: a byte for the type, two for the size, the content.  In a
 * content, what stands as '#' and a digit becomes the id of the object that many before it, in hex
 * in a commit or a tag and as bytes in a tree, since no mutation finds a hash.  Invariants: texts
 * end, and a trace with a path has a commit.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/hex.h"
#include "scanner/provenance.h"

enum { OBJECTS_MOST = 64 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

struct made {
    uint8_t ids[OBJECTS_MOST][OBJECT_ID_MOST];
    size_t count;
};

static void content_make(const struct made *made, enum pack_type type, struct slice recipe,
                         struct buffer *content)
{
    for (size_t i = 0; i < recipe.size; i++) {
        size_t back = i + 1 < recipe.size ? (size_t)(uint8_t)recipe.at[i + 1] - '0' : made->count;
        char hex[2 * OBJECT_ID_SHA1 + 1];

        if (recipe.at[i] != '#' || back >= made->count) {
            buffer_append_char(content, recipe.at[i]);
            continue;
        }
        hex_format(made->ids[made->count - 1 - back], OBJECT_ID_SHA1, hex);
        buffer_append(
            content,
            type == PACK_TREE
                ? (struct slice){ (const char *)made->ids[made->count - 1 - back], OBJECT_ID_SHA1 }
                : slice_of(hex));
        i++;
    }
}

static void texts_check(const struct provenance_trace *t)
{
    const char *const texts[] = { t->path, t->author, t->committer, t->refs, t->tips };

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (memchr(texts[i], '\0', PROVENANCE_TEXT_SIZE) == NULL)
            abort();
    if (t->path[0] != '\0' && t->commit[0] == '\0')
        abort();
}

static void objects_take(struct provenance *p, struct slice rest, struct made *made)
{
    struct buffer content;

    buffer_init(&content);
    while (rest.size > 3 && made->count < OBJECTS_MOST) {
        enum pack_type type = (enum pack_type)(1 + (uint8_t)rest.at[0] % 4);
        size_t size = (size_t)((uint8_t)rest.at[1] | (uint8_t)rest.at[2] << 8);

        rest = slice_from(rest, 3);
        size = size < rest.size ? size : rest.size;
        content.size = 0;
        content_make(made, type, (struct slice){ rest.at, size }, &content);
        rest = slice_from(rest, size);
        if (object_id(OBJECT_ID_SHA1, type, buffer_slice(&content), made->ids[made->count]) != OK)
            abort();
        provenance_want(p, made->ids[made->count]);
        provenance_object(p, type, buffer_slice(&content));
        provenance_ref(p, (struct slice){ content.at, content.size < 20 ? content.size : 20 },
                       made->ids[made->count++]);
    }
    buffer_wipe(&content);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct made made = { .count = 0 };
    struct provenance_trace trace;
    struct provenance *p;

    if (provenance_open(OBJECT_ID_SHA1, &p) != OK)
        abort();
    objects_take(p, (struct slice){ (const char *)bytes, size }, &made);
    for (size_t i = 0; i < made.count; i++)
        if (provenance_trace(p, made.ids[i], &trace) == OK)
            texts_check(&trace);
    provenance_close(&p);
    return 0;
}
