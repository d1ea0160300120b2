/* daemon/up_template.h: a text with @NAMES@ to be filled in */
#ifndef DAEMON_UP_TEMPLATE_H
#define DAEMON_UP_TEMPLATE_H

#include "base/buffer.h"
#include "base/err.h"

struct template_value {
    const char *name; /* without the signs; NULL ends the list */
    const char *value;
};

/* Names are capitals, digits and underscores; any other @ stands for itself.
 * ERR_MISSING: the template names a value that is not in the list; which one is in the journal. */
must_use enum err template_fill(struct slice template, const struct template_value *values,
                                struct buffer *filled);

#endif
