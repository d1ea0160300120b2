#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hex.h"
#include "keys/secret.h"
#include "scanner/pack.h"
#include "scanner/scan_state.h"

/* Every object that is there, loose or packed, whether anything leads to it or not, because a key
 * in a dropped stash or an amended commit is as public as any. */

enum {
    ID_BYTES_SHA1 = 20,
    ID_BYTES_SHA256 = 32,
    THREADS = 2,
    SMALL_PACK = 1 << 20, /* not worth a second thread */
    COUNT_BYTES = 1 << 20,
};

#define OBJECT_MOST (UINT64_C(512) << 20)
#define HELD_MOST   (UINT64_C(1) << 30)

bool objects_are(int folder)
{
    struct stat about;

    return fstatat(folder, "objects/pack", &about, 0) == 0 && S_ISDIR(about.st_mode) &&
           fstatat(folder, "HEAD", &about, AT_SYMLINK_NOFOLLOW) == 0;
}

/* ---- Packs ---- */

/* One of the threads that look at a pack; `lock` is held for whatever concerns the scan. */
struct looker {
    struct scan *scan;
    struct matcher *matcher;
    pthread_mutex_t *lock;
    size_t id_bytes;
    const struct pack_object *object; /* at present */
    uint64_t object_count, bytes;     /* not counted by the scan yet */
};

static size_t object_enter(struct looker *l, const uint8_t *id, const char *type)
{
    char name[2 * ID_BYTES_SHA256 + 16];

    hex_format(id, l->id_bytes, name);
    if (type != NULL)
        snprintf(name + 2 * l->id_bytes, sizeof name - 2 * l->id_bytes, " (%s)", type);
    return place_enter(l->scan, " object ", slice_of(name));
}

static bool object_key_found(void *context, const struct match *match)
{
    struct looker *l = context;
    const struct pack_object *object = l->object;
    size_t before;

    pthread_mutex_lock(l->lock);
    before = object_enter(l, object->id, pack_type_text(object->type));
    key_found(l->scan, match, lines_before(object->content.at, match->offset) + 1);
    place_leave(l->scan, before);
    pthread_mutex_unlock(l->lock);
    return true;
}

static void lookers_count(struct looker *l)
{
    pthread_mutex_lock(l->lock);
    l->scan->totals.object_count += l->object_count;
    bytes_count(l->scan, l->bytes);
    pthread_mutex_unlock(l->lock);
    l->object_count = l->bytes = 0;
}

static void object_look(void *thread, const struct pack_object *object)
{
    struct looker *l = thread;

    l->object = object;
    matcher_scan(l->matcher, object->content, object->content.size, 0, object_key_found, l);
    l->object_count++;
    l->bytes += object->content.size;
    if (l->bytes >= COUNT_BYTES)
        lookers_count(l);
}

static void object_fault(void *thread, const uint8_t *id, const char *why)
{
    struct looker *l = thread;
    size_t before;

    pthread_mutex_lock(l->lock);
    before = object_enter(l, id, NULL);
    incomplete_say(l->scan, "%s", why);
    place_leave(l->scan, before);
    pthread_mutex_unlock(l->lock);
}

static void pack_look(struct scan *scan, struct slice pack, const struct pack_index *index)
{
    struct pack_visitor visitor = { .object = object_look,
                                    .fault = object_fault,
                                    .object_most = OBJECT_MOST,
                                    .held_most = HELD_MOST };
    struct looker lookers[THREADS];
    pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    unsigned wanted = pack.size < SMALL_PACK ? 1 : THREADS;
    uint32_t unreached = 0;
    enum err e = ERR_MEMORY;

    for (unsigned i = 0; i < wanted; i++) {
        lookers[i] = (struct looker){ .scan = scan, .lock = &lock, .id_bytes = index->id_bytes };
        if (matcher_clone(scan->matcher, &lookers[i].matcher) != OK)
            break;
        visitor.threads[visitor.thread_count++] = &lookers[i];
    }
    if (visitor.thread_count > 0)
        e = pack_walk(pack, index, &visitor, &unreached);
    for (unsigned i = 0; i < visitor.thread_count; i++) {
        lookers_count(&lookers[i]);
        matcher_close(&lookers[i].matcher);
    }
    if (e != OK)
        incomplete_say(scan, e == ERR_MEMORY ? "no memory for all of its objects" : "is no pack");
    else if (unreached > 0)
        incomplete_say(scan, "%u objects are told by their difference to ones that are not there",
                       (unsigned)unreached);
    pthread_mutex_destroy(&lock);
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

/* `name` ends in ".pack". */
static void pack_scan(struct scan *scan, int folder, const char *name, size_t id_bytes)
{
    char index_name[NAME_MAX + 1];
    struct slice pack, bytes = SLICE_EMPTY;
    struct pack_index index;
    enum err e;

    snprintf(index_name, sizeof index_name, "%.*s.idx", (int)(strlen(name) - 5), name);
    pack = file_map(folder, name);
    if (pack.at != NULL)
        bytes = file_map(folder, index_name);
    if (bytes.at == NULL) {
        incomplete_say(scan, "the pack or its index cannot be read: %s", strerror(errno));
    } else {
        e = pack_index_read(bytes, id_bytes, pack.size, &index);
        if (e == OK)
            pack_look(scan, pack, &index);
        else
            incomplete_say(scan, "its index %s",
                           e == ERR_VERSION  ? "is of a kind that git no longer writes"
                           : e == ERR_MEMORY ? "needs more memory than there is"
                                             : "is damaged");
        pack_index_wipe(&index);
    }
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
    pack_scan(scan, folder, name, id_bytes);
    place_leave(scan, before);
}

static void loose_entry_visit(struct scan *scan, int folder, const char *prefix, const char *name,
                              size_t id_bytes)
{
    char hex[2 * ID_BYTES_SHA256 + 1];
    size_t before;

    if (!is_hex(name, 2 * id_bytes - 2))
        return;
    snprintf(hex, sizeof hex, "%s%s", prefix, name);
    before = place_enter(scan, " object ", slice_of(hex));
    loose_scan(scan, folder, name);
    place_leave(scan, before);
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

void objects_scan(struct scan *scan, int folder)
{
    size_t id_bytes = is_sha256(folder) ? ID_BYTES_SHA256 : ID_BYTES_SHA1;
    int objects = openat(folder, "objects", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const struct dirent *entry;
    struct stat about;
    DIR *list;

    if (fstatat(folder, "objects/info/alternates", &about, 0) == 0)
        incomplete_say(scan, "borrows objects from another repository: scan that one, too");
    list = objects < 0 ? NULL : fdopendir(objects);
    if (list == NULL) {
        incomplete_say(scan, "the objects of the repository cannot be read: %s", strerror(errno));
        if (objects >= 0)
            close(objects);
        return;
    }
    entries_each(scan, objects, "pack", id_bytes, pack_entry_visit);
    while ((entry = readdir(list)) != NULL)
        if (is_hex(entry->d_name, 2))
            entries_each(scan, objects, entry->d_name, id_bytes, loose_entry_visit);
    closedir(list);
}
