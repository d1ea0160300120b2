#include "scanner/git_pipe.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/file.h"

enum { PIECE_BYTES = 256 * 1024, PIPE_BYTES = 1 << 20, HEAD_BYTES = 5, REF_MOST = 4096 };

enum kind { FORMAT = 'F', REF = 'R', PACK = 'P', TROUBLE = 'T', END = 'E' };

/* ---- Sending ---- */

static void head_write(char head[HEAD_BYTES], enum kind kind, size_t bytes)
{
    uint32_t size = (uint32_t)bytes;

    head[0] = (char)kind;
    memcpy(head + 1, &size, sizeof size);
}

static enum err frame_send(int fd, enum kind kind, struct slice bytes)
{
    char head[HEAD_BYTES];
    enum err e;

    head_write(head, kind, bytes.size);
    TRY(file_write_all(fd, (struct slice){ head, sizeof head }));
    e = file_write_all(fd, bytes);
out:
    return e;
}

/* git sends 8 kB at a time, which would be a call of the system each. */
struct sender {
    int fd;
    const struct git_remote *remote;
    bool has_begun;
    size_t size;
    char bytes[PIECE_BYTES];
};

/* How ids look, and which the server has names for. */
static enum err format_send(const struct sender *s)
{
    const char id_bytes = (char)git_remote_id_bytes(s->remote);
    char head[HEAD_BYTES];
    struct buffer frames;
    size_t count;
    const struct git_ref *refs = git_remote_refs(s->remote, &count);
    enum err e;

    buffer_init(&frames);
    TRY(frame_send(s->fd, FORMAT, (struct slice){ &id_bytes, 1 }));
    for (size_t i = 0; i < count; i++) {
        struct slice name = slice_of(refs[i].name);

        if (name.size > REF_MOST)
            continue;
        head_write(head, REF, (size_t)id_bytes + name.size);
        buffer_append(&frames, (struct slice){ head, sizeof head });
        buffer_append(&frames, (struct slice){ (const char *)refs[i].id, (size_t)id_bytes });
        buffer_append(&frames, name);
    }
    e = frames.failed ? ERR_MEMORY : file_write_all(s->fd, buffer_slice(&frames));
out:
    buffer_wipe(&frames);
    return e;
}

static enum err sender_flush(struct sender *s)
{
    enum err e = OK;

    if (s->size == 0)
        return OK;
    if (!s->has_begun)
        TRY(format_send(s));
    s->has_begun = true;
    TRY(frame_send(s->fd, PACK, (struct slice){ s->bytes, s->size }));
    s->size = 0;
out:
    return e;
}

static bool sender_take(void *context, struct slice bytes)
{
    struct sender *s = context;

    while (bytes.size > 0) {
        size_t room = sizeof s->bytes - s->size, size = bytes.size < room ? bytes.size : room;

        memcpy(s->bytes + s->size, bytes.at, size);
        s->size += size;
        bytes = slice_from(bytes, size);
        if (s->size == sizeof s->bytes && sender_flush(s) != OK)
            return false;
    }
    return true;
}

enum err git_pipe_send_trouble(int fd, const char *why)
{
    return frame_send(fd, TROUBLE, slice_of(why));
}

enum err git_pipe_send(int fd, struct git_remote *remote, const struct git_ids *wants,
                       const struct git_ids *haves)
{
    struct sender *s = malloc(sizeof *s);
    enum err e = ERR_MEMORY, sent;

    if (s == NULL)
        return git_pipe_send_trouble(fd, "no memory") == OK ? e : ERR_IO;
    s->fd = fd;
    s->remote = remote;
    s->has_begun = false;
    s->size = 0;
    e = git_remote_fetch(remote, wants, haves, sender_take, s);
    /* Also of a pack that is cut off: what has come is looked at. */
    sent = sender_flush(s);
    if (sent == OK)
        sent = e == OK ? frame_send(fd, END, SLICE_EMPTY)
                       : git_pipe_send_trouble(fd, git_remote_trouble(remote)->why);
    free(s);
    return e == OK ? sent : e;
}

enum err git_pipe_send_all(int fd, const char *url, const struct git_limits *limits)
{
    struct git_remote *remote = NULL;
    const char *why = "no address of a repository; one with a user name or a password in it is "
                      "not taken, ~/.netrc is";
    enum err e;

    (void)fcntl(fd, F_SETPIPE_SZ, PIPE_BYTES); /* a smaller one does, too */
    TRY(git_remote_open(url, limits, &remote));
    e = git_remote_list(remote);
    why = git_remote_trouble(remote)->why;
    TRY(e);
    e = git_pipe_send(fd, remote, NULL, NULL);
    why = NULL; /* was sent */
out:
    if (e != OK && why != NULL && git_pipe_send_trouble(fd, why) != OK)
        e = ERR_IO;
    git_remote_close(&remote);
    return e;
}

/* ---- Receiving ---- */

/* As many as come, at most `size`; < 1: no more. */
static ssize_t some_read(int fd, char *into, size_t size)
{
    ssize_t got;

    do
        got = read(fd, into, size);
    while (got < 0 && errno == EINTR);
    return got;
}

static bool all_read(int fd, char *into, size_t size)
{
    while (size > 0) {
        ssize_t got = some_read(fd, into, size);

        if (got <= 0)
            return false;
        into += got;
        size -= (size_t)got;
    }
    return true;
}

static enum git_pipe_end pack_receive(int fd, size_t size, char *piece,
                                      const struct git_pipe_taker *taker)
{
    while (size > 0) {
        ssize_t got = some_read(fd, piece, size < PIECE_BYTES ? size : PIECE_BYTES);

        if (got <= 0)
            return GIT_PIPE_TROUBLE;
        if (!taker->bytes(taker->context, (struct slice){ piece, (size_t)got }))
            return GIT_PIPE_REFUSED;
        size -= (size_t)got;
    }
    return GIT_PIPE_ALL;
}

static bool format_receive(int fd, uint32_t size, char *id_bytes)
{
    return *id_bytes == 0 && size == 1 && all_read(fd, id_bytes, 1) &&
           (*id_bytes == 20 || *id_bytes == 32);
}

static enum git_pipe_end ref_receive(int fd, size_t size, size_t id_bytes,
                                     const struct git_pipe_taker *taker)
{
    char frame[GIT_ID_MOST + REF_MOST];

    if (id_bytes == 0 || size < id_bytes || size > id_bytes + REF_MOST ||
        !all_read(fd, frame, size))
        return GIT_PIPE_TROUBLE;
    return taker->ref(taker->context, (struct slice){ frame + id_bytes, size - id_bytes },
                      (const uint8_t *)frame)
               ? GIT_PIPE_ALL
               : GIT_PIPE_REFUSED;
}

enum git_pipe_end git_pipe_receive(int fd, const struct git_pipe_taker *taker,
                                   char why[GIT_WHY_SIZE])
{
    char head[HEAD_BYTES], id_bytes = 0, *piece = malloc(PIECE_BYTES);
    enum git_pipe_end end = GIT_PIPE_ALL;
    uint32_t size;

    snprintf(why, GIT_WHY_SIZE, "%s", piece == NULL ? "no memory" : "the fetch ended halfway");
    while (end == GIT_PIPE_ALL && piece != NULL && all_read(fd, head, sizeof head)) {
        memcpy(&size, head + 1, sizeof size);
        if (head[0] == END && size == 0) {
            free(piece);
            return GIT_PIPE_ALL;
        }
        if (head[0] == TROUBLE && size < GIT_WHY_SIZE && all_read(fd, why, size)) {
            why[size] = '\0';
            break;
        }
        if (head[0] == FORMAT && format_receive(fd, size, &id_bytes))
            end = taker->format(taker->context, (size_t)id_bytes) ? GIT_PIPE_ALL : GIT_PIPE_REFUSED;
        else if (head[0] == PACK && id_bytes != 0)
            end = pack_receive(fd, size, piece, taker);
        else if (head[0] == REF)
            end = ref_receive(fd, size, (size_t)id_bytes, taker);
        else
            break;
    }
    free(piece);
    return end == GIT_PIPE_REFUSED ? end : GIT_PIPE_TROUBLE;
}
