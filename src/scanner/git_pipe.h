/* scanner/git_pipe.h: a repository on its way from the process that has the network to the one that
 * looks at it
 *
 *     kind, 1 byte | size, 4 bytes of this machine | so many bytes
 *
 *     FORMAT   one byte: how many an id has        first, if anything comes
 *     REF      an id and the name that the server has for it; each
 *     PACK     the pack, in pieces
 *     TROUBLE  why it does not come, or no further; last
 *     END      that was all; last
 *
 * The receiver believes nothing of it: the bytes are strangers'.
 */
#ifndef SCANNER_GIT_PIPE_H
#define SCANNER_GIT_PIPE_H

#include <stdbool.h>

#include "scanner/git_fetch.h"

/* Fetches from a remote that was listed, and sends (git_remote_fetch has `wants` and `haves`).
 * Errors of git_remote_fetch, sent as well; ERR_IO also: nobody reads any more. */
must_use enum err git_pipe_send(int fd, struct git_remote *remote, const struct git_ids *wants,
                                const struct git_ids *haves);

/* Instead: why nothing comes. */
must_use enum err git_pipe_send_trouble(int fd, const char *why);

/* Both of it for whoever looks at a repository once: lists, fetches all of it and sends. */
must_use enum err git_pipe_send_all(int fd, const char *url, const struct git_limits *limits);

enum git_pipe_end {
    GIT_PIPE_ALL,
    GIT_PIPE_REFUSED, /* by what takes it */
    GIT_PIPE_TROUBLE, /* `why` it did not come, or not all of it */
};

/* What takes it.  `format` is called once and first, then `ref` with each.  Each ends it by
 * returning false; the rest is not read. */
struct git_pipe_taker {
    bool (*format)(void *context, size_t id_bytes);
    bool (*ref)(void *context, struct slice name, const uint8_t *id);
    bool (*bytes)(void *context, struct slice bytes);
    void *context;
};
enum git_pipe_end git_pipe_receive(int fd, const struct git_pipe_taker *taker,
                                   char why[GIT_WHY_SIZE]);

#endif
