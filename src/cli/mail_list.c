#include <stdio.h>

#include "cli/command.h"
#include "cli/options.h"
#include "cli/table.h"
#include "mail/folder.h"
#include "mail/message.h"

static enum err row_add(struct table *t, const char *folder, const char *name, size_t number)
{
    static const char *const headers[] = { "Date", "To", "Subject" };
    struct buffer letter, cell;
    char text[24];
    enum err e;

    buffer_init(&letter);
    buffer_init(&cell);
    TRY(folder_letter_read(folder, name, &letter));
    snprintf(text, sizeof text, "%zu", number);
    table_add(t, text);
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++) {
        TRY(message_header_get(buffer_slice(&letter), headers[i], &cell));
        table_add(t, cell.at);
        buffer_wipe(&cell);
    }
out:
    buffer_wipe(&cell);
    buffer_wipe(&letter);
    return e;
}

int cli_mail_list(int argc, char **argv)
{
    static const char *const titles[] = { "NUMBER", "DATE", "TO", "SUBJECT", NULL };
    const char *folder = "run/mail";
    const struct option options[] = {
        { .name = "folder", .kind = OPTION_TEXT, .value = "DIR", .into = &folder,
          .help = "where the authority puts mails [run/mail]" },
        { 0 },
    };
    const struct syntax syntax = {
        .command = "latchkey mail list",
        .summary = "mails of a try-out, the oldest first",
        .details = "For an authority without a mail server, whose mails are files in a folder.\n",
        .examples = "latchkey mail list\n",
        .options = options,
    };
    struct folder_list list;
    struct table t;
    enum err e;

    OPTIONS_OR_RETURN(&syntax, argc, argv);
    e = folder_list_read(folder, &list);
    table_init(&t, titles);
    for (size_t i = 0; e == OK && i < list.count; i++)
        e = row_add(&t, folder, list.names[i], i + 1);
    if (e == OK)
        table_print(&t, stdout);
    else
        fprintf(stderr, "latchkey mail list: %s: %s\n", folder, err_text(e));
    table_wipe(&t);
    folder_list_wipe(&list);
    return e == OK ? COMMAND_DONE : COMMAND_REFUSED;
}
