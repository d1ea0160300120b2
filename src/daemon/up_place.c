#include <stdio.h>
#include <string.h>

#include "daemon/up.h"

void up_path(char path[FILE_PATH_SIZE], const char *folder, const char *name)
{
    size_t size = strlen(folder), more = strlen(name);

    if (size + 1 + more >= FILE_PATH_SIZE) {
        path[0] = '\0';
        return;
    }
    memmove(path, folder, size);
    path[size] = '/';
    memcpy(path + size + 1, name, more + 1);
}

void up_url(const struct up *up, const char *scheme, uint16_t port, char url[UP_URL_SIZE])
{
    snprintf(url, UP_URL_SIZE, strchr(up->bind, ':') != NULL ? "%s://[%s]:%u" : "%s://%s:%u",
             scheme, up->bind, port);
}
