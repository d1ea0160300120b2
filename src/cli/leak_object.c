#include <stdio.h>
#include <unistd.h>

#include "cli/client.h"
#include "cli/command.h"

static const char command[] = "latchkey leak object";

static bool piece_write(void *context, struct slice piece)
{
    (void)context;
    if (fwrite(piece.at, 1, piece.size, stdout) == piece.size)
        return true;
    perror(command);
    return false;
}

int cli_leak_object(int argc, char **argv)
{
    const char *leak = NULL;
    struct client c = { 0 };
    struct buffer path;
    int exit;
    const struct option options[] = {
        { .name = "LEAK",
          .kind = OPTION_OPERAND,
          .required = true,
          .into = &leak,
          .help = "its number" },
        { .name = "socket",
          .kind = OPTION_TEXT,
          .value = "PATH",
          .into = &c.socket,
          .help = "the authority's socket [$LATCHKEY_SOCKET or run/authority.sock]" },
        { 0 },
    };
    const struct syntax syntax = {
        .command = command,
        .summary = "the file, page or object in which a leak's key was found, as it was",
        .details =
            "It has the secret in it, and whatever strangers wrote: send it to a file or a\n"
            "program, it is not written to a terminal.  Each reading stands in the audit log.\n"
            "Its SHA-256 is in the leak's evidence; it is kept for 90 days (leak.object_days).\n",
        .examples = "latchkey leak object 12 | sha256sum\n",
        .options = options,
    };

    OPTIONS_OR_RETURN(&syntax, argc, argv);
    if (isatty(STDOUT_FILENO)) {
        fprintf(stderr, "%s: strangers wrote it, a terminal might obey it: add \"> FILE\"\n",
                command);
        return COMMAND_MISUSED;
    }
    buffer_init(&path);
    buffer_append(&path, SLICE("/leaks"));
    path_append(&path, leak);
    buffer_append(&path, SLICE("/object"));
    exit = client_stream(&c, path.at, piece_write, NULL);
    buffer_wipe(&path);
    if (exit == COMMAND_DONE && fflush(stdout) != 0) {
        perror(command);
        exit = COMMAND_REFUSED;
    }
    return exit;
}
