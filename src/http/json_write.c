#include "http/json_write.h"

#include "base/fixed.h"

static void comma(struct json_writer *w)
{
    if (w->comma)
        buffer_append_char(w->out, ',');
    w->comma = true;
}

void json_put_raw(struct json_writer *w, struct slice json)
{
    comma(w);
    buffer_append(w->out, json);
}

void json_put_open(struct json_writer *w, char bracket)
{
    comma(w);
    buffer_append_char(w->out, bracket);
    w->comma = false;
}

void json_put_close(struct json_writer *w, char bracket)
{
    buffer_append_char(w->out, bracket);
    w->comma = true;
}

void json_put_nulls(struct json_writer *w, size_t count)
{
    for (size_t i = 0; i < count; i++)
        json_put_raw(w, SLICE("null"));
}

void json_put_bool(struct json_writer *w, bool value)
{
    json_put_raw(w, value ? SLICE("true") : SLICE("false"));
}

void json_put_uint(struct json_writer *w, uint64_t value)
{
    char digits[20];
    size_t at = sizeof digits;

    do
        digits[--at] = (char)('0' + value % 10);
    while ((value /= 10) > 0);
    json_put_raw(w, (struct slice){ digits + at, sizeof digits - at });
}

void json_put_int(struct json_writer *w, int64_t value)
{
    if (value >= 0) {
        json_put_uint(w, (uint64_t)value);
        return;
    }
    comma(w);
    buffer_append_char(w->out, '-');
    w->comma = false;
    json_put_uint(w, -(uint64_t)value);
}

void json_put_fixed(struct json_writer *w, int64_t value)
{
    char text[FIXED_TEXT_SIZE];
    size_t size = fixed_format(value, text);

    json_put_raw(w, (struct slice){ text, size });
}

/* Size of the UTF-8 character at the start of `text` (RFC 3629: no surrogates, nothing overlong);
 * 0: there is none. */
static size_t character_size(struct slice text)
{
    const unsigned char *at = (const unsigned char *)text.at;
    size_t size = at[0] < 0x80 ? 1 : at[0] < 0xc2 ? 0 : at[0] < 0xe0 ? 2 : at[0] < 0xf0 ? 3 : 4;

    if (size < 2)
        return size;
    if (at[0] > 0xf4 || text.size < size)
        return 0;
    for (size_t i = 1; i < size; i++)
        if ((at[i] & 0xc0) != 0x80)
            return 0;
    if ((at[0] == 0xe0 && at[1] < 0xa0) || (at[0] == 0xed && at[1] > 0x9f) ||
        (at[0] == 0xf0 && at[1] < 0x90) || (at[0] == 0xf4 && at[1] > 0x8f))
        return 0;
    return size;
}

static void string_append(struct buffer *out, struct slice text)
{
    buffer_append_char(out, '"');
    while (text.size > 0) {
        unsigned char c = (unsigned char)text.at[0];
        size_t size = character_size(text);

        if (size == 0)
            buffer_append(out, SLICE("\\ufffd"));
        else if (c < 0x20)
            buffer_printf(out, "\\u%04x", c);
        else if (c == '"' || c == '\\')
            buffer_append(out, (struct slice){ (const char[]){ '\\', (char)c }, 2 });
        else
            buffer_append(out, (struct slice){ text.at, size });
        text = slice_from(text, size == 0 ? 1 : size);
    }
    buffer_append_char(out, '"');
}

void json_put_slice(struct json_writer *w, struct slice text)
{
    comma(w);
    string_append(w->out, text);
}

void json_put_text(struct json_writer *w, const char *text)
{
    if (text == NULL)
        json_put_nulls(w, 1);
    else
        json_put_slice(w, slice_of(text));
}

void json_put_key(struct json_writer *w, const char *name)
{
    json_put_slice(w, slice_of(name));
    buffer_append_char(w->out, ':');
    w->comma = false;
}
