/* base/cleared.h: memory that nobody reads after it was let go
 *
 * Bodies of requests, what is parsed out of them, and replies hold live secrets now and then.  What
 * was allocated for them goes back to the allocator as zeros, so that neither the next owner nor a
 * core file has them.
 */
#ifndef BASE_CLEARED_H
#define BASE_CLEARED_H

/* free(), after all of the block was cleared.  Of malloc and its kin; NULL is fine. */
void cleared_free(void *memory);

#endif
