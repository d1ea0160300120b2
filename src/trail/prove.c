#include "trail/prove.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

__attribute__((format(printf, 3, 4))) static enum err fail(char problem[PROVE_PROBLEM_SIZE],
                                                           enum err e, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(problem, PROVE_PROBLEM_SIZE, format, arguments);
    va_end(arguments);
    return e;
}

/* Copies the record out of its bundle; a bundle that is not kept leaves it empty. */
static enum err record_read(const struct log_files *files, uint64_t size, struct proof_text *proof,
                            char problem[PROVE_PROBLEM_SIZE])
{
    struct buffer bundle;
    struct slice rest, record = SLICE_EMPTY;
    bool is_there = true;
    enum err e;

    buffer_init(&bundle);
    e = bundle_read(files, proof->index / TILES_WIDTH, size, &bundle);
    if (e == OK) {
        rest = buffer_slice(&bundle);
        for (uint64_t i = 0; is_there && i <= proof->index % TILES_WIDTH; i++)
            is_there = bundle_take(&rest, &record);
        if (is_there && record.size > 0 && record.size <= sizeof proof->record) {
            memcpy(proof->record, record.at, record.size);
            proof->record_size = record.size;
        } else {
            e = fail(problem, ERR_CORRUPT, "the entry bundle of record %" PRIu64 " is damaged",
                     proof->index);
        }
    } else if (e == ERR_MISSING) {
        e = OK;
    } else {
        fail(problem, e, "the entry bundle of record %" PRIu64 " cannot be read: %s", proof->index,
             err_text(e));
    }
    buffer_wipe(&bundle);
    return e;
}

enum err prove_record(const struct log_files *files, struct slice checkpoint,
                      const struct note_key *key, uint64_t index, struct proof_text *proof,
                      char problem[PROVE_PROBLEM_SIZE])
{
    struct merkle_hash leaf, held;
    struct checkpoint head;
    struct tile_reader reader;
    struct merkle_source source;
    enum err e;

    problem[0] = '\0';
    proof->index = index;
    proof->record_size = 0;
    proof->checkpoint = checkpoint;
    if (checkpoint_parse(checkpoint, key, &head) != CHECKPOINT_SIGNED)
        return fail(problem, ERR_DENIED, "the checkpoint is not signed by %s", key->name);
    if (index >= head.size)
        return fail(problem, ERR_RANGE,
                    "record %" PRIu64 " is not among the %" PRIu64 " that the checkpoint covers",
                    index, head.size);
    tile_reader_init(&reader, files, head.size);
    source = tile_reader_source(&reader);
    e = source.node(source.context, 0, index, &leaf);
    if (e == OK)
        e = proof_inclusion(&source, index, head.size, &proof->proof);
    if (e != OK)
        return fail(problem, e, "%s", reader.problem);
    if (!proof_includes(&proof->proof, index, &leaf, head.size, &head.root))
        return fail(problem, ERR_CORRUPT,
                    "the tiles are not those of the signed log: latchkey audit verify tells more");
    TRY(record_read(files, head.size, proof, problem));
    merkle_leaf((struct slice){ (const char *)proof->record, proof->record_size }, &held);
    if (proof->record_size > 0 && !merkle_equal(&held, &leaf))
        e = fail(problem, ERR_CORRUPT,
                 "record %" PRIu64 " in its entry bundle is not the one that was signed", index);
out:
    return e;
}

enum err prove_growth(const struct log_files *files, const struct checkpoint *old,
                      const struct checkpoint *head, struct merkle_proof *proof,
                      char problem[PROVE_PROBLEM_SIZE])
{
    struct tile_reader reader;
    struct merkle_source source;
    enum err e;

    problem[0] = '\0';
    tile_reader_init(&reader, files, head->size);
    source = tile_reader_source(&reader);
    e = proof_consistency(&source, old->size, head->size, proof);
    if (e != OK)
        return fail(problem, e, "%s", reader.problem);
    if (!proof_extends(proof, old->size, &old->root, head->size, &head->root))
        return fail(problem, ERR_CORRUPT,
                    "the log of %" PRIu64 " records does not begin with the %" PRIu64
                    " of the older checkpoint, or its tiles were changed",
                    head->size, old->size);
    return OK;
}

/* Looks through one bundle; *index is set when it is there. */
static bool bundle_search(struct slice bundle, uint64_t first, uint64_t end,
                          const uint8_t request_id[RECORD_REQUEST_ID_SIZE], uint64_t *index)
{
    struct audit_record record;
    struct slice bytes, text;

    for (; first < end && bundle_take(&bundle, &bytes); first++)
        if (record_decode(bytes, &record, &text) == OK &&
            memcmp(record.request_id, request_id, RECORD_REQUEST_ID_SIZE) == 0) {
            *index = first;
            return true;
        }
    return false;
}

enum err prove_find(const struct log_files *files, uint64_t size,
                    const uint8_t request_id[RECORD_REQUEST_ID_SIZE], uint64_t *index)
{
    struct buffer bundle;
    bool found = false;
    enum err e = OK;

    buffer_init(&bundle);
    for (uint64_t number = (size + TILES_WIDTH - 1) / TILES_WIDTH; e == OK && !found; number--) {
        if (number == 0) {
            e = ERR_MISSING;
            break;
        }
        buffer_wipe(&bundle);
        e = bundle_read(files, number - 1, size, &bundle);
        found = e == OK && bundle_search(buffer_slice(&bundle), (number - 1) * TILES_WIDTH, size,
                                         request_id, index);
    }
    buffer_wipe(&bundle);
    return e;
}
