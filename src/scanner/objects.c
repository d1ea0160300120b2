#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "scanner/object_id.h"
#include "scanner/scan_state.h"

/* Every object that is there, loose or packed, whether anything leads to it or not, because a key
 * in a dropped stash or an amended commit is as public as any. */

bool objects_are(int folder)
{
    struct stat about;

    return fstatat(folder, "objects/pack", &about, 0) == 0 && S_ISDIR(about.st_mode) &&
           fstatat(folder, "HEAD", &about, AT_SYMLINK_NOFOLLOW) == 0;
}

/* A whole file, mapped; NULL with errno.  An empty one is ERANGE. */
static struct slice file_map(int folder, const char *name)
{
    int fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    struct slice bytes = SLICE_EMPTY;
    struct stat about;
    void *at;

    if (fd < 0)
        return bytes;
    errno = ERANGE;
    if (fstat(fd, &about) == 0 && S_ISREG(about.st_mode) && about.st_size > 0) {
        at = mmap(NULL, (size_t)about.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
        if (at != MAP_FAILED)
            bytes = (struct slice){ at, (size_t)about.st_size };
    }
    close(fd);
    return bytes;
}

static void file_unmap(struct slice bytes)
{
    if (bytes.at != NULL)
        munmap((void *)(uintptr_t)bytes.at, bytes.size);
}

/* `name` ends in ".pack".  An index that is not there or cannot be used costs time, no more. */
static void named_pack_scan(struct scan *scan, int folder, const char *name, size_t id_bytes)
{
    char index_name[NAME_MAX + 1];
    struct slice pack = file_map(folder, name), bytes;
    struct pack_index index = { .count = 0 };

    if (pack.at == NULL) {
        incomplete_say(scan, "cannot be read: %s", strerror(errno));
        return;
    }
    snprintf(index_name, sizeof index_name, "%.*s.idx", (int)(strlen(name) - 5), name);
    bytes = file_map(folder, index_name);
    if (bytes.at != NULL && pack_index_read(bytes, id_bytes, pack.size, &index) == OK)
        pack_scan(scan, pack, &index);
    else
        bare_pack_scan(scan, pack, id_bytes);
    pack_index_wipe(&index);
    file_unmap(bytes);
    file_unmap(pack);
}

static bool is_pack(const char *name)
{
    size_t size = strlen(name);

    return size > 5 && strcmp(name + size - 5, ".pack") == 0;
}

/* ---- What there is ---- */

static bool is_hex(const char *name, size_t size)
{
    return strlen(name) == size && strspn(name, "0123456789abcdef") == size;
}

/* Calls `each` for the entries of a folder below "objects". */
static void entries_each(struct scan *scan, int objects, const char *name, size_t id_bytes,
                         void (*each)(struct scan *scan, int folder, const char *prefix,
                                      const char *name, size_t id_bytes))
{
    int fd = openat(objects, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    DIR *folder = fd < 0 ? NULL : fdopendir(fd);
    const struct dirent *entry;

    if (folder == NULL) {
        incomplete_say(scan, "objects/%s cannot be read: %s", name, strerror(errno));
        if (fd >= 0)
            close(fd);
        return;
    }
    while ((entry = readdir(folder)) != NULL)
        each(scan, fd, name, entry->d_name, id_bytes);
    closedir(folder);
}

static void pack_entry_visit(struct scan *scan, int folder, const char *prefix, const char *name,
                             size_t id_bytes)
{
    size_t before;

    (void)prefix;
    if (!is_pack(name))
        return;
    before = place_enter(scan, " ", slice_of(name));
    named_pack_scan(scan, folder, name, id_bytes);
    place_leave(scan, before);
}

static void loose_entry_visit(struct scan *scan, int folder, const char *prefix, const char *name,
                              size_t id_bytes)
{
    size_t before;

    if (!is_hex(name, 2 * id_bytes - 2))
        return;
    snprintf(scan->object, sizeof scan->object, "%s%s", prefix, name);
    before = place_enter(scan, " object ", slice_of(scan->object));
    loose_scan(scan, folder, name);
    place_leave(scan, before);
    object_leave(scan);
}

static bool is_sha256(int folder)
{
    char text[4096];
    int fd = openat(folder, "config", O_RDONLY | O_CLOEXEC);
    ssize_t got = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
    bool is = false;

    if (got > 0) {
        text[got] = '\0';
        is = strcasestr(text, "objectformat") != NULL && strcasestr(text, "sha256") != NULL;
    }
    if (fd >= 0)
        close(fd);
    return is;
}

/* ---- Borrowed ones ---- */

enum { STORES_MOST = 16, ALTERNATES_MOST = 64 * 1024 };

/* Folders of objects that were looked at: those which borrow from each other have an end. */
struct stores {
    struct scan *scan;
    size_t id_bytes;
    struct stat seen[STORES_MOST];
    size_t count;
};

static void store_scan(struct stores *stores, int objects);

static bool is_seen(const struct stores *stores, const struct stat *about)
{
    for (size_t i = 0; i < stores->count; i++)
        if (stores->seen[i].st_dev == about->st_dev && stores->seen[i].st_ino == about->st_ino)
            return true;
    return false;
}

/* `path` is absolute, or below the folder that borrows. */
static void alternate_scan(struct stores *stores, int objects, const char *path)
{
    size_t before = place_enter(stores->scan, " borrowed from ", slice_of(path));
    int fd = openat(objects, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct stat about;

    if (fd < 0 || fstat(fd, &about) != 0)
        incomplete_say(stores->scan, "cannot be opened: %s", strerror(errno));
    else if (stores->count == STORES_MOST)
        incomplete_say(stores->scan, "borrows from too many");
    else if (!is_seen(stores, &about))
        store_scan(stores, fd);
    if (fd >= 0)
        close(fd);
    place_leave(stores->scan, before);
}

/* gitrepository-layout(5): a path a line. */
static void alternates_scan(struct stores *stores, int objects)
{
    int fd = openat(objects, "info/alternates", O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    char *text = fd < 0 ? NULL : calloc(1, ALTERNATES_MOST + 1);
    ssize_t got = text == NULL ? -1 : file_read_at(fd, text, ALTERNATES_MOST, 0);

    if (got < 0 && (fd >= 0 || errno != ENOENT))
        incomplete_say(stores->scan, "from whom it borrows objects cannot be read");
    else if (got == ALTERNATES_MOST)
        incomplete_say(stores->scan, "borrows from too many");
    for (char *rest = text, *line; got > 0 && (line = strsep(&rest, "\n")) != NULL;)
        if (*line != '\0' && *line != '#')
            alternate_scan(stores, objects, line);
    free(text);
    if (fd >= 0)
        close(fd);
}

/* The descriptor stays the caller's. */
static void store_scan(struct stores *stores, int objects)
{
    int own = openat(objects, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *list = own < 0 ? NULL : fdopendir(own);
    const struct dirent *entry;

    if (list == NULL || fstat(objects, &stores->seen[stores->count]) != 0) {
        incomplete_say(stores->scan, "the objects of the repository cannot be read: %s",
                       strerror(errno));
        if (list != NULL)
            closedir(list);
        else if (own >= 0)
            close(own);
        return;
    }
    stores->count++;
    entries_each(stores->scan, objects, "pack", stores->id_bytes, pack_entry_visit);
    while ((entry = readdir(list)) != NULL)
        if (is_hex(entry->d_name, 2))
            entries_each(stores->scan, objects, entry->d_name, stores->id_bytes,
                         loose_entry_visit);
    closedir(list);
    alternates_scan(stores, objects);
}

void objects_scan(struct scan *scan, int folder)
{
    struct stores stores = { .scan = scan,
                             .id_bytes = is_sha256(folder) ? OBJECT_ID_SHA256 : OBJECT_ID_SHA1 };
    int objects = openat(folder, "objects", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (objects < 0) {
        incomplete_say(scan, "the objects of the repository cannot be read: %s", strerror(errno));
        return;
    }
    store_scan(&stores, objects);
    close(objects);
}
