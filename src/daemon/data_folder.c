#include "daemon/data_folder.h"

#include <stdio.h>

#include "base/log.h"

bool data_path(char path[FILE_PATH_SIZE], const char *folder, const char *name)
{
    return snprintf(path, FILE_PATH_SIZE, "%s/%s", folder, name) < FILE_PATH_SIZE;
}

enum data_version data_version_find(const char *data)
{
    enum data_version version = DATA_FOREIGN;
    char path[FILE_PATH_SIZE];
    struct buffer text;
    enum err e;

    if (!data_path(path, data, "VERSION"))
        return DATA_FOREIGN;
    buffer_init(&text);
    e = file_read(path, 256, &text);
    if (e == ERR_MISSING)
        version = DATA_NONE;
    else if (e == OK && slice_is(buffer_slice(&text), SLICE(DATA_VERSION_TEXT)))
        version = DATA_CURRENT;
    else if (e == OK && slice_starts(buffer_slice(&text), SLICE("latchkey data ")))
        version = DATA_OTHER;
    buffer_wipe(&text);
    return version;
}

enum err data_version_write(const char *data)
{
    char path[FILE_PATH_SIZE];

    if (!data_path(path, data, "VERSION"))
        return ERR_RANGE;
    return file_write_atomic(path, 0600, SLICE(DATA_VERSION_TEXT));
}

enum err data_folder_take(const char *data, const char *part)
{
    enum data_version version;
    enum err e;

    TRY(file_folder_make(data, 0700));
    version = data_version_find(data);
    if (version == DATA_NONE) {
        /* Another process of the same start may have been quicker, and its file is as good. */
        e = data_version_write(data);
        if (e != OK && data_version_find(data) == DATA_CURRENT)
            e = OK;
    } else if (version != DATA_CURRENT) {
        log_error(part, "%s holds data of another version: start the version that wrote it", data);
        e = ERR_VERSION;
    }
out:
    return e;
}
