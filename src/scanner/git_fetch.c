#include "scanner/git_fetch.h"

#include <curl/curl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/hex.h"
#include "scanner/pkt_line.h"

#define SERVICE         "git-upload-pack"
#define INFO_PATH       "/info/refs?service=" SERVICE
#define LIST_BYTES_MOST (UINT64_C(256) << 20)

enum { REDIRECTS_MOST = 5, CONNECT_S = 30 };

const struct git_limits git_limits_default = {
    .pack_bytes = UINT64_C(2) << 30,
    .ref_count = 1000000,
    .time_s = 3600,
    .stall_s = 60,
    .stop = -1,
};

struct git_remote {
    CURL *curl;
    char *base; /* address without a slash at its end */
    struct git_limits limits;
    struct git_trouble trouble;
    struct git_ref *refs;
    size_t ref_count, ref_capacity;
    size_t id_bytes;
    bool says_format, says_agent; /* the server names them, so the client may */
    struct pkt_reader reader;
};

/* One request, and how far its answer has come. */
struct answer {
    struct git_remote *remote;
    const char *type; /* that the answer has */
    bool (*line)(void *answer, enum pkt_kind kind, struct slice bytes);
    uint64_t most, bytes; /* of the answer */
    enum err e;           /* of reading it */
    bool is_whole;
    enum {
        AT_START,
        AT_GREETING,   /* "# service=", which has an end of its own */
        AT_CAPABILITY, /* behind "version 2" */
        AT_SECTION,
        IN_SECTION, /* that is passed over */
        IN_PACK,
    } at;
    bool has_list, has_fetch;
    bool (*take)(void *context, struct slice bytes); /* the pack */
    void *context;
    uint64_t pack_left;
};

/* What strangers say is kept to one line of what can be shown. */
static enum err trouble_say(struct git_remote *r, enum err e, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static enum err trouble_say(struct git_remote *r, enum err e, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(r->trouble.why, sizeof r->trouble.why, format, arguments);
    va_end(arguments);
    for (char *c = r->trouble.why; *c != '\0'; c++)
        if ((unsigned char)*c < ' ' || (unsigned char)*c >= 0x7f)
            *c = '?';
    return e;
}

static bool answer_fail(struct answer *a, enum err e, const char *why)
{
    a->e = trouble_say(a->remote, e, "%s", why);
    return false;
}

static struct slice line_text(struct slice line)
{
    if (line.size > 0 && line.at[line.size - 1] == '\n')
        line.size--;
    return line;
}

static bool server_says(struct answer *a, struct slice message)
{
    message = line_text(message);
    a->e = trouble_say(a->remote, ERR_IO, "the server says: %.*s",
                       message.size > 200 ? 200 : (int)message.size, message.at);
    return false;
}

/* ---- One request ---- */

/* Of an address that may be asked and shown: no user name, no password. */
static bool address_is_plain(const char *url)
{
    CURLU *parts = curl_url();
    char *scheme = NULL, *user = NULL, *password = NULL;
    bool is;

    is = parts != NULL && curl_url_set(parts, CURLUPART_URL, url, 0) == CURLUE_OK &&
         curl_url_get(parts, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
         (strcmp(scheme, "https") == 0 || strcmp(scheme, "http") == 0) &&
         curl_url_get(parts, CURLUPART_USER, &user, 0) == CURLUE_NO_USER &&
         curl_url_get(parts, CURLUPART_PASSWORD, &password, 0) == CURLUE_NO_PASSWORD;
    curl_free(scheme);
    curl_free(user);
    curl_free(password);
    curl_url_cleanup(parts);
    return is;
}

static size_t bytes_take(char *bytes, size_t size, size_t count, void *context)
{
    struct answer *a = context;
    size_t all = size * count;
    const char *type = NULL;

    curl_easy_getinfo(a->remote->curl, CURLINFO_CONTENT_TYPE, &type);
    if (type == NULL || strncmp(type, a->type, strlen(a->type)) != 0) {
        answer_fail(a, ERR_VERSION, "no repository of git that its server can fetch from");
        return 0;
    }
    a->bytes += all;
    if (a->bytes > a->most) {
        answer_fail(a, ERR_FULL, "the server sends more than is taken");
        return 0;
    }
    switch (pkt_read(&a->remote->reader, (struct slice){ bytes, all }, a->line, a)) {
    case PKT_TAKEN:
        return all;
    case PKT_WRONG:
        answer_fail(a, ERR_MALFORMED, "the server does not speak the protocol of git");
        return 0;
    case PKT_STOPPED:
        break;
    }
    return 0;
}

static int stop_look(void *context, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
    const struct git_remote *r = context;
    struct pollfd polled = { .fd = r->limits.stop, .events = POLLIN };

    (void)a, (void)b, (void)c, (void)d;
    return poll(&polled, 1, 0) > 0;
}

static void handle_prepare(struct git_remote *r, struct answer *a)
{
    CURL *curl = r->curl;
    bool is_secure = slice_starts(slice_of(r->base), SLICE("https:"));

    curl_easy_reset(curl); /* connections stay */
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR, is_secure ? "https" : "http,https");
    curl_easy_setopt(curl, CURLOPT_MAXREDIRS, (long)REDIRECTS_MOST);
    curl_easy_setopt(curl, CURLOPT_NETRC, (long)CURL_NETRC_OPTIONAL);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_S);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)r->limits.time_s);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, (long)r->limits.stall_s);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_FAILONERROR, 1L);
    curl_easy_setopt(curl, CURLOPT_ACCEPT_ENCODING, "");
    curl_easy_setopt(curl, CURLOPT_USERAGENT,
                     r->limits.agent != NULL ? r->limits.agent : "latchkey/" LATCHKEY_VERSION);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, bytes_take);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, a);
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, r->limits.stop < 0 ? 1L : 0L);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, stop_look);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, r);
    if (r->limits.ca != NULL)
        curl_easy_setopt(curl, CURLOPT_CAINFO, r->limits.ca);
}

static enum err status_judge(struct git_remote *r)
{
    long status = r->trouble.status;

    if (status == 200)
        return OK;
    return trouble_say(r,
                       status == 404 || status == 410   ? ERR_MISSING
                       : status == 401 || status == 403 ? ERR_DENIED
                                                        : ERR_IO,
                       "the server answers %ld", status);
}

/* What came of a transfer, the first cause first. */
static enum err transfer_judge(struct answer *a, CURLcode code)
{
    struct git_remote *r = a->remote;
    curl_off_t retry_after_s = 0;

    curl_easy_getinfo(r->curl, CURLINFO_RESPONSE_CODE, &r->trouble.status);
    curl_easy_getinfo(r->curl, CURLINFO_RETRY_AFTER, &retry_after_s);
    r->trouble.retry_after_s = retry_after_s > 0 ? (uint64_t)retry_after_s : 0;
    if (a->e != OK)
        return a->e;
    if (code == CURLE_HTTP_RETURNED_ERROR)
        return status_judge(r);
    if (code == CURLE_ABORTED_BY_CALLBACK)
        return trouble_say(r, ERR_CONFLICT, "stopped");
    if (code == CURLE_OUT_OF_MEMORY)
        return trouble_say(r, ERR_MEMORY, "no memory");
    if (code != CURLE_OK)
        return trouble_say(r, ERR_IO, "cannot be fetched: %s", curl_easy_strerror(code));
    if (status_judge(r) != OK)
        return ERR_IO;
    if (!a->is_whole || !pkt_is_between(&r->reader))
        return trouble_say(r, ERR_IO, "the answer of the server is cut off");
    return OK;
}

static enum err ask(struct answer *a, const char *path, const struct buffer *body)
{
    struct git_remote *r = a->remote;
    struct curl_slist *headers = NULL, *more = NULL;
    struct buffer url;
    enum err e = ERR_MEMORY;

    r->trouble = (struct git_trouble){ .status = 0 };
    pkt_begin(&r->reader);
    buffer_init(&url);
    buffer_printf(&url, "%s%s", r->base, path);
    handle_prepare(r, a);
    headers = curl_slist_append(NULL, "Git-Protocol: version=2");
    if (body != NULL) {
        more = curl_slist_append(headers, "Content-Type: application/x-" SERVICE "-request");
        more = more == NULL ? NULL : curl_slist_append(more, "Expect:");
        curl_easy_setopt(r->curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body->size);
        curl_easy_setopt(r->curl, CURLOPT_POSTFIELDS, body->at);
    } else {
        more = headers;
        curl_easy_setopt(r->curl, CURLOPT_FOLLOWLOCATION, 1L);
    }
    if (more == NULL || url.failed || (body != NULL && body->failed)) {
        trouble_say(r, e, "no memory");
        goto out;
    }
    curl_easy_setopt(r->curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(r->curl, CURLOPT_URL, url.at);
    e = transfer_judge(a, curl_easy_perform(r->curl));
out:
    curl_slist_free_all(headers);
    buffer_wipe(&url);
    return e;
}

/* ---- What the server can do ---- */

static bool capability_note(struct answer *a, struct slice line)
{
    struct git_remote *r = a->remote;
    const char *equals = line.size == 0 ? NULL : memchr(line.at, '=', line.size);
    size_t size = equals == NULL ? line.size : (size_t)(equals - line.at);
    struct slice name = { line.at, size };
    struct slice value = equals == NULL ? SLICE_EMPTY : slice_from(line, size + 1);

    a->has_list |= slice_is(name, SLICE("ls-refs"));
    a->has_fetch |= slice_is(name, SLICE("fetch"));
    r->says_agent |= slice_is(name, SLICE("agent"));
    if (slice_is(name, SLICE("object-format"))) {
        r->says_format = true;
        r->id_bytes = slice_is(value, SLICE("sha1")) ? 20 : 32;
        if (r->id_bytes == 32 && !slice_is(value, SLICE("sha256")))
            return answer_fail(a, ERR_VERSION, "its objects have ids of an unknown kind");
    }
    return true;
}

/* "# service=…" and an end, which HTTP has in front, or not; then "version 2", capabilities, an
 * end. */
static bool greeting_line(void *context, enum pkt_kind kind, struct slice bytes)
{
    struct answer *a = context;
    struct slice line = line_text(bytes);

    if (slice_starts(line, SLICE("ERR ")))
        return server_says(a, slice_from(line, 4));
    switch (a->at) {
    case AT_START:
        if (slice_is(line, SLICE("# service=" SERVICE)))
            a->at = AT_GREETING;
        else if (slice_is(line, SLICE("version 2")))
            a->at = AT_CAPABILITY;
        else
            return answer_fail(a, ERR_VERSION,
                               "its server does not speak version 2 of the protocol of git");
        return true;
    case AT_GREETING:
        a->at = AT_START;
        return kind == PKT_FLUSH ||
               answer_fail(a, ERR_MALFORMED, "the server does not speak the protocol of git");
    default:
        if (kind == PKT_FLUSH)
            a->is_whole = true;
        return a->is_whole || capability_note(a, line);
    }
}

/* Where the redirects have led: the repository from now on. */
static enum err base_move(struct git_remote *r)
{
    const size_t path_size = strlen(INFO_PATH);
    const char *where = NULL;
    size_t size;
    char *base;

    curl_easy_getinfo(r->curl, CURLINFO_EFFECTIVE_URL, &where);
    size = where == NULL ? 0 : strlen(where);
    if (size <= path_size || strcmp(where + size - path_size, INFO_PATH) != 0 ||
        !address_is_plain(where))
        return trouble_say(r, ERR_MALFORMED, "is redirected to what is no repository of git");
    base = strndup(where, size - path_size);
    if (base == NULL)
        return trouble_say(r, ERR_MEMORY, "no memory");
    free(r->base);
    r->base = base;
    return OK;
}

static enum err greet(struct git_remote *r)
{
    struct answer a = { .remote = r,
                        .type = "application/x-" SERVICE "-advertisement",
                        .line = greeting_line,
                        .most = LIST_BYTES_MOST };
    enum err e;

    r->id_bytes = 20;
    r->says_agent = r->says_format = false;
    TRY(ask(&a, INFO_PATH, NULL));
    if (!a.has_list || !a.has_fetch)
        return trouble_say(r, ERR_VERSION, "its server neither lists nor gives anything");
    e = base_move(r);
out:
    return e;
}

/* Every command begins alike. */
static void command_begin(const struct git_remote *r, struct buffer *message, const char *command)
{
    buffer_init(message);
    pkt_append(message, "command=%s", command);
    if (r->says_agent)
        pkt_append(message, "agent=latchkey/" LATCHKEY_VERSION);
    if (r->says_format)
        pkt_append(message, "object-format=%s", r->id_bytes == 20 ? "sha1" : "sha256");
    pkt_append_end(message, PKT_DELIMITER);
}

/* ---- Refs ---- */

static void refs_drop(struct git_remote *r)
{
    for (size_t i = 0; i < r->ref_count; i++)
        free((char *)(uintptr_t)r->refs[i].name);
    r->ref_count = 0;
}

static bool ref_add(struct answer *a, const uint8_t *id, struct slice name)
{
    struct git_remote *r = a->remote;
    char *copy;

    if (r->ref_count == r->limits.ref_count)
        return answer_fail(a, ERR_FULL, "it has more refs than are looked at");
    if (r->ref_count == r->ref_capacity) {
        size_t more = r->ref_capacity * 2 + 64;
        struct git_ref *refs = realloc(r->refs, more * sizeof *refs);

        if (refs == NULL)
            return answer_fail(a, ERR_MEMORY, "no memory");
        r->refs = refs;
        r->ref_capacity = more;
    }
    copy = strndup(name.at, name.size);
    if (copy == NULL)
        return answer_fail(a, ERR_MEMORY, "no memory");
    r->refs[r->ref_count] = (struct git_ref){ .name = copy };
    memcpy(r->refs[r->ref_count++].id, id, GIT_ID_MOST);
    return true;
}

/* "<id> <name>", and what was not asked for behind another space. */
static bool ref_line(void *context, enum pkt_kind kind, struct slice bytes)
{
    struct answer *a = context;
    size_t digits = 2 * a->remote->id_bytes;
    uint8_t id[GIT_ID_MOST] = { 0 };
    struct slice line = line_text(bytes), name;
    const char *space;

    if (kind == PKT_FLUSH && !a->is_whole) {
        a->is_whole = true;
        return true;
    }
    if (slice_starts(line, SLICE("ERR ")))
        return server_says(a, slice_from(line, 4));
    if (a->is_whole || line.size < digits + 2 || line.at[digits] != ' ' ||
        !hex_parse((struct slice){ line.at, digits }, id, a->remote->id_bytes))
        return answer_fail(a, ERR_MALFORMED, "the list of its refs is none");
    name = slice_from(line, digits + 1);
    space = memchr(name.at, ' ', name.size);
    if (space != NULL)
        name.size = (size_t)(space - name.at);
    return ref_add(a, id, name);
}

enum err git_remote_list(struct git_remote *r)
{
    struct answer a = { .remote = r,
                        .type = "application/x-" SERVICE "-result",
                        .line = ref_line,
                        .most = LIST_BYTES_MOST };
    struct buffer message;
    enum err e;

    buffer_init(&message);
    refs_drop(r);
    TRY(greet(r));
    command_begin(r, &message, "ls-refs");
    pkt_append_end(&message, PKT_FLUSH);
    e = ask(&a, "/" SERVICE, &message);
out:
    buffer_wipe(&message);
    return e;
}

const struct git_ref *git_remote_refs(const struct git_remote *r, size_t *count)
{
    *count = r->ref_count;
    return r->refs;
}

size_t git_remote_id_bytes(const struct git_remote *r)
{
    return r->id_bytes;
}

/* ---- The pack ---- */

static bool band_take(struct answer *a, struct slice bytes)
{
    char band = bytes.size == 0 ? '\0' : *bytes.at;
    struct slice rest = slice_from(bytes, bytes.size > 0);

    switch (band) {
    case 1:
        if (rest.size > a->pack_left)
            return answer_fail(a, ERR_FULL, "its pack is larger than is taken");
        a->pack_left -= rest.size;
        return rest.size == 0 || a->take(a->context, rest) ||
               answer_fail(a, ERR_IO, "nobody takes its pack");
    case 2: /* progress, and signs of life */
        return true;
    case 3:
        return server_says(a, rest);
    default:
        return answer_fail(a, ERR_MALFORMED, "its pack does not come as git sends it");
    }
}

/* Sections with a delimiter between them, of which the pack is the last. */
static bool pack_line(void *context, enum pkt_kind kind, struct slice bytes)
{
    struct answer *a = context;

    if (a->is_whole)
        return kind == PKT_RESPONSE_END || answer_fail(a, ERR_MALFORMED, "its pack has no end");
    switch (a->at) {
    case AT_SECTION:
        if (slice_starts(bytes, SLICE("ERR ")))
            return server_says(a, slice_from(bytes, 4));
        if (kind != PKT_LINE)
            return answer_fail(a, ERR_MALFORMED, "the server sends no pack");
        a->at = slice_is(line_text(bytes), SLICE("packfile")) ? IN_PACK : IN_SECTION;
        return true;
    case IN_SECTION:
        if (kind == PKT_DELIMITER)
            a->at = AT_SECTION;
        return kind == PKT_LINE || kind == PKT_DELIMITER ||
               answer_fail(a, ERR_MALFORMED, "the server sends no pack");
    default:
        a->is_whole = kind == PKT_FLUSH;
        return a->is_whole || (kind == PKT_LINE && band_take(a, bytes)) ||
               (a->e == OK && answer_fail(a, ERR_MALFORMED, "its pack is interrupted"));
    }
}

static int id_compare(const void *one, const void *other)
{
    return memcmp(one, other, GIT_ID_MOST);
}

/* Those of all refs; NULL: no memory. */
static uint8_t (*refs_ids(const struct git_remote *r))[GIT_ID_MOST]
{
    uint8_t(*ids)[GIT_ID_MOST] = malloc((r->ref_count + 1) * sizeof *ids);

    for (size_t i = 0; ids != NULL && i < r->ref_count; i++)
        memcpy(ids[i], r->refs[i].id, GIT_ID_MOST);
    return ids;
}

/* Each once. */
static size_t ids_sort(uint8_t (*ids)[GIT_ID_MOST], size_t count)
{
    size_t kept = 0;

    qsort(ids, count, sizeof *ids, id_compare);
    for (size_t i = 0; i < count; i++)
        if (kept == 0 || id_compare(ids[kept - 1], ids[i]) != 0)
            memmove(ids[kept++], ids[i], sizeof *ids);
    return kept;
}

static void id_ask(const struct git_remote *r, struct buffer *message, const char *what,
                   const uint8_t *id)
{
    char hex[2 * GIT_ID_MOST + 1];

    hex_format(id, r->id_bytes, hex);
    pkt_append(message, "%s %s", what, hex);
}

/* False: nothing is wanted that is not there. */
static bool wish_write(const struct git_remote *r, struct buffer *message,
                       uint8_t (*wants)[GIT_ID_MOST], size_t want_count,
                       uint8_t (*haves)[GIT_ID_MOST], size_t have_count)
{
    bool any = false;

    command_begin(r, message, "fetch");
    pkt_append(message, "no-progress");
    pkt_append(message, "ofs-delta");
    for (size_t i = 0; i < want_count; i++)
        if (have_count == 0 ||
            bsearch(wants[i], haves, have_count, sizeof *haves, id_compare) == NULL) {
            id_ask(r, message, "want", wants[i]);
            any = true;
        }
    for (size_t i = 0; i < have_count; i++)
        id_ask(r, message, "have", haves[i]);
    pkt_append(message, "done");
    pkt_append_end(message, PKT_FLUSH);
    return any;
}

static uint8_t (*ids_copy(const struct git_ids *ids))[GIT_ID_MOST]
{
    uint8_t(*copy)[GIT_ID_MOST] = malloc((ids->count + 1) * sizeof *copy);

    if (copy != NULL && ids->count > 0)
        memcpy(copy, ids->at, ids->count * sizeof *copy);
    return copy;
}

enum err git_remote_fetch(struct git_remote *r, const struct git_ids *wants,
                          const struct git_ids *haves,
                          bool (*take)(void *context, struct slice bytes), void *context)
{
    static const struct git_ids none = { NULL, 0 };
    uint8_t(*wanted)[GIT_ID_MOST] = wants == NULL ? refs_ids(r) : ids_copy(wants);
    uint8_t(*had)[GIT_ID_MOST] = ids_copy(haves == NULL ? &none : haves);
    /* What is no pack around it: sizes of lines, signs of life. */
    struct answer a = { .remote = r,
                        .type = "application/x-" SERVICE "-result",
                        .line = pack_line,
                        .most = r->limits.pack_bytes + r->limits.pack_bytes / 8 + LIST_BYTES_MOST,
                        .at = AT_SECTION,
                        .take = take,
                        .context = context,
                        .pack_left = r->limits.pack_bytes };
    struct buffer message;
    enum err e = ERR_MEMORY;

    buffer_init(&message);
    r->trouble = (struct git_trouble){ .status = 0 };
    if (wanted == NULL || had == NULL) {
        trouble_say(r, e, "no memory");
        goto out;
    }
    e = OK;
    if (wish_write(r, &message, wanted,
                   ids_sort(wanted, wants == NULL ? r->ref_count : wants->count), had,
                   ids_sort(had, haves == NULL ? 0 : haves->count)))
        e = ask(&a, "/" SERVICE, &message);
out:
    buffer_wipe(&message);
    free(wanted);
    free(had);
    return e;
}

/* ---- A remote ---- */

enum err git_remote_open(const char *url, const struct git_limits *limits,
                         struct git_remote **remote)
{
    struct git_remote *r;
    size_t size = strlen(url);

    *remote = NULL;
    if (!address_is_plain(url))
        return ERR_MALFORMED;
    r = calloc(1, sizeof *r);
    if (r == NULL)
        return ERR_MEMORY;
    while (size > 0 && url[size - 1] == '/')
        size--;
    r->limits = *limits;
    r->id_bytes = 20;
    r->base = strndup(url, size);
    r->curl = curl_easy_init();
    if (r->base == NULL || r->curl == NULL) {
        git_remote_close(&r);
        return ERR_MEMORY;
    }
    *remote = r;
    return OK;
}

void git_remote_close(struct git_remote **remote)
{
    struct git_remote *r = *remote;

    *remote = NULL;
    if (r == NULL)
        return;
    refs_drop(r);
    free(r->refs);
    free(r->base);
    curl_easy_cleanup(r->curl);
    free(r);
}

const struct git_trouble *git_remote_trouble(const struct git_remote *r)
{
    return &r->trouble;
}
