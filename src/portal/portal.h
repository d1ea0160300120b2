/* portal/portal.h: the door through which a browser reaches the authority
 *
 * HTTP with JSON on a Unix socket that nginx hands https://.../console/api/ to.  The calls stand in
 * portal/resources.def with what the caller has to be; what each takes and gives is said in
 * portal/openapi.json.  Rules are the services', here is judged only who calls and from where:
 *
 *     Origin     every change comes from a page of the console's own origin
 *     session    a cookie that scripts cannot read, and with a change a value they can (CSRF)
 *     type       bodies are JSON and say so, which a form of another site cannot
 *
 * The calls that hash a password run on threads of their own, and so do those that ask the
 * sandbox exchange (portal/crew.h).
 */
#ifndef PORTAL_PORTAL_H
#define PORTAL_PORTAL_H

#include <sys/types.h>

#include "authority/authority.h"
#include "base/err.h"

struct collector;
struct portal;

/* As http_server_open; `gateway` is answered beside the user that runs this and root.  `sandbox`:
 * the socket of the sandbox exchange; NULL: there is none to show. */
must_use enum err portal_open(struct authority *a, struct collector *collector,
                              const char *socket, uid_t gateway, const char *sandbox,
                              struct portal **portal);

/* Accepts NULL in *portal and sets it. */
void portal_close(struct portal **portal);

#endif
