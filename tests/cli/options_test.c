#include "cli/options.h"

#include <stdlib.h>
#include <string.h>

#include "test.h"

static struct {
    bool quick;
    const char *label, *environment, *file;
    uint64_t port;
    struct option_list scopes;
} got;

static const struct option options[] = {
    { .name = "FILE", .kind = OPTION_OPERAND, .help = "what to read", .into = &got.file },
    { .name = "quick", .kind = OPTION_SWITCH, .help = "do not wait", .into = &got.quick },
    { .name = "label", .kind = OPTION_TEXT, .value = "TEXT", .required = true,
      .help = "its name", .into = &got.label },
    { .name = "env", .kind = OPTION_CHOICE, .value = "live|sandbox", .help = "which world",
      .into = &got.environment },
    { .name = "port", .kind = OPTION_NUMBER, .value = "PORT", .least = 1, .most = 65535,
      .help = "where", .into = &got.port },
    { .name = "scopes", .kind = OPTION_LIST, .value = "A,B", .help = "what it may do",
      .into = &got.scopes },
    { 0 },
};

static const struct syntax syntax = {
    .command = "latchkey test",
    .summary = "a command that is not there",
    .examples = "# at noon\nlatchkey test --label noon\n",
    .options = options,
};

enum { ARGUMENTS_MOST = 8 };

/* Parses with standard error caught in `said`. */
static enum options_answer parse(char *said, size_t size, const char *const *argv)
{
    FILE *caught = tmpfile(), *before = stderr;
    enum options_answer answer;
    int argc = 0;

    memset(&got, 0, sizeof got);
    while (argc < ARGUMENTS_MOST && argv[argc] != NULL)
        argc++;
    stderr = caught;
    answer = options_parse(&syntax, argc, (char *const *)argv);
    stderr = before;
    rewind(caught);
    said[fread(said, 1, size - 1, caught)] = '\0';
    fclose(caught);
    return answer;
}

TEST(every_kind_lands_where_its_row_says)
{
    char said[256];
    const char *argv[] = { "--label", "desk one", "--env=live", "--port", "8443", "--quick",
                     "in.txt", NULL };

    assert_int_equal(parse(said, sizeof said, argv), OPTIONS_GOOD);
    assert_string_equal(said, "");
    assert_string_equal(got.label, "desk one");
    assert_string_equal(got.environment, "live");
    assert_int_equal(got.port, 8443);
    assert_true(got.quick);
    assert_string_equal(got.file, "in.txt");
}

TEST(a_list_is_split_at_commas_and_may_be_given_again)
{
    char said[256];
    const char *argv[] = { "--label", "x", "--scopes", "orders:read,orders:write", "--scopes",
                     "wallets:read", NULL };

    assert_int_equal(parse(said, sizeof said, argv), OPTIONS_GOOD);
    assert_int_equal(got.scopes.count, 3);
    assert_int_equal(got.scopes.items[1].size, 12);
    assert_memory_equal(got.scopes.items[1].at, "orders:write", 12);
    assert_memory_equal(got.scopes.items[2].at, "wallets:read", 12);
}

TEST(after_two_dashes_everything_is_an_operand)
{
    char said[256];
    const char *argv[] = { "--label", "x", "--", "--quick", NULL };

    assert_int_equal(parse(said, sizeof said, argv), OPTIONS_GOOD);
    assert_false(got.quick);
    assert_string_equal(got.file, "--quick");
}

TEST(each_mistake_gets_a_sentence_that_names_it)
{
    static const struct {
        const char *argv[ARGUMENTS_MOST];
        const char *said;
    } rows[] = {
        { { "--quick", NULL }, "--label TEXT is missing" },
        { { "--lable", "x", NULL }, "there is no --lable; did you mean --label?" },
        { { "--nothing-like-it", NULL }, "there is no --nothing-like-it;" },
        { { "-q", NULL }, "there is no -q; options have two dashes" },
        { { "--label", NULL }, "--label needs a value: TEXT" },
        { { "--label", "x", "--label", "y", NULL }, "--label is given twice" },
        { { "--quick=yes", NULL }, "--quick takes no value" },
        { { "--env", "prod", NULL }, "--env is one of live|sandbox, not \"prod\"" },
        { { "--env", "", NULL }, "--env is one of live|sandbox, not \"\"" },
        { { "--env", "live|sandbox", NULL }, "--env is one of" },
        { { "--port", "0", NULL }, "--port takes a number from 1 to 65535, not \"0\"" },
        { { "--port", "65536", NULL }, "--port takes a number" },
        { { "--port", "80x", NULL }, "--port takes a number" },
        { { "--port", "-1", NULL }, "--port takes a number" },
        { { "--port", "", NULL }, "--port takes a number" },
        { { "--port", "99999999999999999999", NULL }, "--port takes a number" },
        { { "--scopes", "a,,b", NULL }, "--scopes \"a,,b\" has an empty item" },
        { { "--scopes", "", NULL }, "has an empty item" },
        { { "a", "b", NULL }, "\"b\" is one argument too many" },
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char said[256];

        assert_int_equal(parse(said, sizeof said, rows[i].argv), OPTIONS_WRONG);
        assert_non_null(strstr(said, rows[i].said));
        assert_ptr_equal(strstr(said, "latchkey test: "), said);
        assert_non_null(strstr(said, "latchkey test --help shows how\n"));
    }
}

TEST(help_shows_usage_each_option_and_the_examples)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    options_help(&syntax, out);
    fclose(out);
    assert_non_null(strstr(text, "Usage: latchkey test [FILE] --label TEXT [OPTIONS]\n"));
    assert_non_null(strstr(text, "  --env live|sandbox  which world\n"));
    assert_non_null(strstr(text, "\n  # at noon\n  latchkey test --label noon\n"));
    free(text);
}

TEST_MAIN
