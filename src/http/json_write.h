/* http/json_write.h: JSON text, written front to back
 *
 * jansson prints numbers by way of doubles; money here is exact.  Commas come by themselves:
 *
 *     json_put_open(&w, '[');
 *     json_put_uint(&w, 7);
 *     json_put_fixed(&w, price);
 *     json_put_close(&w, ']');            [7,0.5]
 *
 * Failures show in the buffer (base/buffer.h).
 */
#ifndef HTTP_JSON_WRITE_H
#define HTTP_JSON_WRITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/slice.h"

struct json_writer {
    struct buffer *out;
    bool comma; /* before the next value or key */
};

static inline struct json_writer json_writer_of(struct buffer *out)
{
    return (struct json_writer){ .out = out };
}

void json_put_open(struct json_writer *w, char bracket);    /* '[' or '{' */
void json_put_close(struct json_writer *w, char bracket);   /* ']' or '}' */
void json_put_key(struct json_writer *w, const char *name); /* needs no escapes */

void json_put_nulls(struct json_writer *w, size_t count);
void json_put_bool(struct json_writer *w, bool value);
void json_put_int(struct json_writer *w, int64_t value);
void json_put_uint(struct json_writer *w, uint64_t value);
void json_put_fixed(struct json_writer *w, int64_t value); /* base/fixed.h */

/* Escapes what JSON demands; bytes that are not UTF-8 become U+FFFD. */
void json_put_slice(struct json_writer *w, struct slice text);
void json_put_text(struct json_writer *w, const char *text); /* NULL: null */

/* JSON already. */
void json_put_raw(struct json_writer *w, struct slice json);

#endif
