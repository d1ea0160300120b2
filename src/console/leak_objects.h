/* console/leak_objects.h: objects in which keys were found (authority/leak_object.h)
 *
 * PUT of their bytes, as the answer to a finding asked for them; GET by an operator of this
 * machine.  Both bodies are the bytes themselves.
 */
#ifndef CONSOLE_LEAK_OBJECTS_H
#define CONSOLE_LEAK_OBJECTS_H

#include "authority/leak_object.h"
#include "console/call.h"

must_use enum err leak_object_put(struct call *c);
must_use enum err leak_object_get(struct call *c);

/* The bytes as the reply, once the reader has proved whatever has to be proved. */
must_use enum err leak_object_reply(struct call *c, const struct leak_object_reader *reader);

#endif
