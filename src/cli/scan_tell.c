#include "cli/scan_tell.h"

#include <jansson.h>
#include <stdio.h>

#include "cli/client.h"
#include "cli/reply.h"
#include "scanner/finding_pipe.h"

enum { BATCH_MOST = 100, WAIT_S = 60 };

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

/* Takes over the findings. */
static bool batch_tell(json_t *findings, const char *socket, bool json)
{
    json_t *reply = NULL, *result;
    long status = 0;
    size_t i;
    enum err e;

    if (json_array_size(findings) == 0) {
        json_decref(findings);
        return true;
    }
    e = client_exchange(socket, "POST", "/leaks", json_pack("{s:O}", "findings", findings), WAIT_S,
                        &status, &reply);
    if (e != OK || status != 200)
        fprintf(stderr, "latchkey scan: the authority at %s did not take what was found: %s\n",
                socket, e != OK ? err_text(e) : "it answered with an error");
    json_array_foreach(json_object_get(reply, "results"), i, result)
        result_print(result, json_array_get(findings, i), json);
    json_decref(reply);
    json_decref(findings);
    return e == OK && status == 200;
}

bool tell_authority(int fd, const char *socket, bool json)
{
    json_t *findings = json_array();
    struct finding_line line;
    bool all = true;

    while (finding_pipe_read(fd, &line)) {
        if (line.kind == FINDING_INCOMPLETE)
            continue; /* the scan has said so itself */
        json_array_append_new(findings, finding_line_json(&line, "scan", "latchkey scan"));
        if (json_array_size(findings) == BATCH_MOST) {
            all = batch_tell(findings, socket, json) && all;
            findings = json_array();
        }
    }
    return batch_tell(findings, socket, json) && all;
}
