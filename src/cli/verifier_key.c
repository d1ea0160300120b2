#include "cli/verifier_key.h"

#include <stdio.h>
#include <string.h>

#include "base/file.h"

static struct slice trimmed(struct slice text)
{
    while (text.size > 0 && strchr(" \r\n\t", text.at[text.size - 1]) != NULL)
        text.size--;
    return text;
}

bool verifier_key_read(const char *command, const char *given, enum note_key_type type,
                       struct note_key *key)
{
    struct buffer text;
    bool is_key;
    enum err e;

    if (note_key_parse(trimmed(slice_of(given)), type, key))
        return true;
    buffer_init(&text);
    e = file_read(given, NOTE_KEY_TEXT_SIZE + 16, &text);
    is_key = e == OK && note_key_parse(trimmed(buffer_slice(&text)), type, key);
    if (e != OK && e != ERR_FULL)
        fprintf(stderr, "%s: \"%.80s\" is neither a verifier key nor a file that can be read: %s\n",
                command, given, err_text(e));
    else if (!is_key)
        fprintf(stderr, "%s: %s does not hold the verifier key of a %s\n", command, given,
                type == NOTE_KEY_WITNESS ? "witness" : "log");
    buffer_wipe(&text);
    return is_key;
}
