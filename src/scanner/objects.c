#include <errno.h>
#include <fcntl.h>
#include <git2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "scanner/scan_state.h"

/* Git by libgit2's object database: every object that is there, loose or packed, whether anything
 * leads to it or not, because a key in a dropped stash or an amended commit is as public as any. */

bool objects_are(int folder)
{
    struct stat about;

    return fstatat(folder, "objects/pack", &about, 0) == 0 && S_ISDIR(about.st_mode) &&
           fstatat(folder, "HEAD", &about, AT_SYMLINK_NOFOLLOW) == 0;
}

struct walk {
    struct scan *scan;
    git_odb *odb;
};

static int object_scan(const git_oid *id, void *context)
{
    struct walk *walk = context;
    char name[GIT_OID_HEXSZ + 32], hex[GIT_OID_HEXSZ + 1];
    struct feed feed;
    git_odb_object *object = NULL;
    size_t before;

    git_oid_tostr(hex, sizeof hex, id);
    if (git_odb_read(&object, walk->odb, id) != 0) {
        before = place_enter(walk->scan, " object ", slice_of(hex));
        incomplete_say(walk->scan, "cannot be read: %s", git_error_last()->message);
    } else {
        snprintf(name, sizeof name, "%s (%s)", hex,
                 git_object_type2string(git_odb_object_type(object)));
        before = place_enter(walk->scan, " object ", slice_of(name));
        walk->scan->totals.object_count++;
        place_feed(walk->scan, &feed);
        feed_bytes(&feed,
                   (struct slice){ git_odb_object_data(object), git_odb_object_size(object) });
        feed_end(&feed);
        bytes_count(walk->scan, git_odb_object_size(object));
    }
    place_leave(walk->scan, before);
    git_odb_object_free(object);
    return 0;
}

/* Ids of 64 digits: this libgit2 would take them for damage. */
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
    struct walk walk = { .scan = scan };
    char path[64];
    struct stat about;

    if (is_sha256(folder)) {
        incomplete_say(scan, "a repository with SHA-256 ids: its objects were not looked at");
        return;
    }
    if (fstatat(folder, "objects/info/alternates", &about, 0) == 0)
        incomplete_say(scan, "borrows objects from another repository: scan that one, too");
    git_libgit2_init();
    /* Hashes are git's business; recomputing them takes longer than everything else. */
    git_libgit2_opts(GIT_OPT_ENABLE_STRICT_HASH_VERIFICATION, 0);
    snprintf(path, sizeof path, "/proc/self/fd/%d/objects", folder);
    if (git_odb_open(&walk.odb, path) != 0 || git_odb_foreach(walk.odb, object_scan, &walk) != 0)
        incomplete_say(scan, "the objects of the repository cannot be read: %s",
                       git_error_last()->message);
    git_odb_free(walk.odb);
    git_libgit2_shutdown();
}
