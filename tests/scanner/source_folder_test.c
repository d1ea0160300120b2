#include "../test.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "scanner/source_folder.h"

/* A secret of nobody, whose checksum is right (docs/formats/key.md). */
#define SECRET                                        \
    "lks_test_00000000000000000000000000000000000000" \
    "4e004qz0"

static size_t told;
static enum err answer;

static enum err tell(void *context, const struct finding_batch *batch)
{
    (void)context;
    told += json_array_size(batch->findings);
    return answer;
}

static void file_is_noted_once(const char *name)
{
    char folder[] = "/tmp/lk-drop-XXXXXX", kept_in[] = "/tmp/lk-state-XXXXXX", path[64], kept[64];
    const struct source_settings settings = { .name = "a",
                                              .kind = SOURCE_FOLDER,
                                              .folder = folder };
    const struct service_settings service = { .state = kept_in, .agent = "a" };
    const struct source_teller teller = { tell, NULL };
    struct source source;

    assert_non_null(mkdtemp(folder));
    assert_non_null(mkdtemp(kept_in));
    snprintf(path, sizeof path, "%s/%s", folder, name);
    snprintf(kept, sizeof kept, "%s/a.json", kept_in);
    assert_int_equal(file_write_atomic(path, 0600, SLICE("k = '" SECRET "'\n")), OK);
    told = 0;
    assert_int_equal(source_open(&source, &settings, &service, &teller, -1), OK);
    answer = ERR_IO;
    assert_int_equal(source_folder_turn(&source), ERR_IO);
    assert_int_equal(told, 1);
    assert_int_not_equal(access(kept, F_OK), 0);
    answer = OK;
    assert_int_equal(source_folder_turn(&source), OK);
    assert_int_equal(told, 2);
    assert_int_equal(access(kept, F_OK), 0);
    assert_int_equal(source_folder_turn(&source), OK);
    assert_int_equal(told, 2);
    assert_int_equal(file_write_atomic(path, 0600, SLICE("x\nk = '" SECRET "'\n")), OK);
    assert_int_equal(source_folder_turn(&source), OK);
    assert_int_equal(told, 3);
    unlink(path);
    assert_int_equal(source_folder_turn(&source), OK);
    assert_int_equal(json_object_size(json_object_get(source.checkpoint, "files")), 0);
    source_close(&source);
    unlink(kept);
    rmdir(folder);
    rmdir(kept_in);
}

TEST(a_file_is_noted_once_the_authority_has_answered)
{
    file_is_noted_once("a.js");
}

TEST(a_name_that_is_no_utf_8_is_one_like_any_other)
{
    file_is_noted_once("caf\xe9.js");
}

TEST_MAIN
