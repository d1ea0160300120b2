#include "base/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../test.h"

TEST(an_atomic_write_is_read_back_and_replaces_the_old)
{
    char folder[] = "/tmp/latchkey-file-XXXXXX", path[128];
    struct buffer content;
    struct stat facts;

    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/a/b", folder);
    assert_int_equal(file_folder_make(path, 0700), OK);
    assert_int_equal(file_folder_make(path, 0700), OK);
    snprintf(path, sizeof path, "%s/a/b/note", folder);
    assert_int_equal(file_write_atomic(path, 0600, SLICE("first, and longer")), OK);
    assert_int_equal(file_write_atomic(path, 0600, SLICE("second")), OK);
    buffer_init(&content);
    assert_int_equal(file_read(path, 100, &content), OK);
    assert_true(slice_is(buffer_slice(&content), SLICE("second")));
    assert_int_equal(stat(path, &facts), 0);
    assert_int_equal(facts.st_mode & 0777, 0600);
    buffer_wipe(&content);
    assert_int_equal(file_read(path, 3, &content), ERR_FULL);
    buffer_wipe(&content);
    unlink(path);
    assert_int_equal(file_read(path, 100, &content), ERR_MISSING);
}

TEST(a_secret_is_read_only_while_nobody_else_can)
{
    static const mode_t modes[] = { 0640, 0604, 0620, 0660, 0777 };
    char name[] = "/tmp/latchkey-file-XXXXXX", bytes[8];
    int fd = mkstemp(name);
    size_t size = 0;

    assert_true(fd >= 0);
    assert_int_equal(file_write_all(fd, SLICE("secret!")), OK);
    assert_int_equal(file_read_private(name, bytes, sizeof bytes, &size), OK);
    assert_int_equal(size, 7);
    assert_memory_equal(bytes, "secret!", 7);
    assert_int_equal(file_read_private(name, bytes, 7, &size), ERR_FULL);
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
        assert_int_equal(fchmod(fd, modes[i]), 0);
        assert_int_equal(file_read_private(name, bytes, sizeof bytes, &size), ERR_DENIED);
    }
    close(fd);
    unlink(name);
    assert_int_equal(file_read_private(name, bytes, sizeof bytes, &size), ERR_MISSING);
    assert_int_equal(file_read_private("/tmp", bytes, sizeof bytes, &size), ERR_IO);
}

TEST(reading_at_a_place_stops_only_at_the_end_of_the_file)
{
    char name[] = "/tmp/latchkey-file-XXXXXX", bytes[16];
    int fd = mkstemp(name);

    assert_true(fd >= 0);
    unlink(name);
    assert_int_equal(file_write_all(fd, SLICE("0123456789")), OK);
    assert_int_equal(file_read_at(fd, bytes, 4, 3), 4);
    assert_memory_equal(bytes, "3456", 4);
    assert_int_equal(file_read_at(fd, bytes, sizeof bytes, 8), 2);
    assert_int_equal(file_read_at(fd, bytes, sizeof bytes, 10), 0);
    close(fd);
    assert_int_equal(file_read_at(fd, bytes, sizeof bytes, 0), -1);
}

TEST(a_file_in_memory_is_read_from_its_start)
{
    char bytes[8];
    int fd;

    assert_int_equal(file_in_memory(SLICE("in memory"), &fd), OK);
    assert_int_equal(read(fd, bytes, 2), 2);
    assert_memory_equal(bytes, "in", 2);
    close(fd);
}

TEST(a_folder_that_cannot_be_written_is_an_error)
{
    assert_int_equal(file_write_atomic("/proc/no-such-folder/x", 0600, SLICE("x")), ERR_IO);
}

TEST_MAIN
