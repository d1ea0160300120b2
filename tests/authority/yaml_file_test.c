#include "../test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "authority/yaml_file.h"
#include "base/file.h"

struct content {
    char *name;
};

static const cyaml_schema_field_t fields[] = {
    CYAML_FIELD_STRING_PTR("name", CYAML_FLAG_POINTER, struct content, name, 1, 9),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct content, fields),
};

TEST(a_fault_is_told_in_one_line_with_its_file)
{
    static const struct {
        const char *text, *part;
        enum err e;
    } rows[] = {
        { "name: ada\n", "", OK },
        { "nmae: ada\n", "nmae", ERR_MALFORMED },
        { "name: [\n", "", ERR_MALFORMED },
        { "name: far too long\n", "name", ERR_MALFORMED },
        { "a: &x 1\nname: *x\n", "", ERR_MALFORMED },
    };
    char path[] = "/tmp/lk-yaml-XXXXXX", problem[YAML_PROBLEM_SIZE];
    int fd = mkstemp(path);

    assert_true(fd >= 0);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct content *content = NULL;

        assert_int_equal(file_write_atomic(path, 0600, slice_of(rows[i].text)), OK);
        assert_int_equal(yaml_file_read(path, &schema, (void **)&content, problem), rows[i].e);
        assert_null(strchr(problem, '\n'));
        assert_int_equal(problem[0] == '\0', rows[i].e == OK);
        if (rows[i].e == OK)
            assert_string_equal(content->name, "ada");
        else
            assert_ptr_equal(strstr(problem, path), problem);
        assert_non_null(strstr(problem, rows[i].part));
        yaml_file_free(&schema, content);
    }
    unlink(path);
    close(fd);
    assert_int_equal(yaml_file_read(path, &schema, &(void *){ NULL }, problem), ERR_MISSING);
    assert_non_null(strstr(problem, "No such file"));
}

TEST_MAIN
