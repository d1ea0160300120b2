#include "base/log.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../test.h"

static void three_lines(void)
{
    char longest[2000];

    memset(longest, '"', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    log_level_set(LOG_WARN);
    log_info("part", "dropped");
    log_warn("part", "kept %d \\ \"so\"\nnot a line", 7);
    log_error("part", "%s", longest);
    log_level_set(LOG_INFO);
}

/* Runs in the test's own process: standard error is put aside for the length of the call. */
static size_t captured(char *text, size_t size)
{
    char name[] = "/tmp/latchkey-log-XXXXXX";
    int file = mkstemp(name), aside = dup(STDERR_FILENO);
    ssize_t got;

    assert_true(file >= 0 && aside >= 0);
    dup2(file, STDERR_FILENO);
    three_lines();
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
    char text[8192];
    size_t size;

    log_format_set(LOG_FORMAT_TEXT);
    size = captured(text, sizeof text);
    assert_non_null(strstr(text, "Z warn part: kept 7 \\ \"so\"?not a line\n"));
    assert_null(strstr(text, "dropped"));
    assert_int_equal(text[size - 1], '\n');
    assert_true(size < 1300);
}

TEST(each_line_is_a_json_object_if_asked_for)
{
    char text[8192], *end;
    json_t *line;

    log_format_set(LOG_FORMAT_JSON);
    captured(text, sizeof text);
    end = strchr(text, '\n');
    line = json_loadb(text, (size_t)(end - text), 0, NULL);
    assert_string_equal(json_string_value(json_object_get(line, "level")), "warn");
    assert_string_equal(json_string_value(json_object_get(line, "part")), "part");
    assert_string_equal(json_string_value(json_object_get(line, "message")),
                        "kept 7 \\ \"so\"?not a line");
    json_decref(line);
    line = json_loads(end + 1, 0, NULL);
    assert_int_equal(json_string_length(json_object_get(line, "message")), 1023);
    json_decref(line);
}

TEST(systemd_reads_a_severity)
{
    char text[8192];

    log_format_set(LOG_FORMAT_SYSTEMD);
    captured(text, sizeof text);
    assert_int_equal(strncmp(text, "<4>part: kept 7 ", 16), 0);
    assert_non_null(strstr(text, "\n<3>part: \"\""));
}

TEST(the_environment_chooses)
{
    char text[8192];

    setenv("LATCHKEY_JOURNAL", "json", 1);
    log_format_set(LOG_FORMAT_UNDECIDED);
    captured(text, sizeof text);
    assert_int_equal(text[0], '{');
    unsetenv("LATCHKEY_JOURNAL");
    setenv("JOURNAL_STREAM", "8:1234", 1);
    log_format_set(LOG_FORMAT_UNDECIDED);
    captured(text, sizeof text);
    assert_int_equal(text[0], '<');
    unsetenv("JOURNAL_STREAM");
    log_format_set(LOG_FORMAT_UNDECIDED);
    captured(text, sizeof text);
    assert_int_equal(text[0], '2');
}

TEST_MAIN
