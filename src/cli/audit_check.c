#include <inttypes.h>
#include <stdlib.h>

#include "audit/proof_text.h"
#include "base/clock.h"
#include "base/file.h"
#include "cli/client.h"
#include "cli/command.h"
#include "cli/reply.h"
#include "cli/verifier_key.h"
#include "trail/line.h"

static const char command[] = "latchkey audit check";

struct desk {
    struct buffer file, record;
    struct note_key log, witness;
    bool is_witnessed; /* a witness's key was given */
    struct proof_text proof;
    struct checkpoint head;
    uint64_t cosigned_at_s;
};

static const char *answer_text(enum proof_answer answer)
{
    static const char *const words[] = {
        [PROOF_HOLDS] = "",
        [PROOF_UNSIGNED] = "its checkpoint is not signed by the log's key",
        [PROOF_UNCOSIGNED] = "its checkpoint is not signed by the witness",
        [PROOF_RECORD_MISSING] = "it holds no record; name one with --record",
        [PROOF_BROKEN] = "the record does not lead to the signed root",
    };

    return words[answer];
}

/* The record that was proved, the file's own or the one beside it; NULL: of another version. */
static json_t *record_json(const struct desk *desk)
{
    struct slice bytes = { (const char *)desk->proof.record, desk->proof.record_size };
    struct trail_row row = { .index = desk->proof.index };

    if (bytes.size == 0)
        bytes = buffer_slice(&desk->record);
    return record_decode(bytes, &row.record, &row.text) == OK ? line_json(&row) : NULL;
}

static void record_print(const json_t *record)
{
    static const char *const two_columns[] = { "", "", NULL };
    const char *name;
    json_t *value;
    struct table t;

    table_init(&t, two_columns);
    json_object_foreach((json_t *)record, name, value) {
        char *text = json_is_object(value) ? json_dumps(value, JSON_COMPACT) : NULL;

        if (text == NULL) {
            reply_row(&t, name, value);
        } else {
            table_add_toned(&t, name, TONE_DIM);
            table_add(&t, text);
        }
        free(text);
    }
    table_print(&t, stdout);
    table_wipe(&t);
}

static void holding_print(const struct desk *desk)
{
    bool colours = terminal_colours(stdout);
    json_t *record = record_json(desk);
    char at[CLOCK_TEXT_SIZE];

    if (record != NULL)
        record_print(record);
    else
        puts("a record that a newer version wrote");
    printf("\n%sholds: record %" PRIu64 " of %s, which was signed with %" PRIu64 " records%s\n",
           tone_begin(TONE_GOOD, colours), desk->proof.index, desk->head.origin, desk->head.size,
           tone_end(TONE_GOOD, colours));
    if (desk->is_witnessed) {
        clock_format(desk->cosigned_at_s * NS_PER_S, at);
        printf("%s signed too, at %s\n", desk->witness.name, at);
    }
    json_decref(record);
}

static void answer_json_print(const struct desk *desk, const char *why)
{
    json_t *document = json_pack("{s:b}", "holds", why == NULL), *record = NULL;
    char at[CLOCK_TEXT_SIZE];

    if (why != NULL) {
        json_object_set_new(document, "reason", json_string(why));
    } else {
        record = record_json(desk);
        json_object_set_new(document, "origin", json_string(desk->head.origin));
        json_object_set_new(document, "size", json_integer((json_int_t)desk->head.size));
        json_object_set_new(document, "record", record == NULL ? json_null() : record);
    }
    if (why == NULL && desk->is_witnessed) {
        clock_format(desk->cosigned_at_s * NS_PER_S, at);
        json_object_set_new(document, "cosigned_at", json_string(at));
    }
    client_print(document);
    json_decref(document);
}

static int check(struct desk *desk, bool json)
{
    enum proof_answer answer;
    const char *why = NULL;

    if (!proof_text_parse(buffer_slice(&desk->file), &desk->proof)) {
        why = "it is not a proof as C2SP tlog-proof describes it";
    } else {
        answer = proof_text_check(&desk->proof, &desk->log,
                                  desk->is_witnessed ? &desk->witness : NULL,
                                  buffer_slice(&desk->record), &desk->head, &desk->cosigned_at_s);
        if (answer != PROOF_HOLDS)
            why = answer_text(answer);
    }
    if (json)
        answer_json_print(desk, why);
    else if (why == NULL)
        holding_print(desk);
    else
        printf("%sdoes not hold: %s%s\n", tone_begin(TONE_BAD, terminal_colours(stdout)), why,
               tone_end(TONE_BAD, terminal_colours(stdout)));
    return why == NULL ? COMMAND_DONE : COMMAND_UNVERIFIED;
}

static bool input_read(const char *path, size_t most, struct buffer *content)
{
    enum err e = path == NULL ? OK : file_read(path, most, content);

    if (e != OK)
        fprintf(stderr, "%s: %s: %s\n", command, path, err_text(e));
    return e == OK;
}

int cli_audit_check(int argc, char **argv)
{
    const char *file = NULL, *key = NULL, *witness = NULL, *record = NULL;
    struct desk *desk;
    bool json = false;
    int exit = COMMAND_REFUSED;
    const struct option options[] = {
        { .name = "PROOF", .kind = OPTION_OPERAND, .required = true, .into = &file,
          .help = "a file that latchkey audit prove wrote" },
        { .name = "key", .kind = OPTION_TEXT, .required = true, .value = "KEY", .into = &key,
          .help = "the log's verifier key, or a file with it, kept since its first day" },
        { .name = "witness", .kind = OPTION_TEXT, .value = "KEY", .into = &witness,
          .help = "a witness's verifier key or a file with it: it must have signed too" },
        { .name = "record", .kind = OPTION_TEXT, .value = "FILE", .into = &record,
          .help = "the record's bytes, when the log did not keep them for the proof" },
        { .name = "json", .kind = OPTION_SWITCH, .into = &json,
          .help = "print JSON instead of words" },
        { 0 },
    };
    const struct syntax syntax = {
        .command = command,
        .summary = "does this proof hold, and what does the record say",
        .details = "Needs nothing but the file and the key.  Exits with 4 when it does not hold.\n",
        .examples = "latchkey audit check 12345.tlog-proof --key ~/latchkey-audit.pub\n",
        .options = options,
    };

    OPTIONS_OR_RETURN(&syntax, argc, argv);
    desk = calloc(1, sizeof *desk);
    if (desk == NULL)
        return COMMAND_REFUSED;
    buffer_init(&desk->file);
    buffer_init(&desk->record);
    desk->is_witnessed = witness != NULL;
    if (verifier_key_read(command, key, NOTE_KEY_LOG, &desk->log) &&
        (witness == NULL ||
         verifier_key_read(command, witness, NOTE_KEY_WITNESS, &desk->witness)) &&
        input_read(file, PROOF_TEXT_MOST, &desk->file) &&
        input_read(record, RECORD_ENCODED_MOST, &desk->record))
        exit = check(desk, json);
    buffer_wipe(&desk->file);
    buffer_wipe(&desk->record);
    free(desk);
    return exit;
}
