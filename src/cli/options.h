/* cli/options.h: what a command accepts, told once
 *
 * A command describes itself in a table; the table parses its arguments, prints its --help and
 * names the nearest option for a typo.  Values are borrowed from argv.
 *
 *     const struct option options[] = {
 *         { .name = "port", .kind = OPTION_NUMBER, .value = "N", .most = 65535, .into = &port },
 *         { 0 },
 *     };
 */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum option_kind {
    OPTION_SWITCH,  /* bool *: given or not */
    OPTION_TEXT,    /* const char ** */
    OPTION_CHOICE,  /* const char **: one of the words in `value`, separated by | */
    OPTION_NUMBER,  /* uint64_t *, decimal, `least` to `most` */
    OPTION_LIST,    /* struct option_list *: commas separate, and it may be given again */
    OPTION_OPERAND, /* const char **: an argument by place, in the order of the table */
    OPTION_REST,    /* struct option_rest *: all arguments that no operand before it took */
};

enum { OPTION_LIST_MOST = 128 };

struct option_list {
    struct option_item {
        const char *at; /* not terminated: commas stay where they are */
        int size;       /* as printf's %.*s wants it */
    } items[OPTION_LIST_MOST];
    size_t count;
};

/* The command brings room for argc arguments. */
struct option_rest {
    const char **at;
    size_t count;
};

struct option {
    const char *name; /* without dashes; an operand's as help shows it; NULL ends the table */
    enum option_kind kind;
    bool required;
    uint64_t least, most;
    const char *value; /* what help shows in the place of the value */
    const char *help;
    void *into;
};

struct syntax {
    const char *command;         /* "latchkey key create" */
    const char *summary;         /* one line */
    const char *details;         /* paragraphs under the usage line, or NULL */
    const char *examples;        /* lines as typed, comments with #, or NULL */
    const struct option *options;
};

enum options_answer {
    OPTIONS_GOOD,
    OPTIONS_HELP,  /* help was asked for and printed on standard output */
    OPTIONS_WRONG, /* one sentence was printed on standard error */
};

enum options_answer options_parse(const struct syntax *syntax, int argc, char *const *argv);

void options_help(const struct syntax *syntax, FILE *out);

/* The body of every command starts with this: returns 0 after --help and 2 after wrong usage. */
#define OPTIONS_OR_RETURN(syntax, argc, argv)                                \
    do {                                                                     \
        enum options_answer answer_ = options_parse((syntax), (argc), (argv)); \
        if (answer_ != OPTIONS_GOOD)                                         \
            return answer_ == OPTIONS_HELP ? 0 : 2;                          \
    } while (0)

#endif
