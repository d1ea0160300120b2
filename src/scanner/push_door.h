/* scanner/push_door.h: where hostings say that somebody has pushed
 *
 * A Unix socket, behind a web server that has the address and the certificate.  POST /hooks/NAME
 * with the note of scanner/push_note.h for the source of that name answers
 *
 *     202  the source has its turn at once; what a forced push overwrote is kept until it was
 *          looked at, in STATE/NAME.pushed
 *     200  it was another event
 *     401  the signature or token is wrong, or missing     404  no such source, or it has no secret
 *     413  more than 4 MB                                  503  the note cannot be kept: try again
 *
 * One thread of its own answers, also while a long turn is going on.
 */
#ifndef SCANNER_PUSH_DOOR_H
#define SCANNER_PUSH_DOOR_H

#include <jansson.h>
#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"
#include "scanner/service_settings.h"

struct push_door;

/* Reads the secrets' files; `settings` outlives it.  `web` is who may call.  The cause of an error
 * is logged. */
must_use enum err push_door_open(const struct service_settings *settings, uid_t web,
                                 struct push_door **door);
void push_door_close(struct push_door **door);

/* Readable when push_door_pushed() has something. */
int push_door_descriptor(const struct push_door *door);

/* The next source, by its place in the settings, that was pushed to since it was asked last; false:
 * none. */
bool push_door_pushed(struct push_door *door, size_t *source);

/* Ids that were overwritten, oldest first; the caller's.  NULL: they cannot be read, or no memory.
 */
json_t *push_door_overwritten(struct push_door *door, size_t source);

/* The first `count` of them were looked at.  Errors of writing. */
must_use enum err push_door_forget(struct push_door *door, size_t source, size_t count);

#endif
