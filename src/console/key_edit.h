/* console/key_edit.h: what an operator changes of a key at its owner's request
 *
 * What lets a key do more, and a new secret, need a code of the owner's authenticator, as in the
 * browser: who works at the command line is not the owner.
 */
#ifndef CONSOLE_KEY_EDIT_H
#define CONSOLE_KEY_EDIT_H

#include "console/call.h"

must_use enum err key_rename_post(struct call *c); /* POST /keys/{id}/rename */
must_use enum err key_scopes_post(struct call *c); /* POST /keys/{id}/scopes */
must_use enum err key_rotate_post(struct call *c); /* POST /keys/{id}/rotate */
must_use enum err key_lift_post(struct call *c);   /* POST /keys/{id}/lift */

#endif
