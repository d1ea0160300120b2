/* fuzz/finding_pipe.c: any bytes as what a scanning process tells, which may have been taken over
 *
 * The input is a list of patches to a line of zeros: where (two bytes), how many, and the bytes; of
 * none is the line's end, and as many bytes as it says follow it, if there are so many. Invariants:
 * texts are JSON for the authority; what follows a line is as long as it says and no longer than a
 * window.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "scanner/finding_batch.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void stream_make(struct slice rest, struct buffer *stream)
{
    struct finding_line line = { .line = 0 };

    while (rest.size >= 3) {
        size_t at = (size_t)((uint8_t)rest.at[0] | (uint8_t)rest.at[1] << 8) % sizeof line;
        size_t size = (uint8_t)rest.at[2];

        rest = slice_from(rest, 3);
        size = size < rest.size ? size : rest.size;
        if (size > sizeof line - at)
            size = sizeof line - at;
        memcpy((char *)&line + at, rest.at, size);
        if (size == 0) {
            buffer_append(stream, (struct slice){ (const char *)&line, sizeof line });
            size = line.object_size < rest.size ? line.object_size : rest.size;
            if (line.object_follows != 0)
                buffer_append(stream, (struct slice){ rest.at, size });
            size = line.object_follows != 0 ? size : 0;
            line = (struct finding_line){ .line = 0 };
        }
        rest = slice_from(rest, size);
    }
}

static void line_take(struct finding_batch *batch, const struct finding_line *line,
                      struct buffer *object)
{
    json_t *finding;

    if (line->object_follows &&
        (object->size != line->object_size || object->size > OBJECT_WINDOW_MOST))
        abort();
    if (line->kind == FINDING_TRACE) {
        finding_batch_trace(batch, line->subject, buffer_slice(object));
        return;
    }
    finding = finding_line_json(line, "scan", "fuzz");
    if (finding == NULL || !json_is_object(json_object_get(finding, "place")))
        abort();
    finding_batch_add(batch, line, object, finding);
    if (finding_batch_is_full(batch))
        finding_batch_next(batch);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct buffer stream, object;
    struct finding_batch batch;
    struct finding_line line;
    int fd;

    buffer_init(&stream);
    buffer_init(&object);
    stream_make((struct slice){ (const char *)bytes, size }, &stream);
    if (file_in_memory(buffer_slice(&stream), &fd) != OK || finding_batch_init(&batch) != OK)
        abort();
    while (finding_pipe_read(fd, &line, &object))
        line_take(&batch, &line, &object);
    buffer_wipe(&stream);
    buffer_wipe(&object);
    finding_batch_wipe(&batch);
    close(fd);
    return 0;
}
