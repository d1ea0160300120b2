#include "scanner/finding_pipe.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/hex.h"

static void line_write(const struct finding_pipe *pipe, const struct finding_line *line)
{
    while (write(pipe->fd, line, sizeof *line) < 0 && errno == EINTR)
        continue;
}

static void found(void *context, const struct scan_finding *finding)
{
    const struct finding_pipe *pipe = context;
    struct finding_line line = { .line = finding->line, .kind = FINDING_KEY_ID };
    uint8_t sha256[crypto_hash_sha256_BYTES];

    if (finding->match.kind == MATCH_SECRET) {
        line.kind = FINDING_SECRET;
        crypto_hash_sha256(sha256, (const uint8_t *)finding->match.text,
                           strlen(finding->match.text));
        hex_format(sha256, sizeof sha256, line.subject);
    } else {
        snprintf(line.subject, sizeof line.subject, "%s", finding->match.text);
    }
    snprintf(line.place, sizeof line.place, "%s", finding->place);
    line_write(pipe, &line);
    if (pipe->next != NULL && pipe->next->found != NULL)
        pipe->next->found(pipe->next->context, finding);
}

static void incomplete(void *context, const char *place, const char *why)
{
    const struct finding_pipe *pipe = context;
    struct finding_line line = { .kind = FINDING_INCOMPLETE };

    snprintf(line.subject, sizeof line.subject, "%s", why);
    snprintf(line.place, sizeof line.place, "%s", place);
    line_write(pipe, &line);
    if (pipe->next != NULL && pipe->next->incomplete != NULL)
        pipe->next->incomplete(pipe->next->context, place, why);
}

static void progress(void *context, uint64_t bytes, const char *place)
{
    const struct finding_pipe *pipe = context;

    if (pipe->next != NULL && pipe->next->progress != NULL)
        pipe->next->progress(pipe->next->context, bytes, place);
}

const struct scan_listener *finding_pipe_listener(struct finding_pipe *pipe)
{
    pipe->listener = (struct scan_listener){ found, incomplete, progress, pipe };
    return &pipe->listener;
}

bool finding_pipe_read(int fd, struct finding_line *line)
{
    ssize_t got;

    do
        got = read(fd, line, sizeof *line);
    while (got < 0 && errno == EINTR);
    return got == (ssize_t)sizeof *line;
}

json_t *finding_line_json(const struct finding_line *line, const char *channel, const char *origin)
{
    return json_pack("{s:s, s:s, s:s, s:{s:s, s:I}}",
                     line->kind == FINDING_SECRET ? "sha256" : "key_id", line->subject, "channel",
                     channel, "origin", origin, "place", "path", line->place, "line",
                     (json_int_t)line->line);
}
