/* mail/folder.h: letters as files, for a try-out without a mail server
 *
 * FOLDER/20261123T101500.123Z-7.eml, mode 0600: the names sort by time.  A file appears whole or
 * not at all.
 */
#ifndef MAIL_FOLDER_H
#define MAIL_FOLDER_H

#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/err.h"
#include "base/slice.h"

enum { FOLDER_NAME_SIZE = 64 };

/* Makes the folder when it is not there, mode 0700.  ERR_IO, ERR_RANGE (path too long). */
must_use enum err folder_send(const char *folder, uint64_t at_ns, uint64_t id,
                              struct slice message);

/* The letters of a folder, oldest first.  */
struct folder_list {
    char (*names)[FOLDER_NAME_SIZE];
    size_t count;
};
/* ERR_MISSING: no such folder. */
must_use enum err folder_list_read(const char *folder, struct folder_list *list);
void folder_list_wipe(struct folder_list *list);

/* Appends a letter of the list to an initialised buffer. */
must_use enum err folder_letter_read(const char *folder, const char *name, struct buffer *letter);

#endif
