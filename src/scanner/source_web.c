#include "scanner/source_web.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "base/hex.h"
#include "scanner/web.h"

enum { HASH_TEXT_SIZE = 2 * crypto_hash_sha256_BYTES + 1 };

static bool file_hash(int fd, char text[HASH_TEXT_SIZE])
{
    uint8_t hash[crypto_hash_sha256_BYTES];
    struct stat status;
    void *bytes = NULL;

    if (fstat(fd, &status) != 0)
        return false;
    if (status.st_size > 0) {
        bytes = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
        if (bytes == MAP_FAILED)
            return false;
    }
    crypto_hash_sha256(hash, bytes, (size_t)status.st_size);
    if (bytes != NULL)
        munmap(bytes, (size_t)status.st_size);
    hex_format(hash, sizeof hash, text);
    return true;
}

/* Looks at what is new; `now` becomes what the checkpoint has of the page. */
static enum err files_visit(struct source *s, const struct web *web, json_t *now)
{
    const json_t *noted = json_object_get(s->checkpoint, "files");
    struct work work[WEB_FILES_MOST];
    size_t count = 0;

    for (size_t i = 0; i < web->count; i++) {
        const struct web_file *file = &web->files[i];
        char hash[HASH_TEXT_SIZE];
        const char *known;

        if (file->fd < 0) {
            source_miss(s, file->url, file->why);
            continue;
        }
        if (!file_hash(file->fd, hash))
            return ERR_MEMORY;
        known = json_string_value(json_object_get(noted, file->url));
        if (known == NULL || strcmp(known, hash) != 0)
            work[count++] = (struct work){ .place = file->url, .fd = file->fd };
        json_object_set_new(now, file->url, json_string(hash));
    }
    return count == 0 ? OK : source_look(s, work, count, NULL);
}

enum err source_web_turn(struct source *source)
{
    json_t *now = json_object();
    struct web web = { .count = 0 };
    enum err e;

    TRY(web_fetch(source->settings->url, source->manners.ca, source->manners.agent, &web));
    source->manners.requests_all += web.count;
    if (web.files[0].fd < 0) {
        source_error(source, "%.300s: %s", source->settings->url, web.files[0].why);
        e = ERR_IO;
        goto out;
    }
    if (web.more)
        source_miss(source, source->settings->url, "leads to more files than are fetched");
    TRY(files_visit(source, &web, now));
    if (!json_equal(now, json_object_get(source->checkpoint, "files"))) {
        json_object_set(source->checkpoint, "files", now);
        e = source_keep(source);
    }
out:
    web_wipe(&web);
    json_decref(now);
    return e;
}
