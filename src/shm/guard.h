/* shm/guard.h: a segment whose file was cut does not kill who has it mapped
 *
 * Touching a page behind the end of a mapped file raises SIGBUS, and a file on tmpfs cannot be
 * sealed against shrinking.  The guard catches the signal, puts empty pages of this process's own
 * in the place of what is gone, and marks the mapping as lost: the instruction goes on, finds
 * zeros, and whoever asks segment_is_over afterwards learns not to believe them.  The idea is that
 * of wl_shm_buffer_begin_access in libwayland.
 *
 * A SIGBUS of any other address goes to whoever was there before.
 */
#ifndef SHM_GUARD_H
#define SHM_GUARD_H

#include "shm/layout.h"

/* Mappings beyond this many at one time are not guarded. */
enum { GUARDED_MOST = 64 };

void guard_add(struct segment *segment);

/* Before it is unmapped. */
void guard_remove(struct segment *segment);

#endif
