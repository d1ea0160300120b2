/* tests/scanner/git_shell.h: git itself, in a folder, whatever the machine's own settings are */
#ifndef TESTS_SCANNER_GIT_SHELL_H
#define TESTS_SCANNER_GIT_SHELL_H

#include <stdio.h>

#include "base/buffer.h"

/* `output` is filled unless it is NULL. */
static inline void git_shell(const char *folder, const char *command, struct buffer *output)
{
    char text[2000], piece[4096];
    struct buffer unread;
    size_t got;
    FILE *pipe;

    snprintf(text, sizeof text,
             "cd %s && export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1 HOME=%s "
             "GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@example.com GIT_COMMITTER_NAME=a "
             "GIT_COMMITTER_EMAIL=a@example.com && { %s ; }",
             folder, folder, command);
    pipe = popen(text, "r");
    assert_non_null(pipe);
    buffer_init(&unread);
    output = output == NULL ? &unread : output;
    buffer_init(output);
    while ((got = fread(piece, 1, sizeof piece, pipe)) > 0)
        buffer_append(output, (struct slice){ piece, got });
    assert_int_equal(pclose(pipe), 0);
    buffer_wipe(&unread);
}

#endif
