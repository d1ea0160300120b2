/* scanner/pack_stream.h: a pack of git without an index, as its bytes come
 *
 * Objects are read one behind the other.  One that is whole is told as soon as all of it has come;
 * those that are told by their differences are told at the end (scanner/pack.h), when all that they
 * can differ from is there.  Offsets are all that is noted of them: no index is made, and no id is
 * computed unless a difference names its base by one.
 *
 * Of the bytes nothing can be let go before the end, for any object may be somebody's base: they
 * are held in memory, as they came.  Besides them an object takes 16 bytes, and the rest is that of
 * scanner/pack.h.
 */
#ifndef SCANNER_PACK_STREAM_H
#define SCANNER_PACK_STREAM_H

#include "base/err.h"
#include "base/slice.h"
#include "scanner/pack.h"

struct pack_stream;

/* `id_bytes`: 20 or 32.  `bytes_most` of the pack.  The visitor outlives the stream; what comes
 * before the end is told to its first thread.  ERR_MEMORY. */
must_use enum err pack_stream_open(size_t id_bytes, uint64_t bytes_most,
                                   const struct pack_visitor *visitor, struct pack_stream **stream);
void pack_stream_close(struct pack_stream **stream);

/* The next bytes, which are copied.  After the first error, the same one again.
 * ERR_MALFORMED: it cannot go on behind what is there; ERR_FULL: too many bytes, or the visitor's
 * time is over; ERR_MEMORY. */
must_use enum err pack_stream_take(struct pack_stream *stream, struct slice bytes);

/* All of a pack at once instead, such as a file; not copied, they outlive the stream.  The end has
 * the errors. */
void pack_stream_take_all(struct pack_stream *stream, struct slice bytes);

/* There are no more bytes: whatever its errors before, the differences among what has come are told
 * now, once.  `unreached` as of pack_walk.  Errors as before; ERR_MALFORMED also: it is cut off, or
 * has something behind it. */
must_use enum err pack_stream_end(struct pack_stream *stream, uint32_t *unreached);

/* All that has come; as long as the stream. */
struct slice pack_stream_bytes(const struct pack_stream *stream);

/* Of the last error, such as "is no pack of git"; static. */
const char *pack_stream_why(const struct pack_stream *stream);

#endif
