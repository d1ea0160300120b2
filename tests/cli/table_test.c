#include "cli/table.h"

#include <stdlib.h>
#include <string.h>

#include "test.h"

static char *printed(const struct table *t)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    table_print(t, out);
    fclose(out);
    return text;
}

TEST(columns_are_as_wide_as_their_widest_cell)
{
    static const char *const titles[] = { "ID", "LABEL", NULL };
    struct table t;
    char *text;

    table_init(&t, titles);
    table_add(&t, "1");
    table_add(&t, "a long label");
    table_add(&t, "12345");
    table_add(&t, NULL);
    text = printed(&t);
    assert_string_equal(text, "ID     LABEL\n1      a long label\n12345  -\n");
    free(text);
    table_wipe(&t);
}

TEST(width_counts_characters_not_bytes)
{
    static const char *const titles[] = { "", "", NULL };
    struct table t;
    char *text;

    assert_int_equal(text_width("Zürich"), 6);
    table_init(&t, titles);
    table_add(&t, "Zürich");
    table_add(&t, "x");
    table_add(&t, "Zurich");
    table_add(&t, "y");
    text = printed(&t);
    assert_string_equal(text, "Zürich  x\nZurich  y\n");
    free(text);
    table_wipe(&t);
}

TEST(a_path_cannot_move_the_cursor)
{
    static const char *const titles[] = { "PATH", NULL };
    struct table t;
    char *text;

    table_init(&t, titles);
    table_add(&t, "/v2/\033[2J\r\n\x7f\xc2\x9bK");
    text = printed(&t);
    assert_string_equal(text, "PATH\n/v2/?[2J????\?K\n");
    free(text);
    table_wipe(&t);
}

TEST_MAIN
