/* A route table from anywhere: nothing but a sentence or a table in order, and each row of it is
 * found by its own path. */
#include <stdlib.h>

#include "gate/route_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool own_path(const char *pattern, char path[PATH_MOST])
{
    size_t size = 0;

    for (; *pattern != '\0'; pattern++) {
        if (size + 2 >= PATH_MOST)
            return false;
        if (*pattern == '{' || *pattern == '*') {
            path[size++] = '~'; /* no literal has it */
            pattern += strcspn(pattern, "/") - 1;
        } else {
            path[size++] = *pattern;
        }
    }
    path[size] = '\0';
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct route_file file;
    struct route_problem problem;
    char *text = malloc(size + 1), path[PATH_MOST];

    if (text == NULL)
        return 0;
    if (size > 0)
        memcpy(text, data, size);
    if (route_file_parse(text, size, &file, &problem)) {
        for (size_t i = 0; i < file.table.count; i++) {
            const struct route *row = &file.rows[i];

            if (i > 0 && route_order(&file.rows[i - 1], row) >= 0)
                abort();
            if (own_path(row->pattern, path) &&
                route_find(&file.table,
                           row->method == HTTP_METHOD_ANY ? HTTP_METHOD_OTHER
                                                          : (enum http_method)row->method,
                           slice_of(path)) != row)
                abort();
        }
    } else if (problem.words[0] == '\0') {
        abort();
    }
    free(text);
    return 0;
}
