#include "portal/session_cookie.h"

#include <string.h>

#include "http/server.h"

#define SESSION_NAME "__Host-latchkey"
#define DEVICE_NAME "__Host-latchkey-device"
#define ATTRIBUTES "; Secure; HttpOnly; SameSite=Strict; Path=/"

/* "a=1; b=2", RFC 6265 section 4.2. */
static struct slice cookie_find(const struct http_request *request, struct slice name)
{
    const char *at = http_request_header(request, "Cookie");

    while (at != NULL && *at != '\0') {
        size_t size = strcspn(at, ";");
        struct slice pair = { at, size };

        if (slice_starts(pair, name) && pair.size > name.size && pair.at[name.size] == '=')
            return slice_from(pair, name.size + 1);
        at += size;
        at += strspn(at, "; ");
    }
    return SLICE_EMPTY;
}

struct slice session_cookie(const struct http_request *request)
{
    return cookie_find(request, SLICE(SESSION_NAME));
}

struct slice device_cookie(const struct http_request *request)
{
    return cookie_find(request, SLICE(DEVICE_NAME));
}

void session_cookie_set(struct call *c, const char *token)
{
    call_header(c, "Set-Cookie", SESSION_NAME "=%s" ATTRIBUTES, token);
}

void device_cookie_set(struct call *c, const char *token)
{
    call_header(c, "Set-Cookie", DEVICE_NAME "=%s" ATTRIBUTES "; Max-Age=31536000", token);
}

void session_cookie_end(struct call *c)
{
    call_header(c, "Set-Cookie", SESSION_NAME "=" ATTRIBUTES "; Max-Age=0");
}
