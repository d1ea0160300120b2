/* daemon/up_check.h: can a try-out start here?
 *
 * Each check that fails prints one sentence on standard error: what is wrong and what to do.
 */
#ifndef DAEMON_UP_CHECK_H
#define DAEMON_UP_CHECK_H

#include <stdbool.h>

#include "daemon/up.h"

/* nginx and the module can be run. */
bool up_check_tools(const struct up *up);

/* The three ports differ and can be bound. */
bool up_check_ports(const struct up *up);

/* Makes the folders and takes the lock on DATA, which every child inherits: it is free again when
 * the last process of a try-out has ended.  Waits for the children of a supervisor that died. */
bool up_check_lock(const struct up *up);

/* DATA is empty, or of this version; an empty one is marked as ours.  With --fresh, what a try-out
 * keeps in DATA, RUN and SEGMENTS is removed first: only if DATA is ours, and only known names. */
bool up_check_data(const struct up *up);

#endif
