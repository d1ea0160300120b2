#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "keys/secret.h"
#include "scanner/scan_state.h"

/* A loose object of git: "blob 12", a zero and its bytes, deflated as one stream.
 *
 * Source: gitformat-loose(5). */

enum { PIECE_BYTES = 64 * 1024, HEAD_MOST = 32 };

struct loose {
    struct scan *scan;
    struct feed feed;
    z_stream stream;
    char in[PIECE_BYTES], out[PIECE_BYTES];
    char head[HEAD_MOST]; /* up to its zero */
    size_t head_size;
    bool head_is_whole;
    uint64_t size;
};

/* The place gets " (blob)"; whoever entered the object leaves that, too. */
static void type_enter(struct loose *l)
{
    char type[HEAD_MOST + 3];

    snprintf(type, sizeof type, "(%.*s)", (int)strcspn(l->head, " "), l->head);
    place_enter(l->scan, " ", slice_of(type));
    for (enum pack_type known = PACK_COMMIT; known <= PACK_TAG; known++)
        if (slice_is((struct slice){ type + 1, strlen(type) - 2 }, slice_of(pack_type_text(known))))
            l->scan->object_type = pack_type_text(known);
}

/* False: this begins as no object does. */
static bool bytes_take(struct loose *l, struct slice bytes)
{
    while (!l->head_is_whole && bytes.size > 0) {
        if (l->head_size == sizeof l->head)
            return false;
        l->head[l->head_size++] = *bytes.at;
        l->head_is_whole = *bytes.at == '\0';
        bytes = slice_from(bytes, 1);
        if (l->head_is_whole)
            type_enter(l);
    }
    feed_bytes(&l->feed, bytes);
    bytes_count(l->scan, bytes.size);
    l->size += bytes.size;
    return true;
}

/* NULL: the stream has ended as it should, or goes on (`*ended` tells). */
static const char *piece_inflate(struct loose *l, bool *ended)
{
    int code;

    do {
        l->stream.next_out = (Bytef *)l->out;
        l->stream.avail_out = sizeof l->out;
        code = inflate(&l->stream, Z_NO_FLUSH);
        if (!bytes_take(l, (struct slice){ l->out, sizeof l->out - l->stream.avail_out }))
            return "cannot be read: it does not begin as an object";
        if (code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR)
            return "cannot be read to its end: it is damaged";
    } while (code != Z_STREAM_END && l->stream.avail_out == 0);
    *ended = code == Z_STREAM_END;
    return *ended && l->stream.avail_in > 0 ? "has bytes behind it that belong to nothing" : NULL;
}

static const char *stream_look(struct loose *l, int fd)
{
    const char *why = NULL;
    bool ended = false;
    ssize_t got;

    while (why == NULL && (got = read(fd, l->in, sizeof l->in)) != 0) {
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return strerror(errno);
        if (ended)
            return "has bytes behind it that belong to nothing";
        l->stream.next_in = (Bytef *)l->in;
        l->stream.avail_in = (uInt)got;
        why = piece_inflate(l, &ended);
    }
    return why != NULL || ended ? why : "cannot be read to its end: it is cut off";
}

/* "blob 12" says how many bytes there are. */
static bool head_is_true(const struct loose *l)
{
    const char *space = l->head_is_whole ? strchr(l->head, ' ') : NULL;

    return space != NULL && strtoull(space + 1, NULL, 10) == l->size;
}

void loose_scan(struct scan *scan, int folder, const char *name)
{
    struct loose *l = calloc(1, sizeof *l);
    int fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    const char *why;

    if (l == NULL || fd < 0 || inflateInit(&l->stream) != Z_OK) {
        incomplete_say(scan, "cannot be read: %s", l == NULL ? "no memory" : strerror(errno));
        goto out;
    }
    l->scan = scan;
    place_feed(scan, &l->feed);
    why = stream_look(l, fd);
    feed_end(&l->feed);
    if (why == NULL && !head_is_true(l))
        why = "cannot be read: it is not as long as it says";
    if (why != NULL)
        incomplete_say(scan, "%s", why);
    scan->totals.object_count++;
    inflateEnd(&l->stream);
out:
    if (fd >= 0)
        close(fd);
    if (l != NULL)
        secret_wipe_bytes(l, sizeof *l);
    free(l);
}
