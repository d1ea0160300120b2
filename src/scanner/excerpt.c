#include "scanner/excerpt.h"

#include <assert.h>
#include <string.h>

enum { MASKED_MOST = 8 };

/* Keys in what is shown, or partly in it. */
struct masks {
    uint64_t from, to;
    size_t count;
    bool is_over; /* there are more */
    struct mask {
        uint64_t from, to;
        char shown[MATCH_SHOWN_SIZE];
    } at[MASKED_MOST];
};

struct text {
    char *at;
    size_t size;
    bool is_full;
};

static bool mask_note(void *context, const struct match *match)
{
    struct masks *masks = context;
    struct mask *mask = &masks->at[masks->count];

    if (match->offset >= masks->to || match->offset + match->size <= masks->from)
        return true;
    masks->is_over = masks->count == MASKED_MOST;
    if (masks->is_over)
        return false;
    masks->count++;
    mask->from = match->offset;
    mask->to = match->offset + match->size;
    match_show(match, mask->shown);
    return true;
}

static const struct mask *mask_over(const struct masks *masks, uint64_t offset)
{
    for (size_t i = 0; i < masks->count; i++)
        if (offset >= masks->at[i].from && offset < masks->at[i].to)
            return &masks->at[i];
    return NULL;
}

static void text_add(struct text *text, const char *bytes, size_t size)
{
    if (text->size + size >= EXCERPT_SIZE) {
        text->is_full = true;
        return;
    }
    memcpy(text->at + text->size, bytes, size);
    text->size += size;
}

static char shown_byte(char byte)
{
    if (byte == '\n' || byte == '\r' || byte == '\t')
        return ' ';
    return byte < ' ' || byte > '~' ? '.' : byte;
}

static uint64_t back_from(uint64_t offset, uint64_t by, uint64_t least)
{
    return offset - least > by ? offset - by : least;
}

void excerpt_cut(struct matcher *matcher, const struct object_part *part, const struct match *match,
                 char text[EXCERPT_SIZE])
{
    const uint64_t end = part->from + part->bytes.size, key_end = match->offset + match->size;
    const uint64_t to = end - key_end > EXCERPT_AROUND ? key_end + EXCERPT_AROUND : end;
    const uint64_t reach = end - to > MATCHER_OVERLAP ? to + MATCHER_OVERLAP : end;
    const uint64_t least = back_from(match->offset, EXCERPT_BACK, part->from);
    struct masks masks = { .from = back_from(match->offset, EXCERPT_AROUND, part->from), .to = to };
    struct text made = { .at = text };
    const struct mask *mask;
    struct slice around;

    assert(match->offset >= part->from && key_end <= end);
    around = (struct slice){ part->bytes.at + (least - part->from), (size_t)(reach - least) };
    matcher_scan(matcher, around, around.size, least, mask_note, &masks);
    text[0] = '\0';
    if (masks.is_over || mask_over(&masks, match->offset) == NULL)
        return;
    for (uint64_t at = masks.from; at < to;) {
        char byte = shown_byte(part->bytes.at[at - part->from]);

        mask = mask_over(&masks, at);
        if (mask == NULL)
            text_add(&made, &byte, 1);
        else
            text_add(&made, mask->shown, strlen(mask->shown));
        at = mask == NULL ? at + 1 : mask->to;
    }
    text[made.is_full ? 0 : made.size] = '\0';
}

void excerpt_mask(struct matcher *matcher, char *text)
{
    const struct slice whole = slice_of(text);
    struct masks masks = { .to = whole.size };
    size_t size = 0;

    matcher_scan(matcher, whole, whole.size, 0, mask_note, &masks);
    if (masks.is_over)
        text[0] = '\0';
    if (masks.is_over || masks.count == 0)
        return;
    /* What is shown of a key is never longer than the key. */
    for (size_t at = 0; at < whole.size;) {
        const struct mask *mask = mask_over(&masks, at);
        size_t shown = mask == NULL ? 1 : strlen(mask->shown);

        memmove(text + size, mask == NULL ? text + at : mask->shown, shown);
        size += shown;
        at = mask == NULL ? at + 1 : mask->to;
    }
    text[size] = '\0';
}
