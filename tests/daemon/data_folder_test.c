#include "daemon/data_folder.h"

#include <stdio.h>
#include <stdlib.h>

#include "../test.h"

static void write_version(const char *data, struct slice text)
{
    char path[FILE_PATH_SIZE];

    assert_true(data_path(path, data, "VERSION"));
    assert_int_equal(file_write_atomic(path, 0600, text), OK);
}

TEST(a_folder_is_made_and_marked_once)
{
    char base[] = "/tmp/latchkey-data-XXXXXX", data[64];

    assert_non_null(mkdtemp(base));
    snprintf(data, sizeof data, "%s/data", base);
    assert_int_equal(data_version_find(data), DATA_NONE);
    assert_int_equal(data_folder_take(data, "test"), OK);
    assert_int_equal(data_version_find(data), DATA_CURRENT);
    assert_int_equal(data_folder_take(data, "test"), OK);
}

TEST(another_version_and_a_strangers_file_are_told_apart_and_refused)
{
    char data[] = "/tmp/latchkey-data-XXXXXX";

    assert_non_null(mkdtemp(data));
    write_version(data, SLICE("latchkey data 99\n"));
    assert_int_equal(data_version_find(data), DATA_OTHER);
    assert_int_equal(data_folder_take(data, "test"), ERR_VERSION);
    write_version(data, SLICE("something else\n"));
    assert_int_equal(data_version_find(data), DATA_FOREIGN);
    assert_int_equal(data_folder_take(data, "test"), ERR_VERSION);
}

TEST_MAIN
