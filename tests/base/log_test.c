#include "base/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../test.h"

/* Runs in the test's own process: standard error is put aside for the length of the call. */
static size_t captured(char *text, size_t size)
{
    char name[] = "/tmp/latchkey-log-XXXXXX", longest[2000];
    int file = mkstemp(name), aside = dup(STDERR_FILENO);
    ssize_t got;

    memset(longest, 'x', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    assert_true(file >= 0 && aside >= 0);
    dup2(file, STDERR_FILENO);
    log_level_set(LOG_WARN);
    log_info("part", "dropped");
    log_warn("part", "kept %d", 7);
    log_error("part", "%s", longest);
    log_level_set(LOG_INFO);
    dup2(aside, STDERR_FILENO);
    got = pread(file, text, size - 1, 0);
    close(file);
    close(aside);
    unlink(name);
    assert_true(got > 0);
    text[got] = '\0';
    return (size_t)got;
}

TEST(a_line_names_level_and_part_and_is_never_cut_without_its_line_feed)
{
    char text[4096];
    size_t size = captured(text, sizeof text);

    assert_non_null(strstr(text, "Z warn part: kept 7\n"));
    assert_null(strstr(text, "dropped"));
    assert_int_equal(text[size - 1], '\n');
    assert_true(size < 1200);
}

TEST_MAIN
