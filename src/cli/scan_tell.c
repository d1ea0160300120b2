#include "cli/scan_tell.h"

#include <jansson.h>
#include <stdio.h>

#include "base/log.h"
#include "cli/client.h"
#include "cli/reply.h"

enum { WAIT_S = 60 };

static void result_print(json_t *result, const json_t *finding, bool json)
{
    const char *key = reply_text(result, "key_id"), *since = reply_text(result, "known_since");

    if (json) {
        json_object_set_new(result, "type", json_string("told"));
        json_dumpf(result, stdout, JSON_COMPACT); /* an object a line, as the scan's */
        putchar('\n');
    } else if (key == NULL) {
        printf("%s: no key of this authority\n",
               reply_text(json_object_get(finding, "place"), "path"));
    } else {
        printf("%s: %s, known since %s, leak %" JSON_INTEGER_FORMAT "\n", key,
               reply_text(result, "reaction"), since == NULL ? "-" : since,
               json_integer_value(json_object_get(result, "evidence")));
    }
}

/* What was not asked for, or is too late, is no reason to tell of the finding again. */
static enum err object_give(const char *socket, const struct finding_batch *batch,
                            const json_t *finding, const json_t *result)
{
    struct slice bytes =
        finding_batch_object(batch, reply_text(json_object_get(finding, "object"), "sha256"));
    char path[64];
    long status = 0;
    enum err e;

    if (!json_is_true(json_object_get(result, "object_wanted")) || bytes.size == 0)
        return OK;
    snprintf(path, sizeof path, "/leaks/%" JSON_INTEGER_FORMAT "/object",
             json_integer_value(json_object_get(result, "evidence")));
    e = client_put(socket, path, bytes, WAIT_S, &status);
    if (e == OK && status != 200)
        log_warn("scan", "the authority does not take the object of leak %" JSON_INTEGER_FORMAT
                         ": it answers %ld",
                 json_integer_value(json_object_get(result, "evidence")), status);
    return e == OK && status >= 500 ? ERR_IO : e;
}

enum err findings_give(const char *socket, const struct finding_batch *batch, json_t **reply)
{
    const json_t *result;
    long status = 0;
    size_t i;
    enum err e;

    TRY(client_exchange(socket, "POST", "/leaks", json_pack("{s:O}", "findings", batch->findings),
                        WAIT_S, &status, reply));
    if (status != 200) {
        e = status == 403 ? ERR_DENIED : ERR_IO;
        goto out;
    }
    json_array_foreach(json_object_get(*reply, "results"), i, result)
        TRY(object_give(socket, batch, json_array_get(batch->findings, i), result));
out:
    return e;
}

static bool batch_tell(struct finding_batch *batch, const char *socket, bool json)
{
    json_t *reply = NULL, *result;
    size_t i;
    enum err e;

    if (json_array_size(batch->findings) == 0)
        return true;
    e = findings_give(socket, batch, &reply);
    if (e != OK)
        fprintf(stderr, "latchkey scan: the authority at %s did not take what was found: %s\n",
                socket, err_text(e));
    json_array_foreach(json_object_get(reply, "results"), i, result)
        result_print(result, json_array_get(batch->findings, i), json);
    json_decref(reply);
    finding_batch_next(batch);
    return e == OK;
}

bool tell_authority(int fd, const char *socket, bool json)
{
    struct finding_batch batch;
    struct finding_line line;
    struct buffer object;
    bool all = finding_batch_init(&batch) == OK;

    buffer_init(&object);
    while (finding_pipe_read(fd, &line, &object)) {
        if (line.kind == FINDING_INCOMPLETE || batch.findings == NULL)
            continue; /* the scan has said so itself */
        if (line.kind == FINDING_TRACE) {
            finding_batch_trace(&batch, line.subject, buffer_slice(&object));
            continue;
        }
        finding_batch_add(&batch, &line, &object,
                          finding_line_json(&line, "scan", "latchkey scan"));
        if (finding_batch_is_full(&batch))
            all = batch_tell(&batch, socket, json) && all;
    }
    all = batch_tell(&batch, socket, json) && all;
    buffer_wipe(&object);
    finding_batch_wipe(&batch);
    return all;
}
