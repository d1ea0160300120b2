#include "cli/scan_tell.h"

#include <errno.h>
#include <jansson.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/hex.h"
#include "cli/client.h"
#include "cli/reply.h"

enum { BATCH_MOST = 500, PLACE_SIZE = 1024, WAIT_S = 60 };

/* What goes through the pipe, whole: smaller than what a pipe takes at once (pipe(7)). */
struct line {
    uint64_t line;
    char is_secret;
    char subject[2 * crypto_hash_sha256_BYTES + 1]; /* SHA-256 of a secret, or an id */
    char place[PLACE_SIZE];
};

static void found(void *context, const struct scan_finding *finding)
{
    struct tell_pipe *pipe = context;
    struct line line = { .line = finding->line, .is_secret = finding->match.kind == MATCH_SECRET };
    uint8_t sha256[crypto_hash_sha256_BYTES];

    if (line.is_secret) {
        crypto_hash_sha256(sha256, (const uint8_t *)finding->match.text,
                           strlen(finding->match.text));
        hex_format(sha256, sizeof sha256, line.subject);
    } else {
        snprintf(line.subject, sizeof line.subject, "%s", finding->match.text);
    }
    snprintf(line.place, sizeof line.place, "%s", finding->place);
    while (write(pipe->fd, &line, sizeof line) < 0 && errno == EINTR)
        continue;
    pipe->next->found(pipe->next->context, finding);
}

static void incomplete(void *context, const char *place, const char *why)
{
    const struct tell_pipe *pipe = context;

    pipe->next->incomplete(pipe->next->context, place, why);
}

static void progress(void *context, uint64_t bytes, const char *place)
{
    const struct tell_pipe *pipe = context;

    pipe->next->progress(pipe->next->context, bytes, place);
}

const struct scan_listener *tell_pipe_listener(struct tell_pipe *pipe)
{
    pipe->listener = (struct scan_listener){ found, incomplete, progress, pipe };
    return &pipe->listener;
}

/* ---- The other process ---- */

static json_t *finding_json(const struct line *line)
{
    return json_pack("{s:s, s:s, s:s, s:{s:s, s:I}}", line->is_secret ? "sha256" : "key_id",
                     line->subject, "channel", "scan", "origin", "latchkey scan", "place", "path",
                     line->place, "line", (json_int_t)line->line);
}

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
    struct line line;
    bool all = true;
    ssize_t got;

    while ((got = read(fd, &line, sizeof line)) == (ssize_t)sizeof line ||
           (got < 0 && errno == EINTR)) {
        if (got < 0)
            continue;
        json_array_append_new(findings, finding_json(&line));
        if (json_array_size(findings) == BATCH_MOST) {
            all = batch_tell(findings, socket, json) && all;
            findings = json_array();
        }
    }
    return batch_tell(findings, socket, json) && all;
}
