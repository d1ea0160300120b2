/* daemon/data_folder.h: whose data a folder holds
 *
 * DATA/VERSION says by its text which version wrote the folder.  Several processes share it and may
 * start at the same moment; whoever comes first writes the file.
 */
#ifndef DAEMON_DATA_FOLDER_H
#define DAEMON_DATA_FOLDER_H

#include "base/err.h"
#include "base/file.h"

#define DATA_VERSION_TEXT "latchkey data 1\n"

enum data_version {
    DATA_NONE,    /* no VERSION in it */
    DATA_CURRENT, /* ours to use */
    DATA_OTHER,   /* another version of Latchkey wrote it */
    DATA_FOREIGN, /* VERSION is not what Latchkey writes, or cannot be read */
};

enum data_version data_version_find(const char *data);

/* Makes the folder if it is not there and marks it as ours.  ERR_VERSION: another version's, said
 * in the journal of `part`.  ERR_RANGE: the path is too long.  ERR_IO. */
must_use enum err data_folder_take(const char *data, const char *part);

/* Marks it; used where the caller has looked already. */
must_use enum err data_version_write(const char *data);

/* "folder/name"; false when it is too long. */
bool data_path(char path[FILE_PATH_SIZE], const char *folder, const char *name);

#endif
