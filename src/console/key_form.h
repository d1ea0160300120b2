/* console/key_form.h: keys as JSON, what is asked for and what is told
 *
 * The operator's door and the browser's read and write them alike; KEY is described in
 * docs/architecture.md.
 */
#ifndef CONSOLE_KEY_FORM_H
#define CONSOLE_KEY_FORM_H

#include "authority/key_draft.h"
#include "authority/key_view.h"
#include "console/call.h"

/* Members environment, label, scopes, confirmed_groups and ip_rules; those that are absent are
 * empty.  Borrows from the object; what has another type is refused. */
void key_application_read(struct call *c, const json_t *object, struct key_application *ask);

/* KEY; NULL: out of memory. */
json_t *key_json(const struct key_view *view);

#endif
