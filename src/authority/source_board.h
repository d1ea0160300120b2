/* authority/source_board.h: what scanners said last of their sources
 *
 * Nothing of it is kept on disk: a scanner says all of it again after each turn of a source.  Doors
 * and metrics have threads of their own, so each gets a copy.
 */
#ifndef AUTHORITY_SOURCE_BOARD_H
#define AUTHORITY_SOURCE_BOARD_H

#include <jansson.h>
#include <stdint.h>

#include "base/err.h"

struct source_board;

/* Nobody has said anything.  ERR_MEMORY. */
must_use enum err source_board_open(struct source_board **board);

/* Accepts NULL in *board and sets it. */
void source_board_close(struct source_board **board);

/* Copies the list.  ERR_MEMORY: what was there stays. */
must_use enum err source_board_set(struct source_board *board, const json_t *sources,
                                   uint64_t at_ns);

/* A copy of the list, empty while nothing was said or when `board` is NULL; *heard_at_ns is 0 then.
 * NULL: out of memory. */
json_t *source_board_get(struct source_board *board, uint64_t *heard_at_ns);

#endif
