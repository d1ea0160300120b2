#include "scanner/http_record.h"

#include <strings.h>

/* Up to the line feed; false: there is none. */
static bool line_take(struct slice *rest, struct slice *line)
{
    const char *end = rest->size == 0 ? NULL : memchr(rest->at, '\n', rest->size);

    if (end == NULL)
        return false;
    *line = (struct slice){ rest->at, (size_t)(end - rest->at) };
    *rest = slice_from(*rest, line->size + 1);
    if (line->size > 0 && line->at[line->size - 1] == '\r')
        line->size--;
    return true;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t';
}

static struct slice trimmed(struct slice text)
{
    while (text.size > 0 && is_space(*text.at))
        text = slice_from(text, 1);
    while (text.size > 0 && is_space(text.at[text.size - 1]))
        text.size--;
    return text;
}

bool http_record_word_is(struct slice text, const char *word)
{
    return text.size == strlen(word) && strncasecmp(text.at, word, text.size) == 0;
}

bool http_record_field(struct slice *head, struct slice *name, struct slice *value)
{
    struct slice line;
    const char *colon;

    while (line_take(head, &line) && line.size > 0) {
        colon = memchr(line.at, ':', line.size);
        if (colon == NULL)
            continue;
        *name = (struct slice){ line.at, (size_t)(colon - line.at) };
        *value = trimmed(slice_from(line, name->size + 1));
        return true;
    }
    return false;
}

/* The last of a list, which is what was done last. */
static struct slice last_word(struct slice list)
{
    const char *comma = list.size == 0 ? NULL : memrchr(list.at, ',', list.size);

    return comma == NULL ? list : trimmed(slice_from(list, (size_t)(comma - list.at) + 1));
}

/* Those begin as no other bytes do, and whoever unpacks knows them. */
static bool tells_itself(struct slice coding)
{
    static const char *const words[] = { "gzip", "x-gzip", "zstd", "identity", "" };

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (http_record_word_is(coding, words[i]))
            return true;
    return false;
}

bool http_record_read(struct slice bytes, struct http_record *record)
{
    struct slice rest = bytes, name, value;

    *record = (struct http_record){ .is_chunked = false };
    if (!slice_starts(bytes, SLICE("HTTP/1.")))
        return false;
    while (http_record_field(&rest, &name, &value)) {
        value = last_word(value);
        if (http_record_word_is(name, "transfer-encoding"))
            record->is_chunked = http_record_word_is(value, "chunked");
        else if (http_record_word_is(name, "content-encoding") && !tells_itself(value))
            record->coding = value;
    }
    record->head = (struct slice){ bytes.at, bytes.size - rest.size };
    record->body = rest;
    return true;
}

/* Hexadecimal digits, and an extension behind a semicolon; false: there are none, or too many. */
static bool size_parse(struct slice line, size_t *size)
{
    size_t digits = 0;

    *size = 0;
    for (; digits < line.size; digits++) {
        const char *all = "0123456789abcdef0123456789ABCDEF", *digit;

        digit = line.at[digits] == '\0' ? NULL : strchr(all, line.at[digits]);
        if (digit == NULL)
            break;
        *size = *size << 4 | (size_t)(digit - all) % 16;
    }
    line = trimmed(slice_from(line, digits));
    return digits > 0 && digits <= 15 && (line.size == 0 || *line.at == ';');
}

bool http_record_join(struct slice chunks, char *into, size_t *size)
{
    struct slice line;
    size_t chunk, part;

    *size = 0;
    while (line_take(&chunks, &line) && size_parse(line, &chunk)) {
        if (chunk == 0)
            return true; /* trailers follow, which nobody unpacks */
        part = chunk < chunks.size ? chunk : chunks.size;
        memcpy(into + *size, chunks.at, part);
        *size += part;
        chunks = slice_from(chunks, part);
        if (!line_take(&chunks, &line) || line.size > 0)
            return false;
    }
    return false;
}
