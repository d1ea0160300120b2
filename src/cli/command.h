/* cli/command.h: what every command of the executable is
 *
 * src/cli/commands.def lists those that talk to the authority, src/daemon/main.c those that are a
 * process of their own.  A command gets the arguments after its words and returns an exit code.
 */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

enum command_exit {
    COMMAND_DONE = 0,
    COMMAND_REFUSED = 1,     /* by a rule, or something broke; standard error says which */
    COMMAND_MISUSED = 2,     /* wrong options or arguments */
    COMMAND_UNREACHABLE = 3, /* nobody answers on the authority's socket */
    COMMAND_UNVERIFIED = 4,  /* the audit log is not what was signed */
};

struct command {
    const char *words; /* "key create" */
    int (*run)(int argc, char **argv);
    const char *summary;
};

#define COMMAND(words, function, summary) int function(int argc, char **argv);
#include "cli/commands.def"
#undef COMMAND

#endif
