/* venue/arena.h: memory that comes back with its pointers
 *
 * One stretch of address space for everything that is folded from a journal.  It begins at the same
 * place in each process of a program, so what its bytes point at is still there when they were kept
 * in a file and come back in another process (venue/snapshot.h); and all of it goes away at once.
 * Nothing in it may point outside: not at functions and not at constants, which lie elsewhere in
 * each process.
 *
 * The same requests in the same order give the same bytes.  Blocks are rounded up to a power of two
 * and aligned to 64 bytes.  Without memory an exchange cannot go on; the process ends, and what it
 * knows is in its journal.
 */
#ifndef VENUE_ARENA_H
#define VENUE_ARENA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct arena;

/* ERR_MEMORY: there is no such stretch of address space.  Only what is used takes memory. */
must_use enum err arena_open(struct arena **arena);
void arena_close(struct arena **arena);

/* Zero-filled, never NULL. */
void *arena_take(struct arena *arena, size_t bytes);

/* Keeps the content, as far as it fits; what is added is zero.  `block` may be NULL, of 0 bytes. */
void *arena_resize(struct arena *arena, void *block, size_t bytes, size_t bytes_wanted);

/* `bytes` as it was taken or resized to; `block` may be NULL. */
void arena_give(struct arena *arena, void *block, size_t bytes);

/* As it was opened. */
void arena_clear(struct arena *arena);

/* The block that was taken first. */
void *arena_first(struct arena *arena);

/* Is it where others of this program are?  The first of a process is, unless something else lies
 * there. */
bool arena_is_at_home(const struct arena *arena);

/* What is used, from the start of the stretch; for venue/snapshot.h, which fills another one up to
 * the same size. */
size_t arena_used_bytes(const struct arena *arena);
size_t arena_most_bytes(void);

#endif
