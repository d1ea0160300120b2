#include "scanner/scan.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "keys/secret.h"
#include "scanner/scan_state.h"
#include "scanner/source_map.h"

/* So many keys can be in a large map that looking up each would take for ever. */
#define MAP_BYTES_MOST (UINT64_C(1) << 30)

enum {
    PROGRESS_BYTES = 16 << 20,
    MAP_ROOM = FEED_ROOM + SOURCE_MAP_MOST,
    FOLDERS_DEEP = 200, /* beyond that a path is longer than the system takes anyway */
};

const struct scan_limits scan_limits_default = {
    .nesting = 5,
    .member_count = 100000,
    .bytes = UINT64_C(2) << 30,
    .ratio = 200,
    .ratio_from = UINT64_C(512) << 20,
    .time_ns = 300 * UINT64_C(1000000000),
};

enum err scan_open(const struct scan_listener *listener, const struct scan_limits *limits,
                   struct scan **scan)
{
    struct scan *s = calloc(1, sizeof *s);
    enum err e = ERR_MEMORY;

    *scan = NULL;
    if (s == NULL)
        return ERR_MEMORY;
    s->listener = *listener;
    s->limits = *limits;
    s->progress_at = PROGRESS_BYTES;
    s->object_type = "";
    s->block = malloc(FEED_ROOM);
    if (s->block == NULL)
        goto out;
    TRY(matcher_open(&s->matcher));
    TRY(matcher_clone(s->matcher, &s->around));
    *scan = s;
    return OK;
out:
    scan_close(&s);
    return e;
}

void scan_close(struct scan **scan)
{
    struct scan *s = *scan;

    *scan = NULL;
    if (s == NULL)
        return;
    matcher_close(&s->around);
    matcher_close(&s->matcher);
    free(s->seen.hashes);
    free(s->map_block);
    free(s->block);
    free(s);
}

struct scan_totals scan_totals(const struct scan *scan)
{
    return scan->totals;
}

/* ---- Where the scan is, and what it tells ---- */

/* Whether the key is to be told, and if so, remembers it where that is asked for. */
static bool seen_judge(struct seen *seen, const struct match *match)
{
    uint8_t hash[SEEN_HASH_SIZE];

    if (!seen->notes && !seen->leaves_out)
        return true;
    crypto_generichash(hash, sizeof hash, (const uint8_t *)match->text, strlen(match->text), NULL,
                       0);
    if (seen->leaves_out)
        for (size_t i = 0; i < seen->count; i++)
            if (memcmp(seen->hashes[i], hash, sizeof hash) == 0)
                return false;
    if (seen->count == seen->capacity) {
        size_t capacity = seen->capacity * 2 + 16;
        void *more = realloc(seen->hashes, capacity * sizeof *seen->hashes);

        if (more == NULL)
            return true; /* told twice rather than not at all */
        seen->hashes = more;
        seen->capacity = capacity;
    }
    memcpy(seen->hashes[seen->count++], hash, sizeof hash);
    return true;
}

/* In the object that the key stands in, if that is a source map: "" otherwise. */
static void source_find(struct scan *scan, const struct object_part *part, const char *key,
                        char source[SOURCE_NAME_SIZE])
{
    source[0] = '\0';
    if (!part->is_whole || scan->map_bytes > MAP_BYTES_MOST)
        return;
    scan->map_bytes += part->bytes.size;
    if (source_map_name(scan->around, part->bytes, key, source))
        excerpt_mask(scan->around, source);
}

bool key_found(void *context, const struct match *match, uint64_t line, struct object_part *part)
{
    struct scan *scan = context;
    char excerpt[EXCERPT_SIZE] = "", source[SOURCE_NAME_SIZE] = "";
    struct scan_finding finding = { .match = *match,
                                    .place = scan->place,
                                    .line = line,
                                    .part = part,
                                    .object = scan->object,
                                    .object_type = scan->object_type,
                                    .source = source,
                                    .excerpt = excerpt };

    if (!seen_judge(&scan->seen, match))
        return true;
    scan->totals.finding_count++;
    if (part != NULL) {
        excerpt_cut(scan->around, part, match, excerpt);
        source_find(scan, part, match->text, source);
    }
    if (scan->listener.found != NULL)
        scan->listener.found(scan->listener.context, &finding);
    secret_wipe_bytes(&finding, sizeof finding);
    return true;
}

static void place_add(struct scan *scan, struct slice text)
{
    for (size_t i = 0; i < text.size && scan->place_size < sizeof scan->place - 1; i++) {
        char c = text.at[i];

        scan->place[scan->place_size++] = (unsigned char)c < ' ' || c == 0x7f ? '?' : c;
    }
    scan->place[scan->place_size] = '\0';
}

/* Of a name; keys beyond these are counted out, the first ones stay. */
struct names_keys {
    struct match at[4];
    size_t count;
};

static bool key_note(void *context, const struct match *match)
{
    struct names_keys *keys = context;

    keys->at[keys->count++] = *match;
    return keys->count < sizeof keys->at / sizeof *keys->at;
}

static const struct match *key_at(const struct names_keys *keys, size_t offset)
{
    for (size_t i = 0; i < keys->count; i++)
        if (keys->at[i].offset == offset)
            return &keys->at[i];
    return NULL;
}

size_t place_enter(struct scan *scan, const char *between, struct slice name)
{
    size_t before = scan->place_size;
    struct names_keys keys = { .count = 0 };
    char shown[MATCH_SHOWN_SIZE];

    if (name.size > UINT16_MAX)
        name.size = UINT16_MAX;
    matcher_scan(scan->matcher, name, name.size, 0, key_note, &keys);
    place_add(scan, slice_of(between));
    for (size_t at = 0; at < name.size;) {
        const struct match *key = key_at(&keys, at);

        if (key != NULL)
            match_show(key, shown);
        place_add(scan, key != NULL ? slice_of(shown) : (struct slice){ name.at + at, 1 });
        at += key != NULL ? key->size : 1;
    }
    for (size_t i = 0; i < keys.count; i++)
        key_found(scan, &keys.at[i], 0, NULL);
    secret_wipe_bytes(&keys, sizeof keys);
    return before;
}

void place_leave(struct scan *scan, size_t size)
{
    scan->place_size = size;
    scan->place[size] = '\0';
}

void incomplete_say(struct scan *scan, const char *format, ...)
{
    char why[256];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(why, sizeof why, format, arguments);
    va_end(arguments);
    scan->totals.incomplete_count++;
    if (scan->listener.incomplete != NULL)
        scan->listener.incomplete(scan->listener.context, scan->place, why);
}

void bytes_count(struct scan *scan, size_t size)
{
    scan->totals.bytes += size;
    if (scan->totals.bytes < scan->progress_at)
        return;
    scan->progress_at = scan->totals.bytes + PROGRESS_BYTES;
    if (scan->listener.progress != NULL)
        scan->listener.progress(scan->listener.context, scan->totals.bytes, scan->place);
}

/* "app.js.map", also as a page names it: "app.js.map?v=3". */
static bool is_map(const struct scan *scan)
{
    const char *name = memrchr(scan->place, '/', scan->place_size);
    const char *map = name == NULL ? NULL : strstr(name, ".map");

    return map != NULL && (map[4] == '\0' || map[4] == '?');
}

/* What is not written to is no memory. */
void place_feed(struct scan *scan, struct feed *feed)
{
    if (scan->map_block == NULL && is_map(scan))
        scan->map_block = malloc(MAP_ROOM);
    if (scan->map_block != NULL && is_map(scan))
        feed_begin(feed, scan->matcher, scan->map_block, MAP_ROOM, key_found, scan);
    else
        feed_begin(feed, scan->matcher, scan->block, FEED_ROOM, key_found, scan);
}

/* ---- Files ---- */

/* Goes on with a feed that may have something in it already.  `left`: bytes that the file has
 * besides; 0: nobody knows. */
static void rest_scan(struct scan *scan, struct feed *feed, int fd, uint64_t left)
{
    bool is_known = left > 0;
    ssize_t got;

    do {
        size_t room;
        char *at = feed_room(feed, &room);

        got = read(fd, at, room);
        if (got > 0) {
            feed_filled(feed, (size_t)got);
            bytes_count(scan, (size_t)got);
            left = is_known && left > (size_t)got ? left - (size_t)got : 0;
        } else if (got < 0 && errno != EINTR) {
            incomplete_say(scan, "cannot be read: %s", strerror(errno));
        }
    } while ((got > 0 && !(is_known && left == 0)) || (got < 0 && errno == EINTR));
    feed_end(feed);
}

static void plain_scan(struct scan *scan, int fd)
{
    struct feed feed;

    place_feed(scan, &feed);
    rest_scan(scan, &feed, fd, 0);
}

/* First what an archive holds, then its own bytes: comments, what stands before and behind. */
static void archive_scan(struct scan *scan, int fd, uint64_t size)
{
    scan->seen.notes = true;
    if (lseek(fd, 0, SEEK_SET) == 0)
        unpack_file(scan, fd, size);
    scan->seen.notes = false;
    scan->seen.leaves_out = true;
    if (lseek(fd, 0, SEEK_SET) == 0)
        plain_scan(scan, fd);
    else
        incomplete_say(scan, "cannot be read: %s", strerror(errno));
    scan->seen = (struct seen){ .hashes = scan->seen.hashes, .capacity = scan->seen.capacity };
}

/* One read, for most files: its bytes say whether this is an archive, and are what is looked at. */
static void regular_scan(struct scan *scan, int fd, uint64_t size)
{
    struct feed feed;
    size_t room;
    char *at;
    ssize_t got;

    place_feed(scan, &feed);
    at = feed_room(&feed, &room);
    got = read(fd, at, room);
    if (got > 0 && unpack_is((struct slice){ at, (size_t)got })) {
        explicit_bzero(at, (size_t)got);
        archive_scan(scan, fd, size);
        return;
    }
    if (got > 0 && pack_is((struct slice){ at, (size_t)got })) {
        pack_file_scan(scan, fd, size);
        return;
    }
    if (got > 0) {
        feed_filled(&feed, (size_t)got);
        bytes_count(scan, (size_t)got);
    }
    if (got > 0 && (uint64_t)got == size)
        feed_end(&feed);
    else
        rest_scan(scan, &feed, fd, got > 0 && size > (uint64_t)got ? size - (uint64_t)got : 0);
}

static void file_scan(struct scan *scan, int fd, const struct stat *about)
{
    scan->totals.file_count++;
    /* What cannot be read at a place, a pipe, is taken as it comes. */
    if (S_ISREG(about->st_mode))
        regular_scan(scan, fd, (uint64_t)about->st_size);
    else
        plain_scan(scan, fd);
}

void scan_descriptor(struct scan *scan, const char *place, int fd)
{
    size_t before = place_enter(scan, "", slice_of(place));
    struct stat about;

    if (fstat(fd, &about) == 0)
        file_scan(scan, fd, &about);
    else
        incomplete_say(scan, "cannot be read: %s", strerror(errno));
    place_leave(scan, before);
}

void scan_missing(struct scan *scan, const char *place, const char *why)
{
    size_t before = place_enter(scan, "", slice_of(place));

    incomplete_say(scan, "%s", why);
    place_leave(scan, before);
}

/* ---- Folders ---- */

static void entry_scan(struct scan *scan, int folder, const char *name, unsigned depth);

static void folder_scan(struct scan *scan, int fd, bool is_repository, unsigned depth)
{
    DIR *folder = depth < FOLDERS_DEEP ? fdopendir(fd) : NULL;
    const struct dirent *entry;

    if (folder == NULL) {
        incomplete_say(scan, "cannot be read: %s",
                       depth < FOLDERS_DEEP ? strerror(errno) : "folders in folders without end");
        close(fd);
        return;
    }
    for (;;) {
        size_t before;

        errno = 0;
        entry = readdir(folder);
        if (entry == NULL)
            break;
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        /* Packed and compressed: objects_scan has read it. */
        if (is_repository && strcmp(entry->d_name, "objects") == 0)
            continue;
        before = place_enter(scan, scan->place[scan->place_size - 1] == '/' ? "" : "/",
                             slice_of(entry->d_name));
        entry_scan(scan, fd, entry->d_name, depth + 1);
        place_leave(scan, before);
    }
    if (errno != 0)
        incomplete_say(scan, "cannot be read to its end: %s", strerror(errno));
    closedir(folder);
}

static void entry_scan(struct scan *scan, int folder, const char *name, unsigned depth)
{
    struct stat about;
    int fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    bool is_repository;

    if (fd < 0) {
        if (errno != ELOOP && errno != ENXIO) /* a symbolic link, a socket */
            incomplete_say(scan, "cannot be opened: %s", strerror(errno));
        return;
    }
    if (fstat(fd, &about) != 0) {
        incomplete_say(scan, "cannot be read: %s", strerror(errno));
        close(fd);
        return;
    }
    if (S_ISDIR(about.st_mode)) {
        is_repository = objects_are(fd);
        if (is_repository)
            objects_scan(scan, fd);
        folder_scan(scan, fd, is_repository, depth);
        return;
    }
    if (S_ISREG(about.st_mode))
        file_scan(scan, fd, &about);
    close(fd);
}

void scan_path(struct scan *scan, const char *path)
{
    size_t before = place_enter(scan, "", slice_of(path));
    struct stat about;

    /* What is named is meant, be it a link. */
    if (stat(path, &about) != 0) {
        incomplete_say(scan, "cannot be opened: %s", strerror(errno));
    } else if (lstat(path, &about) == 0 && S_ISLNK(about.st_mode)) {
        char real[SCAN_PLACE_SIZE];

        if (realpath(path, real) != NULL) {
            place_leave(scan, before);
            place_enter(scan, "", slice_of(real));
            entry_scan(scan, AT_FDCWD, real, 0);
        }
    } else {
        entry_scan(scan, AT_FDCWD, path, 0);
    }
    place_leave(scan, before);
}
