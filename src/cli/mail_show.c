#include <stdio.h>

#include "cli/command.h"
#include "cli/options.h"
#include "mail/folder.h"
#include "mail/message.h"

static enum err letter_print(const char *folder, const char *name)
{
    static const char *const headers[] = { "From", "To", "Subject", "Date" };
    struct buffer letter, text;
    enum err e;

    buffer_init(&letter);
    buffer_init(&text);
    TRY(folder_letter_read(folder, name, &letter));
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++) {
        buffer_printf(&text, "%-9s", headers[i]);
        TRY(message_header_get(buffer_slice(&letter), headers[i], &text));
        buffer_append_char(&text, '\n');
    }
    buffer_append_char(&text, '\n');
    TRY(message_text_get(buffer_slice(&letter), &text));
    fwrite(text.at, 1, text.size, stdout);
out:
    buffer_wipe(&text);
    buffer_wipe(&letter);
    return e;
}

int cli_mail_show(int argc, char **argv)
{
    const char *folder = "run/mail";
    uint64_t number = 0;
    const struct option options[] = {
        { .name = "folder", .kind = OPTION_TEXT, .value = "DIR", .into = &folder,
          .help = "where the authority puts mails [run/mail]" },
        { .name = "number", .kind = OPTION_NUMBER, .value = "N", .least = 1, .most = 1000000,
          .into = &number, .help = "as mail list counts them [the newest]" },
        { 0 },
    };
    const struct syntax syntax = {
        .command = "latchkey mail show",
        .summary = "one mail of a try-out, as its reader sees it",
        .details = "For an authority without a mail server, whose mails are files in a folder.\n",
        .examples = "latchkey mail show\n\nlatchkey mail show --number 3\n",
        .options = options,
    };
    struct folder_list list;
    enum err e;

    OPTIONS_OR_RETURN(&syntax, argc, argv);
    e = folder_list_read(folder, &list);
    if (e == OK && number == 0)
        number = list.count;
    if (e == OK)
        e = number == 0 || number > list.count ? ERR_MISSING
                                               : letter_print(folder, list.names[number - 1]);
    if (e != OK)
        fprintf(stderr, "latchkey mail show: no mail %u in %s: %s\n", (unsigned)number, folder,
                err_text(e));
    folder_list_wipe(&list);
    return e == OK ? COMMAND_DONE : COMMAND_REFUSED;
}
