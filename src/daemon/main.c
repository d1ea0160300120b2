/* The one executable: authority, exchange, supervisor and command line are its subcommands. */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/nearest.h"
#include "daemon/processes.h"

static const struct command commands[] = {
    { "up", up_process, "everything in the foreground, for a try-out" },
    { "authority", authority_process, "accounts, keys and the audit log, on a Unix socket" },
    { "exchange", exchange_process, "the exchange of one environment, on a Unix socket" },
    { "scanner", scanner_process, "watches what is published for keys of ours" },
    { "witness", witness_process, "remembers the audit log's head, and signs that it only grew" },
#define COMMAND(words, function, summary) { words, function, summary },
#include "cli/commands.def"
#undef COMMAND
    { 0 },
};

/* How many of the arguments are the words of the command; 0: another command. */
static int words_match(const char *words, int argc, char **argv)
{
    int count = 0;

    for (const char *at = words;; at++, count++) {
        size_t size = strcspn(at, " ");

        if (count == argc || strlen(argv[count]) != size || strncmp(argv[count], at, size) != 0)
            return 0;
        at += size;
        if (*at == '\0')
            return count + 1;
    }
}

/* Whether the command belongs to the group that `word` names; NULL names all. */
static bool group_has(const char *word, const struct command *c)
{
    size_t size = word == NULL ? 0 : strlen(word);

    return word == NULL || (strncmp(c->words, word, size) == 0 && c->words[size] == ' ');
}

static void commands_list(const char *word, FILE *out)
{
    for (const struct command *c = commands; c->words != NULL; c++)
        if (group_has(word, c))
            fprintf(out, "  latchkey %-18s  %s\n", c->words, c->summary);
}

static void help(FILE *out)
{
    fputs("latchkey: API keys for a trading venue, and a sandbox exchange to try them on\n\n"
          "Commands:\n",
          out);
    commands_list(NULL, out);
    fputs("\nEach explains itself by example: latchkey key create --help\n"
          "The operator's commands talk to the authority over run/authority.sock; another socket\n"
          "is named by --socket PATH or LATCHKEY_SOCKET.  Exit codes: 0 done, 1 refused, 2 wrong\n"
          "usage, 3 authority not reachable, 4 the audit log does not verify.\n",
          out);
}

/* "latchkey key" alone, or with --help: the commands of the group. */
static bool group_help(int argc, char **argv, int *exit)
{
    bool asked = argc == 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0);

    if (argc != 1 && !asked)
        return false;
    for (const struct command *c = commands; c->words != NULL; c++) {
        if (!group_has(argv[0], c))
            continue;
        commands_list(argv[0], asked ? stdout : stderr);
        *exit = asked ? COMMAND_DONE : COMMAND_MISUSED;
        return true;
    }
    return false;
}

static int unknown(int argc, char **argv)
{
    bool two_words = argc > 1 && argv[1][0] != '-';
    char typed[NEAREST_WORD_MOST + 1];
    struct nearest n;

    snprintf(typed, sizeof typed, "%s%s%s", argv[0], two_words ? " " : "",
             two_words ? argv[1] : "");
    nearest_init(&n, typed);
    for (const struct command *c = commands; c->words != NULL; c++)
        nearest_offer(&n, c->words);
    fprintf(stderr, "latchkey: there is no command \"%s\"", typed);
    if (n.best != NULL)
        fprintf(stderr, "; did you mean \"latchkey %s\"?", n.best);
    fputs("\nlatchkey --help lists them\n", stderr);
    return COMMAND_MISUSED;
}

int main(int argc, char **argv)
{
    int exit;

    if (argc == 1) {
        help(stderr);
        return COMMAND_MISUSED;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
        strcmp(argv[1], "help") == 0) {
        help(stdout);
        return COMMAND_DONE;
    }
    if (strcmp(argv[1], "--version") == 0) {
        puts("latchkey " LATCHKEY_VERSION);
        return COMMAND_DONE;
    }
    for (const struct command *c = commands; c->words != NULL; c++) {
        int words = words_match(c->words, argc - 1, argv + 1);

        if (words > 0)
            return c->run(argc - 1 - words, argv + 1 + words);
    }
    if (group_help(argc - 1, argv + 1, &exit))
        return exit;
    return unknown(argc - 1, argv + 1);
}
