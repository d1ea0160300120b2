#include "cli/table.h"

#include <stdlib.h>

int text_width(const char *text)
{
    int width = 0;

    for (; *text != '\0'; text++)
        width += (*text & 0xC0) != 0x80;
    return width;
}

void table_init(struct table *t, const char *const *titles)
{
    *t = (struct table){ .titles = titles };
    while (titles[t->columns] != NULL)
        t->columns++;
}

void table_wipe(struct table *t)
{
    for (size_t i = 0; i < t->count; i++)
        free(t->cells[i].text);
    free(t->cells);
    *t = (struct table){ 0 };
}

/* C0 and DEL, and C1 in its two-byte form: 0xC2 0x80 to 0xC2 0x9F. */
static void controls_replace(char *text)
{
    for (; *text != '\0'; text++) {
        unsigned char c = (unsigned char)text[0], next = (unsigned char)text[1];

        if (c < 0x20 || c == 0x7F)
            *text = '?';
        if (c == 0xC2 && next >= 0x80 && next <= 0x9F)
            text[0] = text[1] = '?';
    }
}

void table_add_toned(struct table *t, const char *text, enum tone tone)
{
    if (t->count == t->capacity) {
        size_t capacity = t->capacity == 0 ? 64 : 2 * t->capacity;
        struct table_cell *cells = reallocarray(t->cells, capacity, sizeof *cells);

        if (cells == NULL) {
            t->failed = true;
            return;
        }
        t->cells = cells;
        t->capacity = capacity;
    }
    t->cells[t->count] = (struct table_cell){ strdup(text == NULL ? "-" : text), tone };
    if (t->cells[t->count].text == NULL) {
        t->failed = true;
        return;
    }
    controls_replace(t->cells[t->count++].text);
}

void table_add(struct table *t, const char *text)
{
    table_add_toned(t, text, TONE_PLAIN);
}

static void cell_print(const char *text, enum tone tone, int width, bool last, FILE *out)
{
    bool colours = terminal_colours(out);

    fprintf(out, "%s%s%s", tone_begin(tone, colours), text, tone_end(tone, colours));
    if (!last)
        fprintf(out, "%*s", width - text_width(text) + 2, "");
    else
        fputc('\n', out);
}

void table_print(const struct table *t, FILE *out)
{
    int widths[TABLE_COLUMNS_MOST] = { 0 };
    bool titled = false;

    if (t->failed) {
        fputs("latchkey: not enough memory to show this\n", stderr);
        return;
    }
    for (int i = 0; i < t->columns; i++) {
        widths[i] = text_width(t->titles[i]);
        titled |= widths[i] > 0;
    }
    for (size_t i = 0; i < t->count; i++) {
        int width = text_width(t->cells[i].text), column = (int)(i % (size_t)t->columns);

        if (width > widths[column])
            widths[column] = width;
    }
    for (int i = 0; titled && i < t->columns; i++)
        cell_print(t->titles[i], TONE_DIM, widths[i], i + 1 == t->columns, out);
    for (size_t i = 0; i < t->count; i++) {
        int column = (int)(i % (size_t)t->columns);

        cell_print(t->cells[i].text, t->cells[i].tone, widths[column], column + 1 == t->columns,
                   out);
    }
}
