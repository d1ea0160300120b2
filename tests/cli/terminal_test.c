#include "cli/terminal.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/table.h"
#include "test.h"

static enum err password_from(const char *typed, char line[SECRET_LINE_SIZE])
{
    int ends[2], before = dup(STDIN_FILENO);
    enum err e;

    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], typed, strlen(typed)), (ssize_t)strlen(typed));
    close(ends[1]);
    dup2(ends[0], STDIN_FILENO);
    close(ends[0]);
    clearerr(stdin);
    e = secret_line_read("Password", true, line);
    dup2(before, STDIN_FILENO);
    close(before);
    return e;
}

TEST(a_password_is_the_first_line_of_standard_input)
{
    char line[SECRET_LINE_SIZE];

    assert_int_equal(password_from("correct horse\n", line), OK);
    assert_string_equal(line, "correct horse");
    assert_int_equal(password_from("no line feed", line), OK);
    assert_string_equal(line, "no line feed");
}

TEST(no_password_and_one_too_long_are_refused)
{
    char line[SECRET_LINE_SIZE], typed[SECRET_LINE_SIZE + 8];

    assert_int_equal(password_from("", line), ERR_MISSING);
    assert_int_equal(password_from("\n", line), ERR_MISSING);
    memset(typed, 'x', sizeof typed - 1);
    typed[sizeof typed - 1] = '\0';
    assert_int_equal(password_from(typed, line), ERR_FULL);
}

TEST(a_pipe_gets_no_colours)
{
    FILE *out = tmpfile();

    assert_false(terminal_colours(out));
    assert_string_equal(tone_begin(TONE_BAD, false), "");
    assert_string_equal(tone_end(TONE_BAD, false), "");
    assert_string_equal(tone_end(TONE_PLAIN, true), "");
    fclose(out);
}

TEST(a_qr_code_is_a_rectangle_of_half_blocks_with_its_finder_in_the_corner)
{
    char *text = NULL, *second, *line;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    int lines = 0;

    /* 14 bytes fit version 1: 21 modules and two quiet ones on each side. */
    assert_int_equal(qr_print("otpauth://totp", false, out), OK);
    fclose(out);
    second = strchr(text, '\n') + 1;
    assert_ptr_equal(strstr(second, "  █▀▀▀▀▀█ "), second);
    for (line = strtok_r(text, "\n", &second); line != NULL; line = strtok_r(NULL, "\n", &second)) {
        assert_int_equal(text_width(line), 25);
        lines++;
    }
    assert_int_equal(lines, 13);
    free(text);
}

TEST(a_text_beyond_the_largest_code_is_refused)
{
    char *text = calloc(1, 4000);

    memset(text, 'x', 3999);
    assert_int_equal(qr_print(text, false, stdout), ERR_RANGE);
    free(text);
}

TEST_MAIN
