/* fuzz/label.c: what a label may be (B7), asked as the browser asks it
 *
 * The bytes are judged as they come, and once more through JSON, whose reader is what keeps bad
 * UTF-8 out.  A label that is taken is good UTF-8 of at most 64 bytes without anything that nobody
 * sees, judged here by another decoder than the product's, and it clashes with itself, whatever the
 * size of its ASCII letters and the spaces around it. */
#include <ctype.h>
#include <jansson.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "authority/key_draft.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define must(is)     \
    do {             \
        if (!(is))   \
            abort(); \
    } while (0)

/* The code point at `at`, by the table of RFC 3629, section 4; 0: none is there. */
static uint32_t decoded(const uint8_t *at, size_t size, size_t *used)
{
    static const struct {
        uint8_t first, last, low, high; /* of the first byte; of the second one */
        size_t size;
    } rows[] = { { 0x00, 0x7f, 0, 0, 1 },       { 0xc2, 0xdf, 0x80, 0xbf, 2 },
                 { 0xe0, 0xe0, 0xa0, 0xbf, 3 }, { 0xe1, 0xec, 0x80, 0xbf, 3 },
                 { 0xed, 0xed, 0x80, 0x9f, 3 }, { 0xee, 0xef, 0x80, 0xbf, 3 },
                 { 0xf0, 0xf0, 0x90, 0xbf, 4 }, { 0xf1, 0xf3, 0x80, 0xbf, 4 },
                 { 0xf4, 0xf4, 0x80, 0x8f, 4 } };

    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
        uint32_t c = at[0];

        if (at[0] < rows[r].first || at[0] > rows[r].last || size < rows[r].size)
            continue;
        *used = rows[r].size;
        if (*used == 1)
            return c;
        if (at[1] < rows[r].low || at[1] > rows[r].high)
            return 0;
        c &= 0x3fu >> (*used - 1);
        for (size_t i = 1; i < *used; i++) {
            if ((at[i] & 0xc0) != 0x80)
                return 0;
            c = c << 6 | (at[i] & 0x3f);
        }
        return c;
    }
    return 0;
}

/* Controls, marks of direction, joiners, selectors, tags: ranges of Unicode 15, by name. */
static bool is_hidden(uint32_t c)
{
    static const uint32_t ranges[][2] = {
        { 0x00, 0x1f },         /* C0 */
        { 0x7f, 0xa0 },         /* DELETE, C1, NO-BREAK SPACE */
        { 0xad, 0xad },         /* SOFT HYPHEN */
        { 0x61c, 0x61c },       /* ARABIC LETTER MARK */
        { 0x180e, 0x180e },     /* MONGOLIAN VOWEL SEPARATOR */
        { 0x200b, 0x200f },     /* ZERO WIDTH SPACE to RIGHT-TO-LEFT MARK */
        { 0x2028, 0x202e },     /* LINE SEPARATOR to RIGHT-TO-LEFT OVERRIDE */
        { 0x2060, 0x206f },     /* WORD JOINER, isolates */
        { 0xfe00, 0xfe0f },     /* variation selectors */
        { 0xfeff, 0xfeff },     /* byte order mark */
        { 0xe0000, 0x10ffff },  /* tags, and what is private */
    };

    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
        if (c >= ranges[i][0] && c <= ranges[i][1])
            return true;
    return false;
}

static bool label_read(struct slice label, struct key_draft *d)
{
    static struct refusal refusal;

    *d = (struct key_draft){ .name = "key 1" };
    refusal_init(&refusal);
    key_draft_label_read(d, label, &refusal);
    if (refusal_is(&refusal))
        must(refusal.count == 1 && strcmp(refusal.reasons[0].field, "label") == 0 &&
             (strcmp(refusal.reasons[0].code, "label-length") == 0 ||
              strcmp(refusal.reasons[0].code, "label-characters") == 0));
    return !refusal_is(&refusal);
}

/* Of a label that came through JSON and was taken. */
static void taken_judge(const struct key_draft *d)
{
    static struct key_draft again;
    char other[KEY_LABEL_MOST + 8] = "  ";
    size_t size = strlen(d->row.label), used = 0;

    must(size >= 1 && size <= KEY_LABEL_MOST && strlen(d->row.label_folded) == size);
    must(d->row.label[0] != ' ' && d->row.label[size - 1] != ' ');
    for (size_t i = 0; i < size; i += used) {
        uint32_t c = decoded((const uint8_t *)d->row.label + i, size - i, &used);

        must(c != 0 && !is_hidden(c));
    }
    for (size_t i = 0; i < size; i++)
        other[2 + i] = (char)toupper((unsigned char)d->row.label[i]);
    other[2 + size] = ' ';
    must(label_read(slice_of(other), &again));
    must(strcmp(again.row.label_folded, d->row.label_folded) == 0);
    must(label_read(slice_of(d->row.label), &again));
    must(strcmp(again.row.label, d->row.label) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct key_draft d;
    json_t *text;

    (void)label_read((struct slice){ (const char *)data, size }, &d); /* it must only not break */
    text = json_stringn((const char *)data, size);
    if (text == NULL)
        return 0;
    if (label_read((struct slice){ json_string_value(text), json_string_length(text) }, &d))
        taken_judge(&d);
    json_decref(text);
    return 0;
}
