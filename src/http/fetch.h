/* http/fetch.h: files of a web server, by name below one address
 *
 * For readers of things that prove themselves, such as a log's tiles: what arrives is not believed,
 * so a proxy or a mirror may stand between.  Redirects are not followed.  Over libcurl; a
 * connection is kept between calls.
 */
#ifndef HTTP_FETCH_H
#define HTTP_FETCH_H

#include <stdbool.h>

#include "base/buffer.h"
#include "base/err.h"

struct fetch;

/* "http://..." or "https://..." */
bool fetch_is_address(const char *text);

/* `address` is copied; a slash at its end is fine.  `ca`: file with the certificate authorities to
 * believe; NULL: the system's.  ERR_MEMORY. */
must_use enum err fetch_open(const char *address, const char *ca, struct fetch **fetch);
void fetch_close(struct fetch **fetch);

/* Instead of 10 seconds, for each GET from now on. */
void fetch_wait_most(struct fetch *fetch, unsigned seconds);

/* GET address/name into an initialised buffer; `fetch` is a struct fetch.  Waits 10 s at most.
 * ERR_MISSING: 404 or 410.  ERR_DENIED: 401 or 403.  ERR_FULL: more than `most` bytes.
 * ERR_IO: anything else. */
must_use enum err fetch_get(void *fetch, const char *name, size_t most, struct buffer *content);

/* The address itself, unless it is still what `etag` says (RFC 9110, 13.1.2); "" asks for it
 * anyhow. *changed: `content` and `etag` are new; the latter is "" when the server gave none that
 * fits. Errors as above. */
enum { FETCH_ETAG_SIZE = 256 };
must_use enum err fetch_get_newer(struct fetch *fetch, size_t most, char etag[FETCH_ETAG_SIZE],
                                  struct buffer *content, bool *changed);

#endif
