/* The document and the table of resources say the same. */
#include "../test.h"

#include <ctype.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "portal/access.h"
#include "portal/embedded.h"

static const struct {
    const char *method, *path;
    unsigned access;
} rows[] = {
#define RESOURCE(method, path, function, access) { method, path, access },
#include "portal/resources.def"
#undef RESOURCE
};

enum { ROW_COUNT = sizeof rows / sizeof *rows };

static json_t *document(void)
{
    json_error_t error;
    json_t *d = json_loadb(embedded_openapi.at, embedded_openapi.size, 0, &error);

    if (d == NULL)
        fail_msg("openapi.json: %s", error.text);
    return d;
}

static void lower(const char *method, char text[8])
{
    size_t i = 0;

    for (; method[i] != '\0' && i < 7; i++)
        text[i] = (char)tolower((unsigned char)method[i]);
    text[i] = '\0';
}

TEST(each_row_is_described_with_its_reply_and_who_may)
{
    json_t *d = document(), *paths = json_object_get(d, "paths");

    for (size_t i = 0; i < ROW_COUNT; i++) {
        char method[8];
        json_t *operation, *security;

        lower(rows[i].method, method);
        operation = json_object_get(json_object_get(paths, rows[i].path), method);
        if (operation == NULL)
            fail_msg("%s %s is not described: add it to src/portal/openapi/", rows[i].method,
                     rows[i].path);
        if (json_object_get(operation, "responses") == NULL)
            fail_msg("%s %s: no responses", rows[i].method, rows[i].path);
        security = json_object_get(operation, "security");
        if (!json_is_array(security) ||
            (json_array_size(security) == 0) != ((rows[i].access & ACCESS_LEVEL) == ANYONE))
            fail_msg("%s %s: security does not say who may", rows[i].method, rows[i].path);
    }
    json_decref(d);
}

TEST(nothing_is_described_that_there_is_not)
{
    json_t *d = document(), *methods, *operation;
    const char *path, *method;

    json_object_foreach(json_object_get(d, "paths"), path, methods) {
        json_object_foreach(methods, method, operation) {
            bool found = false;

            for (size_t i = 0; i < ROW_COUNT && !found; i++)
                found = strcasecmp(rows[i].method, method) == 0 &&
                        strcmp(rows[i].path, path) == 0;
            if (!found)
                fail_msg("%s %s is described, but no row of resources.def", method, path);
        }
    }
    json_decref(d);
}

TEST(each_path_names_its_parameters)
{
    json_t *d = document(), *methods, *operation, *parameter;
    const char *path, *method;
    size_t i;

    json_object_foreach(json_object_get(d, "paths"), path, methods) {
        json_object_foreach(methods, method, operation) {
            size_t named = 0, braces = 0;

            json_array_foreach(json_object_get(operation, "parameters"), i, parameter) {
                if (strcmp(json_string_value(json_object_get(parameter, "in")), "path") == 0)
                    named++;
            }
            for (const char *at = path; *at != '\0'; at++)
                braces += *at == '{';
            if (named != braces)
                fail_msg("%s %s: %zu names in the path, %zu parameters", method, path, braces,
                         named);
        }
    }
    json_decref(d);
}

TEST_MAIN
