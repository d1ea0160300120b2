/* portal/session_cookie.h: the two cookies of the console
 *
 *     __Host-latchkey         the session's token; ends with the browser or the session
 *     __Host-latchkey-device  says that somebody has logged in from here before; a year
 *
 * The prefix makes browsers insist on Secure, Path=/ and no Domain (RFC 6265bis 4.1.3.2), so no
 * neighbouring host can plant one.  SameSite=Strict keeps both out of what other sites cause.
 */
#ifndef PORTAL_SESSION_COOKIE_H
#define PORTAL_SESSION_COOKIE_H

#include "base/slice.h"
#include "console/call.h"

struct http_request;

/* Borrowed from the request; empty when there is none. */
struct slice session_cookie(const struct http_request *request);
struct slice device_cookie(const struct http_request *request);

/* The reply brings the token. */
void session_cookie_set(struct call *c, const char *token);
void device_cookie_set(struct call *c, const char *token);

/* The browser forgets it. */
void session_cookie_end(struct call *c);

#endif
