#include "scanner/warc.h"

#include "scanner/http_record.h"

void warc_begin(struct warc_reader *reader)
{
    reader->at = WARC_GAP;
    reader->head_size = 0;
}

bool warc_is_between(const struct warc_reader *reader)
{
    return reader->at == WARC_GAP;
}

static bool number_parse(struct slice text, uint64_t *number)
{
    *number = 0;
    for (size_t i = 0; i < text.size; i++) {
        if (text.at[i] < '0' || text.at[i] > '9' || *number > UINT64_MAX / 100)
            return false;
        *number = *number * 10 + (uint64_t)(text.at[i] - '0');
    }
    return text.size > 0;
}

/* Version 1.0 has addresses in angle brackets, at times. */
static struct slice uri_of(struct slice text)
{
    if (text.size >= 2 && text.at[0] == '<' && text.at[text.size - 1] == '>')
        return (struct slice){ text.at + 1, text.size - 2 };
    return text;
}

static bool head_parse(struct slice head, struct warc_record *record)
{
    struct slice rest = head, name, value;
    bool has_size = false;

    *record = (struct warc_record){ .head = head };
    if (!slice_starts(head, SLICE("WARC/")))
        return false;
    while (http_record_field(&rest, &name, &value)) {
        if (http_record_word_is(name, "content-length"))
            has_size = number_parse(value, &record->body_bytes);
        else if (http_record_word_is(name, "warc-type"))
            record->type = value;
        else if (http_record_word_is(name, "warc-target-uri"))
            record->uri = uri_of(value);
    }
    return has_size;
}

/* Whether the head ends here, with an empty line. */
static bool head_is_whole(const struct warc_reader *r)
{
    size_t size = r->head_size;

    return size >= 2 && r->head[size - 1] == '\n' &&
           (r->head[size - 2] == '\n' ||
            (size >= 3 && r->head[size - 2] == '\r' && r->head[size - 3] == '\n'));
}

static bool head_take(struct warc_reader *r, char byte, const struct warc_listener *l)
{
    struct warc_record record;

    if (r->head_size == sizeof r->head)
        return false;
    r->head[r->head_size++] = byte;
    if (byte != '\n' || !head_is_whole(r))
        return true;
    if (!head_parse((struct slice){ r->head, r->head_size }, &record))
        return false;
    r->left = record.body_bytes;
    r->at = WARC_BODY;
    return l->begin(l->context, &record);
}

static bool body_end(struct warc_reader *r, const struct warc_listener *l)
{
    if (r->at != WARC_BODY || r->left > 0)
        return true;
    warc_begin(r);
    return l->end(l->context);
}

bool warc_read(struct warc_reader *r, struct slice bytes, const struct warc_listener *l)
{
    while (bytes.size > 0) {
        size_t taken = 1;

        if (r->at == WARC_BODY) {
            taken = r->left < bytes.size ? (size_t)r->left : bytes.size;
            r->left -= taken;
            if (!l->bytes(l->context, (struct slice){ bytes.at, taken }))
                return false;
        } else if (r->at == WARC_HEAD || (*bytes.at != '\r' && *bytes.at != '\n')) {
            r->at = WARC_HEAD;
            if (!head_take(r, *bytes.at, l))
                return false;
        }
        if (!body_end(r, l))
            return false;
        bytes = slice_from(bytes, taken);
    }
    return true;
}
