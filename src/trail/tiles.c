#include "trail/tiles.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buffer.h"

void tiles_name(unsigned level, uint64_t number, unsigned width, char name[128])
{
    char groups[64] = "", level_text[16];
    uint64_t rest = number / 1000;
    size_t at = sizeof groups - 1;

    /* Groups of three digits, all but the last behind an x, so that folders stay small. */
    for (; rest > 0; rest /= 1000) {
        char group[8];

        snprintf(group, sizeof group, "x%03u/", (unsigned)(rest % 1000));
        at -= 5;
        memcpy(groups + at, group, 5);
    }
    groups[sizeof groups - 1] = '\0';
    if (level == TILES_ENTRIES)
        snprintf(level_text, sizeof level_text, "entries");
    else
        snprintf(level_text, sizeof level_text, "%u", level);
    if (width == TILES_WIDTH)
        snprintf(name, 128, "tile/%s/%s%03u", level_text, groups + at, (unsigned)(number % 1000));
    else
        snprintf(name, 128, "tile/%s/%s%03u.p/%u", level_text, groups + at,
                 (unsigned)(number % 1000), width);
}

enum err tiles_init(struct tiles *tiles, const char *folder, enum tiles_mode mode)
{
    *tiles = (struct tiles){ .folder = folder, .mode = mode };
    tiles->bundle = malloc(TILES_BUNDLE_MOST);
    return tiles->bundle == NULL ? ERR_MEMORY : OK;
}

void tiles_wipe(struct tiles *tiles)
{
    free(tiles->bundle);
    *tiles = (struct tiles){ 0 };
}

static void tile_path(const struct tiles *tiles, const char *name, char path[FILE_PATH_SIZE])
{
    snprintf(path, FILE_PATH_SIZE, "%.*s/%s", FILE_PATH_SIZE - 160, tiles->folder, name);
}

/* Which entry of a bundle holds the byte. */
static uint64_t bundle_entry_at(struct slice bundle, size_t byte)
{
    uint64_t entry = 0;
    size_t at = 0;

    while (at + 2 <= bundle.size) {
        size_t size = (size_t)(uint8_t)bundle.at[at] << 8 | (uint8_t)bundle.at[at + 1];

        at += 2 + size;
        if (byte < at)
            break;
        entry++;
    }
    return entry;
}

static void tile_report(struct tiles *tiles, const char *name, unsigned level, uint64_t number,
                        struct slice content, const struct buffer *found)
{
    unsigned height = level == TILES_ENTRIES ? 0 : 8 * level;
    size_t same = 0;
    uint64_t entry;

    if (tiles->wrong == NULL)
        return;
    if (found == NULL) {
        uint64_t first = number * TILES_WIDTH << height;

        tiles->wrong(tiles->context, name, true, first, first + ((uint64_t)TILES_WIDTH << height));
        return;
    }
    while (same < content.size && same < found->size && content.at[same] == found->at[same])
        same++;
    entry = level == TILES_ENTRIES ? bundle_entry_at(content, same) : same / MERKLE_HASH_SIZE;
    if (entry >= TILES_WIDTH)
        entry = TILES_WIDTH - 1;
    entry += number * TILES_WIDTH;
    tiles->wrong(tiles->context, name, false, entry << height, (entry + 1) << height);
}

/* Is it on disk as it should be?  Reports when only comparing. */
static enum err tile_compare(struct tiles *tiles, const char *name, unsigned level, uint64_t number,
                             struct slice content, bool *same)
{
    char path[FILE_PATH_SIZE];
    struct buffer found;
    enum err e;

    *same = false;
    tiles->compared++;
    tile_path(tiles, name, path);
    buffer_init(&found);
    e = file_read(path, content.size, &found);
    if (e == OK && slice_is(content, buffer_slice(&found)))
        *same = true;
    else if (tiles->mode == TILES_COMPARE && (e == OK || e == ERR_FULL || e == ERR_MISSING))
        tile_report(tiles, name, level, number, content, e == ERR_MISSING ? NULL : &found);
    buffer_wipe(&found);
    return e == ERR_MEMORY ? e : OK;
}

static enum err tile_fail(struct tiles *tiles, const char *name)
{
    snprintf(tiles->problem, sizeof tiles->problem, "cannot write %s: %s", name, strerror(errno));
    return ERR_IO;
}

/* Not synced, and not by way of another name: nobody looks for a tile before the checkpoint that
 * needs it, and opening repairs the tiles of the files that were being written. */
static enum err tile_write(struct tiles *tiles, const char *name, bool new_folder,
                           struct slice content)
{
    char path[FILE_PATH_SIZE];
    enum err e;
    int fd;

    tile_path(tiles, name, path);
    if (new_folder) {
        char *slash = strrchr(path, '/');

        *slash = '\0';
        if (file_folder_make(path, 0755) != OK)
            return tile_fail(tiles, name);
        *slash = '/';
    }
    fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
    if (fd < 0)
        return tile_fail(tiles, name);
    e = file_write_all(fd, content);
    if (close(fd) != 0 || e != OK) {
        e = tile_fail(tiles, name);
        unlink(path);
    }
    return e;
}

/* A full tile replaces those that were cut off at checkpoints. */
static void partials_remove(struct tiles *tiles, const char *name)
{
    char path[FILE_PATH_SIZE];
    struct dirent *entry;
    DIR *listing;

    tile_path(tiles, name, path);
    strncat(path, ".p", sizeof path - strlen(path) - 1);
    listing = opendir(path);
    if (listing == NULL)
        return;
    while ((entry = readdir(listing)) != NULL)
        if (entry->d_name[0] != '.')
            unlinkat(dirfd(listing), entry->d_name, 0);
    closedir(listing);
    rmdir(path);
}

static enum err tile_put(struct tiles *tiles, unsigned level, uint64_t number, unsigned width,
                         struct slice content)
{
    bool is_full = width == TILES_WIDTH, new_folder;
    char name[128];
    enum err e;

    tiles_name(level, number, width, name);
    if (tiles->mode != TILES_WRITE) {
        bool same;

        TRY(tile_compare(tiles, name, level, number, content, &same));
        if (same || tiles->mode == TILES_COMPARE)
            goto out;
    }
    new_folder = !is_full || tiles->folder_made[level] != number / 1000 + 1;
    TRY(tile_write(tiles, name, new_folder, content));
    if (is_full) {
        tiles->folder_made[level] = number / 1000 + 1;
        partials_remove(tiles, name);
    }
    tiles->problem[0] = '\0';
out:
    return e;
}

static struct slice level_slice(const struct tiles *tiles, unsigned level, unsigned width)
{
    return (struct slice){ (const char *)tiles->hash[level], (size_t)width * MERKLE_HASH_SIZE };
}

/* The tile that holds the hash of a full tile one level below: read and folded. */
static enum err tile_fold_from_disk(struct tiles *tiles, unsigned level, uint64_t number,
                                    struct merkle_hash *root)
{
    struct merkle_hash hashes[TILES_WIDTH];
    char path[FILE_PATH_SIZE], name[128];
    struct buffer found;
    enum err e;

    tiles_name(level, number, TILES_WIDTH, name);
    tile_path(tiles, name, path);
    buffer_init(&found);
    e = file_read(path, sizeof hashes, &found);
    if (e == OK && found.size == sizeof hashes) {
        memcpy(hashes, found.at, sizeof hashes);
        merkle_fold(hashes, TILES_WIDTH, root);
    } else if (e != ERR_MEMORY) {
        e = ERR_MISSING;
    }
    buffer_wipe(&found);
    return e;
}

/* The subtrees in a tile being filled are the tree's peaks of that level. */
static bool level_is_of_tree(const struct tiles *tiles, unsigned level, unsigned width,
                             const struct merkle_frontier *tree)
{
    unsigned at = 0;

    for (unsigned bit = 8; bit-- > 0;) {
        struct merkle_hash root;

        if ((width >> bit & 1) == 0)
            continue;
        merkle_fold(&tiles->hash[level][at], (size_t)1 << bit, &root);
        if (!merkle_equal(&root, &tree->peak[8 * level + bit]))
            return false;
        at += 1U << bit;
    }
    return true;
}

enum err tiles_load(struct tiles *tiles, const struct merkle_frontier *tree)
{
    enum err e = OK;

    assert(tree->size % TILES_WIDTH == 0);
    for (unsigned level = 1; level < TILES_LEVELS; level++) {
        uint64_t count = tree->size >> 8 * level;
        unsigned width = (unsigned)(count % TILES_WIDTH);

        for (unsigned i = 0; i < width; i++)
            TRY(tile_fold_from_disk(tiles, level - 1, count - width + i, &tiles->hash[level][i]));
        if (!level_is_of_tree(tiles, level, width, tree))
            return ERR_MISSING;
    }
    tiles->size = tree->size;
    tiles->bundle_size = 0;
out:
    return e;
}

/* Puts the full tile `number` of level 0, and those above it that it fills. */
static enum err levels_put(struct tiles *tiles, uint64_t number)
{
    unsigned slot = TILES_WIDTH - 1;
    enum err e = OK;

    for (unsigned level = 0; slot == TILES_WIDTH - 1; level++) {
        TRY(tile_put(tiles, level, number, TILES_WIDTH, level_slice(tiles, level, TILES_WIDTH)));
        if (level + 1 == TILES_LEVELS)
            break;
        slot = (unsigned)(number % TILES_WIDTH);
        number /= TILES_WIDTH;
        merkle_fold(tiles->hash[level], TILES_WIDTH, &tiles->hash[level + 1][slot]);
    }
out:
    return e;
}

enum err tiles_add(struct tiles *tiles, struct slice record, const struct merkle_hash *leaf)
{
    size_t bundle_was = tiles->bundle_size;
    unsigned slot = (unsigned)(tiles->size % TILES_WIDTH);
    uint64_t number = tiles->size / TILES_WIDTH;
    uint8_t *out = tiles->bundle + bundle_was;
    enum err e = OK;

    out[0] = (uint8_t)(record.size >> 8);
    out[1] = (uint8_t)record.size;
    memcpy(out + 2, record.at, record.size);
    tiles->bundle_size += 2 + record.size;
    tiles->hash[0][slot] = *leaf;
    if (slot == TILES_WIDTH - 1) {
        TRY(tile_put(tiles, TILES_ENTRIES, number, TILES_WIDTH,
                     (struct slice){ (const char *)tiles->bundle, tiles->bundle_size }));
        TRY(levels_put(tiles, number));
        tiles->bundle_size = 0;
    }
    tiles->size++;
out:
    if (e != OK)
        tiles->bundle_size = bundle_was;
    return e;
}

enum err tiles_add_leaves(struct tiles *tiles, const struct merkle_hash leaf[TILES_WIDTH])
{
    enum err e;

    assert(tiles->size % TILES_WIDTH == 0);
    memcpy(tiles->hash[0], leaf, sizeof tiles->hash[0]);
    TRY(levels_put(tiles, tiles->size / TILES_WIDTH));
    tiles->size += TILES_WIDTH;
out:
    return e;
}

enum err tiles_publish(struct tiles *tiles)
{
    enum err e = OK;

    for (unsigned level = 0; level < TILES_LEVELS; level++) {
        uint64_t count = tiles->size >> 8 * level;
        unsigned width = (unsigned)(count % TILES_WIDTH);

        if (width == 0)
            continue;
        TRY(tile_put(tiles, level, count / TILES_WIDTH, width, level_slice(tiles, level, width)));
        if (level == 0)
            TRY(tile_put(tiles, TILES_ENTRIES, count / TILES_WIDTH, width,
                         (struct slice){ (const char *)tiles->bundle, tiles->bundle_size }));
    }
out:
    return e;
}
