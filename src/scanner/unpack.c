#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/file.h"
#include "scanner/gunzip.h"
#include "scanner/http_record.h"
#include "scanner/scan_state.h"
#include "scanner/warc.h"

/* Archives by libarchive, from memory or a file, never onto the disk.  Each level of nesting has an
 * unpacking of its own; the limits are those of the outermost one. */

enum {
    PIECE_SIZE = 256 * 1024,
    INNER_MOST = 512 << 20, /* of an archive in an archive: it is held in memory */
    GZIP_MOST = 128 << 20,  /* of a file that is unpacked in memory at once */
    GUNZIPPED_MOST = 128 << 20,
};

#define NO_NAME "(content)" /* of a compressed file without an archive inside */

/* What the levels of one outermost archive have used. */
struct budget {
    uint64_t packed, member_count, bytes, started_ns;
    bool spent;
};

struct source {
    struct slice bytes, rest; /* all, and what has not been read */
    int fd;                   /* < 0: bytes */
    char piece[PIECE_SIZE];
};

struct magic {
    size_t offset, size;
    const char *bytes;
};

/* From the formats' own documents; a tar says so 257 bytes in. */
static const struct magic magics[] = {
    { 0, 4, "PK\3\4" },
    { 0, 4, "PK\5\6" },
    { 0, 2, "\x1f\x8b" },
    { 0, 6,
      "\xfd"
      "7zXZ\0" },
    { 0, 4, "\x28\xb5\x2f\xfd" },
    { 0, 3, "BZh" },
    { 257, 5, "ustar" },
    { 0, 6, "7z\xbc\xaf\x27\x1c" },
    { 0, 5, "WARC/" },
    { 0, 4, "LZIP" },
    { 0, 4, "\x04\x22\x4d\x18" },
    { 0, 7, "!<arch>" },
    { 0, 4, "MSCF" },
    { 0, 4, "Rar!" },
};

bool unpack_is(struct slice start)
{
    for (size_t i = 0; i < sizeof magics / sizeof *magics; i++)
        if (start.size >= magics[i].offset + magics[i].size &&
            memcmp(start.at + magics[i].offset, magics[i].bytes, magics[i].size) == 0)
            return true;
    return false;
}

static bool is_web_archive(struct slice start)
{
    return slice_starts(start, SLICE("WARC/"));
}

static la_ssize_t source_read(struct archive *archive, void *context, const void **bytes)
{
    struct source *source = context;
    ssize_t got;

    if (source->fd < 0) {
        struct slice all = source->rest;

        source->rest = SLICE_EMPTY;
        *bytes = all.at;
        return (la_ssize_t)all.size;
    }
    do
        got = read(source->fd, source->piece, sizeof source->piece);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        archive_set_error(archive, errno, "%s", strerror(errno));
    *bytes = source->piece;
    return got;
}

/* A bomb need not be large: some formats take long over little. */
static bool time_is_left(struct scan *scan, struct budget *budget)
{
    if (clock_mono_ns() - budget->started_ns < scan->limits.time_ns)
        return true;
    incomplete_say(scan, "takes more than %llu s to unpack",
                   (unsigned long long)(scan->limits.time_ns / 1000000000));
    budget->spent = true;
    return false;
}

/* Counts before anything else is done with the bytes.  False: no more of this archive. */
static bool budget_take(struct scan *scan, struct budget *budget, size_t size)
{
    budget->bytes += size;
    if (budget->spent)
        return false;
    if (budget->bytes > scan->limits.bytes)
        incomplete_say(scan, "unpacks to more than %llu bytes",
                       (unsigned long long)scan->limits.bytes);
    else if (budget->bytes > scan->limits.ratio_from &&
             budget->bytes / scan->limits.ratio > budget->packed)
        incomplete_say(scan, "unpacks to more than %llu times its size",
                       (unsigned long long)scan->limits.ratio);
    else
        return time_is_left(scan, budget);
    budget->spent = true;
    return false;
}

/* *is_archive: false when nothing of it was looked at. */
static void level_scan(struct scan *scan, struct source *source, struct budget *budget,
                       unsigned nesting, bool *is_archive);

/* The next piece of a member.  0: the end, or nothing more can be had, which was said. */
static size_t member_read(struct scan *scan, struct archive *archive, struct budget *budget,
                          char *piece)
{
    la_ssize_t got = archive_read_data(archive, piece, PIECE_SIZE);

    if (got < 0) {
        incomplete_say(scan, "damaged: %s", archive_error_string(archive));
        return 0;
    }
    bytes_count(scan, (size_t)got);
    return budget_take(scan, budget, (size_t)got) ? (size_t)got : 0;
}

static void bytes_look(struct scan *scan, struct slice bytes)
{
    struct feed feed;

    place_feed(scan, &feed);
    feed_bytes(&feed, bytes);
    feed_end(&feed);
}

/* An archive, or what it is, in memory. */
static void content_look(struct scan *scan, struct slice content, struct budget *budget,
                         unsigned nesting)
{
    struct source *inner = unpack_is(content) ? calloc(1, sizeof *inner) : NULL;
    bool is_archive = false;

    if (inner != NULL) {
        inner->fd = -1;
        inner->bytes = content;
        level_scan(scan, inner, budget, nesting + 1, &is_archive);
    }
    if (!is_archive)
        bytes_look(scan, content);
    free(inner);
}

/* ---- Archives of the web ---- */

struct web_archive {
    struct scan *scan;
    struct budget *budget;
    unsigned nesting;
    struct warc_reader reader;
    struct buffer held; /* the body of the present record */
    bool is_cut;        /* not all of that */
    size_t before;      /* its place */
};

static bool record_begin(void *context, const struct warc_record *record)
{
    struct web_archive *w = context;

    if (++w->budget->member_count > w->scan->limits.member_count) {
        incomplete_say(w->scan, "has more than %llu members",
                       (unsigned long long)w->scan->limits.member_count);
        w->budget->spent = true;
        return false;
    }
    w->before = place_enter(w->scan, "!", record->uri.size > 0 ? record->uri : record->type);
    w->scan->totals.object_count++;
    bytes_look(w->scan, record->head);
    w->held.size = 0;
    w->is_cut = false;
    return true;
}

static bool record_bytes(void *context, struct slice bytes)
{
    struct web_archive *w = context;

    w->is_cut = w->is_cut || bytes.size > INNER_MOST - w->held.size;
    if (!w->is_cut)
        buffer_append(&w->held, bytes);
    return true;
}

/* An answer of a server, as it came over the wire. */
static void answer_look(struct web_archive *w, const struct http_record *answer)
{
    struct slice body = answer->body;
    char *joined = NULL;
    size_t size;

    bytes_look(w->scan, answer->head);
    if (answer->is_chunked && body.size > 0) {
        joined = malloc(body.size);
        if (joined == NULL) {
            incomplete_say(w->scan, "out of memory");
        } else if (http_record_join(body, joined, &size)) {
            body = (struct slice){ joined, size };
        } else {
            incomplete_say(w->scan, "damaged: its chunks do not fit together");
            content_look(w->scan, (struct slice){ joined, size }, w->budget, w->nesting);
        }
    }
    if (answer->coding.size > 0 && body.size > 0)
        incomplete_say(w->scan, "is encoded as %.*s, which is not undone",
                       answer->coding.size > 20 ? 20 : (int)answer->coding.size, answer->coding.at);
    content_look(w->scan, body, w->budget, w->nesting);
    free(joined);
}

static bool record_end(void *context)
{
    struct web_archive *w = context;
    struct http_record answer;

    if (w->is_cut)
        incomplete_say(w->scan, "a record of more than %d MB: its rest was left out",
                       INNER_MOST >> 20);
    if (w->held.failed)
        incomplete_say(w->scan, "out of memory");
    else if (http_record_read(buffer_slice(&w->held), &answer))
        answer_look(w, &answer);
    else
        content_look(w->scan, buffer_slice(&w->held), w->budget, w->nesting);
    place_leave(w->scan, w->before);
    return !w->budget->spent;
}

/* Bytes of what began like one, the first `size` of them at hand. */
static void web_archive_scan(struct scan *scan, struct archive *archive, struct budget *budget,
                             unsigned nesting, char *piece, size_t size)
{
    struct web_archive *w = calloc(1, sizeof *w);
    const struct warc_listener listener = { record_begin, record_bytes, record_end, w };
    bool good = true;

    if (w == NULL) {
        incomplete_say(scan, "out of memory");
        return;
    }
    if (archive_format(archive) == ARCHIVE_FORMAT_RAW) /* the records have names of their own */
        place_leave(scan, scan->place_size - strlen("!" NO_NAME));
    *w = (struct web_archive){ .scan = scan, .budget = budget, .nesting = nesting };
    buffer_init(&w->held);
    warc_begin(&w->reader);
    for (; size > 0; size = member_read(scan, archive, budget, piece)) {
        struct slice bytes = { piece, size };

        if (good)
            good = warc_read(&w->reader, bytes, &listener);
        if (!good)
            bytes_look(scan, bytes); /* whatever it is */
    }
    if (w->reader.at == WARC_BODY)
        (void)record_end(w); /* what there is of it */
    if (!budget->spent && !(good && warc_is_between(&w->reader)))
        incomplete_say(scan, "damaged: its records do not fit together");
    if (w->held.at != NULL)
        explicit_bzero(w->held.at, w->held.capacity);
    buffer_wipe(&w->held);
    free(w);
}

/* ---- Members of archives ---- */

/* An archive in an archive: held as a whole. */
static void inner_scan(struct scan *scan, struct archive *archive, struct budget *budget,
                       unsigned nesting, struct buffer *held, char *piece)
{
    size_t size;

    while (held->size < INNER_MOST && (size = member_read(scan, archive, budget, piece)) > 0)
        buffer_append(held, (struct slice){ piece, size });
    if (held->size >= INNER_MOST)
        incomplete_say(scan, "an archive in an archive of more than %d MB: its rest was left out",
                       INNER_MOST >> 20);
    if (held->failed)
        incomplete_say(scan, "out of memory");
    content_look(scan, buffer_slice(held), budget, nesting);
}

static void member_scan(struct scan *scan, struct archive *archive, struct budget *budget,
                        unsigned nesting)
{
    struct feed feed;
    struct buffer held;
    char *piece = malloc(PIECE_SIZE);
    size_t size;

    buffer_init(&held);
    if (piece == NULL) {
        incomplete_say(scan, "out of memory");
        return;
    }
    size = member_read(scan, archive, budget, piece);
    if (is_web_archive((struct slice){ piece, size })) {
        web_archive_scan(scan, archive, budget, nesting, piece, size);
    } else if (unpack_is((struct slice){ piece, size })) {
        buffer_append(&held, (struct slice){ piece, size });
        inner_scan(scan, archive, budget, nesting, &held, piece);
    } else {
        place_feed(scan, &feed);
        for (; size > 0; size = member_read(scan, archive, budget, piece))
            feed_bytes(&feed, (struct slice){ piece, size });
        feed_end(&feed);
    }
    buffer_wipe(&held);
    free(piece);
}

/* Not all that libarchive knows: mtree takes many a text for a list of files, and would pass over
 * what the text says; of WARC it passes over much, too (scanner/warc.h). */
static int (*const formats[])(struct archive *archive) = {
    archive_read_support_format_tar,  archive_read_support_format_zip,
    archive_read_support_format_7zip, archive_read_support_format_ar,
    archive_read_support_format_cpio, archive_read_support_format_cab,
    archive_read_support_format_rar,  archive_read_support_format_rar5,
    archive_read_support_format_xar,
};

/* `raw`: what is compressed, without looking for an archive in it. */
static struct archive *archive_make(struct source *source, bool raw)
{
    struct archive *archive = archive_read_new();

    if (archive == NULL)
        return NULL;
    archive_read_support_filter_all(archive);
    for (size_t i = 0; !raw && i < sizeof formats / sizeof *formats; i++)
        formats[i](archive);
    archive_read_support_format_raw(archive); /* gzip and the like without an archive inside */
    /* Else whatever stands behind the end of a tar would not be looked at. */
    archive_read_set_format_option(archive, "tar", "read_concatenated_archives", "1");
    if (archive_read_open(archive, source, NULL, source_read, NULL) >= ARCHIVE_WARN)
        return archive;
    archive_read_free(archive);
    return NULL;
}

/* The name of a compressed file without an archive inside is nobody's. */
static struct slice member_name(struct archive *archive, struct archive_entry *entry)
{
    const char *name = archive_entry_pathname(entry);

    if (archive_format(archive) == ARCHIVE_FORMAT_RAW || name == NULL)
        return SLICE(NO_NAME);
    return slice_of(name);
}

/* Which libarchive takes for nothing that it knows. */
static bool source_is_web_archive(const struct source *source)
{
    char start[UNPACK_PEEK];
    ssize_t got;

    if (source->fd < 0)
        return is_web_archive(source->bytes);
    got = file_read_at(source->fd, start, sizeof start, 0);
    return got > 0 && is_web_archive((struct slice){ start, (size_t)got });
}

/* One member after the other.  Returns libarchive's last word. */
static int members_scan(struct scan *scan, const struct source *source, struct archive *archive,
                        struct budget *budget, unsigned nesting, bool *is_archive)
{
    struct archive_entry *entry;
    int code = ARCHIVE_OK;

    /* Asked for each member: empty ones are never read. */
    while (!budget->spent && time_is_left(scan, budget)) {
        size_t before;

        code = archive_read_next_header(archive, &entry);
        if (code < ARCHIVE_WARN || code == ARCHIVE_EOF)
            break;
        /* Bytes that only begin like an archive: they are looked at as they are. */
        if (archive_format(archive) == ARCHIVE_FORMAT_RAW && archive_filter_count(archive) == 1 &&
            !source_is_web_archive(source))
            break;
        *is_archive = true;
        if (++budget->member_count > scan->limits.member_count) {
            incomplete_say(scan, "has more than %llu members",
                           (unsigned long long)scan->limits.member_count);
            budget->spent = true;
            break;
        }
        before = place_enter(scan, "!", member_name(archive, entry));
        scan->totals.object_count++;
        member_scan(scan, archive, budget, nesting);
        place_leave(scan, before);
    }
    return code;
}

static bool source_rewind(struct source *source)
{
    source->rest = source->bytes;
    return source->fd < 0 || lseek(source->fd, 0, SEEK_SET) == 0;
}

static void level_scan(struct scan *scan, struct source *source, struct budget *budget,
                       unsigned nesting, bool *is_archive)
{
    *is_archive = false;
    if (nesting > scan->limits.nesting) {
        incomplete_say(scan, "more than %u archives in one another", scan->limits.nesting);
        return;
    }
    /* Zeros are an empty tar to libarchive, and so is everything that begins with some: where no
     * member came, the content itself is one. */
    for (int raw = 0; raw <= 1 && !*is_archive && source_rewind(source); raw++) {
        struct archive *archive = archive_make(source, raw == 1);

        if (archive == NULL)
            return;
        if (members_scan(scan, source, archive, budget, nesting, is_archive) < ARCHIVE_WARN &&
            *is_archive)
            incomplete_say(scan, "damaged: %s", archive_error_string(archive));
        archive_read_free(archive);
    }
}

/* A gzip file that is whole and not too large, at once: most packages are one.  False: nothing was
 * looked at. */
static bool gzip_scan(struct scan *scan, struct source *source, struct budget *budget, int fd)
{
    char *packed = budget->packed > GZIP_MOST ? NULL : malloc(budget->packed + 1), *bytes = NULL;
    bool is_archive, done = false;
    struct feed feed;
    size_t size;

    if (packed != NULL && file_read_at(fd, packed, budget->packed, 0) == (ssize_t)budget->packed)
        done = gunzip((struct slice){ packed, budget->packed }, GUNZIPPED_MOST, &bytes, &size);
    free(packed);
    if (!done)
        return false;
    source->fd = -1;
    source->bytes = (struct slice){ bytes, size };
    level_scan(scan, source, budget, 1, &is_archive);
    if (!is_archive && budget_take(scan, budget, size)) {
        size_t before = place_enter(scan, "!", SLICE(NO_NAME));

        scan->totals.object_count++;
        place_feed(scan, &feed);
        feed_bytes(&feed, source->bytes);
        feed_end(&feed);
        bytes_count(scan, size);
        place_leave(scan, before);
    }
    explicit_bzero(bytes, size);
    free(bytes);
    return true;
}

void unpack_file(struct scan *scan, int fd, uint64_t size)
{
    struct source *source = calloc(1, sizeof *source);
    struct budget budget = { .packed = size, .started_ns = clock_mono_ns() };
    bool is_archive;

    if (source == NULL) {
        incomplete_say(scan, "out of memory");
        return;
    }
    if (!gzip_scan(scan, source, &budget, fd)) {
        source->fd = fd;
        level_scan(scan, source, &budget, 1, &is_archive);
    }
    free(source);
}
