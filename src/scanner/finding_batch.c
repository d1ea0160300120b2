#include "scanner/finding_batch.h"

#include <assert.h>
#include <string.h>

enum { OBJECTS_STAY = 2 }; /* two threads look at a pack, each at an object */

enum err finding_batch_init(struct finding_batch *batch)
{
    *batch = (struct finding_batch){ .findings = json_array() };
    return batch->findings == NULL ? ERR_MEMORY : OK;
}

void finding_batch_wipe(struct finding_batch *batch)
{
    for (size_t i = 0; i < batch->object_count; i++)
        buffer_wipe(&batch->objects[i].bytes);
    json_decref(batch->findings);
    *batch = (struct finding_batch){ 0 };
}

void finding_batch_add(struct finding_batch *batch, const struct finding_line *line,
                       struct buffer *object, json_t *finding)
{
    struct finding_object *held = &batch->objects[batch->object_count];

    assert(!finding_batch_is_full(batch));
    json_array_append_new(batch->findings, finding);
    if (!line->object_follows)
        return;
    memcpy(held->sha256, line->object_sha256, sizeof held->sha256);
    held->bytes = *object;
    *object = (struct buffer){ .is_cleared = true };
    batch->object_count++;
}

void finding_batch_trace(struct finding_batch *batch, const char *object, struct slice text)
{
    json_t *trace = finding_trace_json(text), *finding;
    size_t i;

    if (trace == NULL)
        return;
    json_array_foreach(batch->findings, i, finding)
    {
        const char *in =
            json_string_value(json_object_get(json_object_get(finding, "place"), "object"));
        json_t *details;

        if (in == NULL || strcmp(in, object) != 0)
            continue;
        /* A copy: others may share it. */
        details = json_object_get(finding, "details");
        details = details == NULL ? json_object() : json_copy(details);
        json_object_update(details, trace);
        json_object_set_new(finding, "details", details);
    }
    json_decref(trace);
}

bool finding_batch_is_full(const struct finding_batch *batch)
{
    return json_array_size(batch->findings) >= FINDING_BATCH_MOST ||
           batch->object_count == FINDING_OBJECTS_MOST;
}

struct slice finding_batch_object(const struct finding_batch *batch, const char *sha256)
{
    for (size_t i = batch->object_count; i > 0; i--)
        if (sha256 != NULL && strcmp(batch->objects[i - 1].sha256, sha256) == 0)
            return buffer_slice(&batch->objects[i - 1].bytes);
    return SLICE_EMPTY;
}

void finding_batch_next(struct finding_batch *batch)
{
    size_t gone = batch->object_count > OBJECTS_STAY ? batch->object_count - OBJECTS_STAY : 0;

    json_array_clear(batch->findings);
    for (size_t i = 0; i < gone; i++)
        buffer_wipe(&batch->objects[i].bytes);
    batch->object_count -= gone;
    memmove(batch->objects, batch->objects + gone, batch->object_count * sizeof *batch->objects);
}
