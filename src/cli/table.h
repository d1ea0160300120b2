/* cli/table.h: columns for people
 *
 * Text that came over the network (paths, labels, reasons) is shown with control characters
 * replaced, so that nobody can move the operator's cursor or colour a refusal green.
 */
#ifndef CLI_TABLE_H
#define CLI_TABLE_H

#include <stdio.h>

#include "cli/terminal.h"

enum { TABLE_COLUMNS_MOST = 12 };

struct table {
    const char *const *titles; /* NULL-terminated; borrowed */
    int columns;
    struct table_cell {
        char *text;
        enum tone tone;
    } *cells;
    size_t count, capacity;
    bool failed; /* out of memory: table_print says so */
};

/* `titles` names 1 to TABLE_COLUMNS_MOST columns; empty titles are not printed. */
void table_init(struct table *t, const char *const *titles);
void table_wipe(struct table *t);

/* Cells fill rows from left to right; NULL stands for "-". */
void table_add(struct table *t, const char *text);
void table_add_toned(struct table *t, const char *text, enum tone tone);

void table_print(const struct table *t, FILE *out);

/* Columns that a terminal shows for UTF-8 text, one a code point. */
int text_width(const char *text);

#endif
