#include "scanner/matcher.h"

#include <assert.h>
#include <hs/hs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"

static const struct {
    enum match_kind kind;
    char text[KEY_PREFIX_SIZE + 1];
} prefixes[] = {
    { MATCH_ID, "lki_live_" },
    { MATCH_ID, "lki_test_" },
    { MATCH_SECRET, "lks_live_" },
    { MATCH_SECRET, "lks_test_" },
};

enum {
    PREFIX_COUNT = sizeof prefixes / sizeof *prefixes,
    PATTERN_COUNT = PREFIX_COUNT * ENCODING_COUNT,
};

struct matcher {
    hs_database_t *database;
    hs_scratch_t *scratch;
    bool is_clone; /* the database is another's */
};

/* One call of matcher_scan. */
struct pass {
    struct slice block;
    size_t fresh;
    uint64_t offset;
    bool (*found)(void *context, const struct match *match);
    void *context;
};

static enum err database_compile(hs_database_t **database)
{
    static char texts[PATTERN_COUNT][ENCODING_PATTERN_SIZE];
    const char *patterns[PATTERN_COUNT];
    unsigned flags[PATTERN_COUNT], ids[PATTERN_COUNT];
    hs_compile_error_t *fault = NULL;

    for (unsigned i = 0; i < PATTERN_COUNT; i++) {
        bool any_case;

        encoding_pattern(i % ENCODING_COUNT, slice_of(prefixes[i / ENCODING_COUNT].text), texts[i],
                         &any_case);
        patterns[i] = texts[i];
        /* Where a match starts is where decoding starts; the patterns are short and bounded. */
        flags[i] = HS_FLAG_SOM_LEFTMOST | HS_FLAG_DOTALL | (any_case ? HS_FLAG_CASELESS : 0);
        ids[i] = i;
    }
    if (hs_compile_multi(patterns, flags, ids, PATTERN_COUNT, HS_MODE_BLOCK, NULL, database,
                         &fault) == HS_SUCCESS)
        return OK;
    log_error("scanner", "the patterns do not compile: %s", fault->message);
    hs_free_compile_error(fault);
    return ERR_MEMORY;
}

enum err matcher_open(struct matcher **matcher)
{
    struct matcher *m = calloc(1, sizeof *m);
    enum err e = ERR_MEMORY;

    *matcher = NULL;
    if (m == NULL)
        return ERR_MEMORY;
    TRY(database_compile(&m->database));
    e = hs_alloc_scratch(m->database, &m->scratch) == HS_SUCCESS ? OK : ERR_MEMORY;
out:
    if (e == OK)
        *matcher = m;
    else
        matcher_close(&m);
    return e;
}

enum err matcher_clone(const struct matcher *matcher, struct matcher **clone)
{
    struct matcher *m = calloc(1, sizeof *m);

    *clone = NULL;
    if (m == NULL)
        return ERR_MEMORY;
    *m = (struct matcher){ .database = matcher->database, .is_clone = true };
    if (hs_clone_scratch(matcher->scratch, &m->scratch) != HS_SUCCESS) {
        free(m);
        return ERR_MEMORY;
    }
    *clone = m;
    return OK;
}

void matcher_close(struct matcher **matcher)
{
    struct matcher *m = *matcher;

    *matcher = NULL;
    if (m == NULL)
        return;
    hs_free_scratch(m->scratch);
    if (!m->is_clone)
        hs_free_database(m->database);
    free(m);
}

/* Whether what stands there is a key, by form and checksum. */
static bool key_read(unsigned pattern, struct slice input, struct match *match)
{
    const char *prefix = prefixes[pattern / ENCODING_COUNT].text;
    struct key_id id;
    struct secret secret;
    size_t count;
    bool is;

    match->kind = prefixes[pattern / ENCODING_COUNT].kind;
    match->encoding = pattern % ENCODING_COUNT;
    count = encoding_decode(match->encoding, prefix[0], input, match->text,
                            match->kind == MATCH_ID ? KEY_ID_SIZE : SECRET_TEXT_SIZE, &match->size);
    match->text[count] = '\0';
    if (match->kind == MATCH_ID) {
        is = key_id_parse((struct slice){ match->text, count }, &id);
        if (is)
            match->environment = id.environment;
        return is;
    }
    is = secret_parse((struct slice){ match->text, count }, &match->environment, &secret);
    secret_wipe_bytes(&secret, sizeof secret);
    return is;
}

static int hit(unsigned pattern, unsigned long long from, unsigned long long to, unsigned flags,
               void *context)
{
    const struct pass *pass = context;
    struct match match;
    bool go_on = true;

    (void)to, (void)flags;
    if (from < pass->fresh && key_read(pattern, slice_from(pass->block, from), &match)) {
        match.offset = pass->offset + from;
        go_on = pass->found(pass->context, &match);
    }
    secret_wipe_bytes(&match, sizeof match);
    return go_on ? 0 : 1;
}

void matcher_scan(struct matcher *matcher, struct slice block, size_t fresh, uint64_t offset,
                  bool (*found)(void *context, const struct match *match), void *context)
{
    struct pass pass = { block, fresh, offset, found, context };
    hs_error_t code;

    assert(fresh <= block.size && block.size <= UINT32_MAX);
    code =
        hs_scan(matcher->database, block.at, (unsigned)block.size, 0, matcher->scratch, hit, &pass);
    /* Anything else is a fault of ours: scratch in use, a database of another machine. */
    assert(code == HS_SUCCESS || code == HS_SCAN_TERMINATED);
}

void match_show(const struct match *match, char text[MATCH_SHOWN_SIZE])
{
    if (match->kind == MATCH_ID)
        snprintf(text, MATCH_SHOWN_SIZE, "%.*s", KEY_ID_SIZE, match->text);
    else
        snprintf(text, MATCH_SHOWN_SIZE, "%.*s…%.4s", KEY_PREFIX_SIZE, match->text,
                 match->text + SECRET_TEXT_SIZE - 4);
}
