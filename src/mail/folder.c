#include "mail/folder.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/file.h"

enum { LETTER_SIZE_MOST = 1 << 20 };

static bool path_format(char path[FILE_PATH_SIZE], const char *folder, const char *name)
{
    return (size_t)snprintf(path, FILE_PATH_SIZE, "%s/%s", folder, name) < FILE_PATH_SIZE;
}

enum err folder_send(const char *folder, uint64_t at_ns, uint64_t id, struct slice message)
{
    char path[FILE_PATH_SIZE], name[FOLDER_NAME_SIZE], moment[32];
    time_t s = (time_t)(at_ns / NS_PER_S);
    struct tm tm;
    enum err e;

    gmtime_r(&s, &tm);
    strftime(moment, sizeof moment, "%Y%m%dT%H%M%S", &tm);
    snprintf(name, sizeof name, "%s.%03" PRIu64 "Z-%" PRIu64 ".eml", moment,
             at_ns / NS_PER_MS % 1000, id);
    TRY(path_format(path, folder, name) ? OK : ERR_RANGE);
    TRY(file_folder_make(folder, 0700));
    e = file_write_atomic(path, 0600, message);
out:
    return e;
}

static int is_letter(const struct dirent *entry)
{
    size_t size = strlen(entry->d_name);

    return size > 4 && size < FOLDER_NAME_SIZE && entry->d_name[0] != '.' &&
           strcmp(entry->d_name + size - 4, ".eml") == 0;
}

enum err folder_list_read(const char *folder, struct folder_list *list)
{
    struct dirent **entries = NULL;
    int count = scandir(folder, &entries, is_letter, alphasort);
    enum err e = OK;

    *list = (struct folder_list){ 0 };
    if (count < 0)
        return errno == ENOENT ? ERR_MISSING : ERR_IO;
    list->names = calloc((size_t)count + 1, sizeof *list->names);
    if (list->names == NULL)
        e = ERR_MEMORY;
    for (int i = 0; i < count; i++) {
        if (e == OK)
            memcpy(list->names[list->count++], entries[i]->d_name, strlen(entries[i]->d_name) + 1);
        free(entries[i]);
    }
    free(entries);
    return e;
}

void folder_list_wipe(struct folder_list *list)
{
    free(list->names);
    *list = (struct folder_list){ 0 };
}

enum err folder_letter_read(const char *folder, const char *name, struct buffer *letter)
{
    char path[FILE_PATH_SIZE];

    if (!path_format(path, folder, name))
        return ERR_RANGE;
    return file_read(path, LETTER_SIZE_MOST, letter);
}
