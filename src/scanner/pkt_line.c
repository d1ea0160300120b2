#include "scanner/pkt_line.h"

#include <stdarg.h>
#include <stdio.h>

static bool digit_read(char c, unsigned *value)
{
    if (c >= '0' && c <= '9')
        *value = (unsigned)(c - '0');
    else if (c >= 'a' && c <= 'f')
        *value = (unsigned)(c - 'a') + 10;
    else if (c >= 'A' && c <= 'F')
        *value = (unsigned)(c - 'A') + 10;
    else
        return false;
    return true;
}

/* Of four digits; false: they are none, or say what no line has. */
static bool size_read(const char *digits, size_t *size)
{
    unsigned value;

    *size = 0;
    for (size_t i = 0; i < PKT_HEAD_BYTES; i++) {
        if (!digit_read(digits[i], &value))
            return false;
        *size = *size << 4 | value;
    }
    return *size != 3 && *size <= PKT_BYTES_MOST;
}

/* The first line of the bytes, if it is whole: how many it takes; 0: it is not. */
static enum pkt_verdict first_read(struct slice bytes, size_t *taken, enum pkt_kind *kind)
{
    size_t size;

    *taken = 0;
    if (bytes.size < PKT_HEAD_BYTES)
        return PKT_TAKEN;
    if (!size_read(bytes.at, &size))
        return PKT_WRONG;
    if (size < PKT_HEAD_BYTES) {
        *kind = size == 0 ? PKT_FLUSH : size == 1 ? PKT_DELIMITER : PKT_RESPONSE_END;
        *taken = PKT_HEAD_BYTES;
    } else if (size <= bytes.size) {
        *kind = PKT_LINE;
        *taken = size;
    }
    return PKT_TAKEN;
}

void pkt_begin(struct pkt_reader *reader)
{
    reader->size = 0;
}

bool pkt_is_between(const struct pkt_reader *reader)
{
    return reader->size == 0;
}

/* What the reader has is less than a line: as many bytes more as make the head whole, then the
 * line. */
static void rest_take(struct pkt_reader *reader, struct slice *bytes)
{
    size_t size = PKT_HEAD_BYTES, more;

    if (reader->size >= PKT_HEAD_BYTES)
        (void)size_read(reader->bytes, &size); /* was good when it came */
    more = size - reader->size < bytes->size ? size - reader->size : bytes->size;
    memcpy(reader->bytes + reader->size, bytes->at, more);
    reader->size += more;
    *bytes = slice_from(*bytes, more);
}

enum pkt_verdict pkt_read(struct pkt_reader *reader, struct slice bytes,
                          bool (*line)(void *context, enum pkt_kind kind, struct slice bytes),
                          void *context)
{
    enum pkt_kind kind = PKT_LINE;

    while (bytes.size > 0) {
        bool is_kept = reader->size > 0;
        struct slice from = bytes;
        size_t taken;

        if (is_kept) {
            rest_take(reader, &bytes);
            from = (struct slice){ reader->bytes, reader->size };
        }
        if (first_read(from, &taken, &kind) == PKT_WRONG)
            return PKT_WRONG;
        if (taken == 0 && is_kept)
            continue;
        if (taken == 0) { /* the start of a line: less than PKT_BYTES_MOST */
            memcpy(reader->bytes, bytes.at, bytes.size);
            reader->size = bytes.size;
            return PKT_TAKEN;
        }
        if (is_kept)
            reader->size = 0;
        else
            bytes = slice_from(bytes, taken);
        if (!line(context, kind,
                  (struct slice){ from.at + PKT_HEAD_BYTES, taken - PKT_HEAD_BYTES }))
            return PKT_STOPPED;
    }
    return PKT_TAKEN;
}

void pkt_append(struct buffer *message, const char *format, ...)
{
    char text[1024];
    va_list arguments;
    int size;

    va_start(arguments, format);
    size = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (size < 0 || (size_t)size >= sizeof text)
        message->failed = true; /* a request that would not be what was meant */
    else
        buffer_printf(message, "%04x%s\n", (unsigned)size + PKT_HEAD_BYTES + 1, text);
}

void pkt_append_end(struct buffer *message, enum pkt_kind kind)
{
    buffer_append(message, kind == PKT_FLUSH ? SLICE("0000") : SLICE("0001"));
}
