#include "trail/witness.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"

static void own_path(const struct witness *witness, const char *name, char path[FILE_PATH_SIZE])
{
    snprintf(path, FILE_PATH_SIZE, "%.*s/%s", FILE_PATH_SIZE - 32, witness->folder, name);
}

enum err witness_recall(struct witness *witness)
{
    char path[FILE_PATH_SIZE];
    struct buffer text;
    enum err e;

    witness->seen = (struct checkpoint){ 0 };
    buffer_init(&text);
    own_path(witness, "checkpoint", path);
    e = file_read(path, CHECKPOINT_TEXT_MOST, &text);
    if (e == OK && (checkpoint_parse(buffer_slice(&text), &witness->log, &witness->seen) !=
                        CHECKPOINT_SIGNED ||
                    !cosignature_verify(buffer_slice(&text), &witness->key,
                                        &witness->cosigned_at_s)))
        e = ERR_CORRUPT;
    buffer_wipe(&text);
    return e == ERR_MISSING ? OK : e == ERR_FULL ? ERR_CORRUPT : e;
}

bool witness_is_alarmed(enum witness_answer answer)
{
    return answer >= WITNESS_GONE;
}

/* Words for an answer. */
__attribute__((format(printf, 3, 4))) static enum witness_answer
answer_with(char problem[WITNESS_PROBLEM_SIZE], enum witness_answer answer, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(problem, WITNESS_PROBLEM_SIZE, format, arguments);
    va_end(arguments);
    return answer;
}

/* The tiles lead to the signed root.  Do they also lead to what was seen?  When they prove another
 * beginning, the log's own signature says that it was rewritten. */
static enum err growth_check(const struct witness *witness, struct tile_reader *reader,
                             const struct checkpoint *head, enum witness_answer *answer,
                             char problem[WITNESS_PROBLEM_SIZE])
{
    struct merkle_source source = tile_reader_source(reader);
    uint64_t seen = witness->seen.size;
    struct merkle_proof proof = { .count = 0 };
    struct merkle_hash begins = head->root;
    bool is_proved;
    enum err e;

    *answer = WITNESS_COSIGNED;
    if (seen == 0) {
        TRY(proof_root(&source, head->size, &begins));
        is_proved = merkle_equal(&begins, &head->root);
    } else {
        TRY(proof_root(&source, seen, &begins));
        TRY(proof_consistency(&source, seen, head->size, &proof));
        is_proved = proof_extends(&proof, seen, &begins, head->size, &head->root);
    }
    if (!is_proved)
        *answer = answer_with(problem, WITNESS_UNPROVEN,
                              "its tiles are not those of the %" PRIu64 " records that it signed",
                              head->size);
    else if (seen > 0 && !merkle_equal(&begins, &witness->seen.root))
        *answer = answer_with(problem, WITNESS_FORKED,
                              "it does not begin with the %" PRIu64
                              " records that were seen: it was rewritten",
                              seen);
out:
    if (e == ERR_MISSING || e == ERR_CORRUPT) {
        *answer = answer_with(problem, WITNESS_UNPROVEN, "%s", reader->problem);
        e = OK;
    }
    return e;
}

static enum err head_judge(const struct witness *witness, const struct log_files *files,
                           const struct checkpoint *head, enum witness_answer *answer,
                           char problem[WITNESS_PROBLEM_SIZE])
{
    struct tile_reader *reader;
    enum err e;

    if (head->size < witness->seen.size)
        *answer = answer_with(problem, WITNESS_CUT,
                              "it signs %" PRIu64 " records, but %" PRIu64
                              " were seen: its end was cut off",
                              head->size, witness->seen.size);
    else if (head->size == 0)
        *answer = WITNESS_EMPTY;
    else if (head->size == witness->seen.size && merkle_equal(&head->root, &witness->seen.root))
        *answer = WITNESS_SAME;
    else if (head->size == witness->seen.size)
        *answer = answer_with(problem, WITNESS_FORKED,
                              "its %" PRIu64 " records are not those that were seen", head->size);
    else {
        reader = malloc(sizeof *reader);
        if (reader == NULL)
            return ERR_MEMORY;
        tile_reader_init(reader, files, head->size);
        e = growth_check(witness, reader, head, answer, problem);
        free(reader);
        return e;
    }
    return OK;
}

static enum err log_judge(const struct witness *witness, const struct log_files *files,
                          struct buffer *text, struct checkpoint *head,
                          enum witness_answer *answer, char problem[WITNESS_PROBLEM_SIZE])
{
    enum err e = files->read(files->context, "checkpoint", CHECKPOINT_TEXT_MOST, text);

    if (e == ERR_MISSING && witness->seen.size == 0)
        *answer = WITNESS_EMPTY;
    else if (e == ERR_MISSING)
        *answer = answer_with(problem, WITNESS_GONE,
                              "it has no checkpoint any more, but %" PRIu64 " records were seen",
                              witness->seen.size);
    else if (e == ERR_FULL ||
             (e == OK && checkpoint_parse(buffer_slice(text), &witness->log, head) !=
                             CHECKPOINT_SIGNED))
        *answer = answer_with(problem, WITNESS_FORGED, "its checkpoint is not signed by %s",
                              witness->log.name);
    else
        return e != OK ? e : head_judge(witness, files, head, answer, problem);
    return OK;
}

/* Signing is remembering: one file, whole or not at all. */
static enum err head_cosign(struct witness *witness, struct slice text,
                            const struct checkpoint *head, uint64_t now_s)
{
    char path[FILE_PATH_SIZE], cosigned[CHECKPOINT_TEXT_MOST];
    /* A clock that was set back must not make the newer statement look like the older. */
    uint64_t at_s = now_s > witness->cosigned_at_s ? now_s : witness->cosigned_at_s;
    size_t size;
    enum err e;

    size = cosignature_format(text, &witness->log, &witness->key, witness->seed, at_s, cosigned);
    if (size == 0)
        return ERR_FULL;
    own_path(witness, "checkpoint", path);
    e = file_write_atomic(path, 0644, (struct slice){ cosigned, size });
    if (e != OK)
        return e;
    witness->seen = *head;
    witness->cosigned_at_s = at_s;
    return OK;
}

/* The first contradiction is the one worth keeping: later ones only follow from it. */
static enum err alarm_keep(const struct witness *witness, struct slice offered, uint64_t now_s,
                           const char *problem)
{
    char path[FILE_PATH_SIZE], at[CLOCK_TEXT_SIZE];
    struct buffer seen, alarm;
    struct stat status;
    enum err e = OK;

    own_path(witness, "alarm", path);
    if (stat(path, &status) == 0)
        return OK;
    buffer_init(&seen);
    buffer_init(&alarm);
    clock_format(now_s * NS_PER_S, at);
    buffer_printf(&alarm, "%s %s: %s\n\nWhat was seen before:\n\n", at, witness->log.name, problem);
    own_path(witness, "checkpoint", path);
    if (file_read(path, CHECKPOINT_TEXT_MOST, &seen) == OK)
        buffer_append(&alarm, buffer_slice(&seen));
    buffer_append(&alarm, SLICE("\nWhat the log says now:\n\n"));
    buffer_append(&alarm, offered);
    own_path(witness, "alarm", path);
    e = alarm.failed ? ERR_MEMORY : file_write_atomic(path, 0644, buffer_slice(&alarm));
    buffer_wipe(&seen);
    buffer_wipe(&alarm);
    return e;
}

enum err witness_look(struct witness *witness, const struct log_files *files, uint64_t now_s,
                      enum witness_answer *answer, char problem[WITNESS_PROBLEM_SIZE])
{
    struct checkpoint head = { 0 };
    struct buffer text;
    enum err e;

    problem[0] = '\0';
    buffer_init(&text);
    *answer = WITNESS_UNPROVEN;
    /* An authority that starts repairs its tiles in place: what did not add up is read again. */
    for (int tries = 0; tries < 2 && *answer == WITNESS_UNPROVEN; tries++) {
        buffer_wipe(&text);
        TRY(log_judge(witness, files, &text, &head, answer, problem));
    }
    if (*answer == WITNESS_SAME && now_s >= witness->cosigned_at_s + WITNESS_REFRESH_S)
        *answer = WITNESS_COSIGNED;
    if (*answer == WITNESS_COSIGNED)
        e = head_cosign(witness, buffer_slice(&text), &head, now_s);
    else if (witness_is_alarmed(*answer))
        e = alarm_keep(witness, buffer_slice(&text), now_s, problem);
out:
    buffer_wipe(&text);
    return e;
}
