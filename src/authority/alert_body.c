#include "authority/alert_body.h"

#include <sodium.h>

#include "base/hex.h"
#include "http/json_write.h"

static struct slice text_of(const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);

    return (struct slice){ json_string_value(value), json_string_length(value) };
}

json_t *alert_body_parse(struct slice body, bool *too_many)
{
    json_t *list = json_loadb(body.at == NULL ? "" : body.at, body.size, 0, NULL);
    const json_t *entry;
    size_t i;

    *too_many = json_array_size(list) > ALERT_ENTRIES_MOST;
    if (!json_is_array(list) || *too_many)
        goto refused;
    json_array_foreach(list, i, entry) if (!json_is_object(entry)) goto refused;
    return list;
refused:
    json_decref(list);
    return NULL;
}

bool alert_entry_get(const json_t *body, size_t index, struct alert_entry *entry)
{
    const json_t *object = json_array_get(body, index);

    *entry = (struct alert_entry){ text_of(object, "token"), text_of(object, "type"),
                                   text_of(object, "url"), text_of(object, "source") };
    if (entry->url.size == 0)
        entry->url = text_of(object, "location");
    return entry->token.size > 0;
}

void alert_answer_append(struct buffer *answer, const struct alert_entry *entry, bool is_ours)
{
    uint8_t sha256[crypto_hash_sha256_BYTES];
    char hash[2 * sizeof sha256 + 1];
    struct json_writer w = json_writer_of(answer);

    crypto_hash_sha256(sha256, (const uint8_t *)entry->token.at, entry->token.size);
    hex_format(sha256, sizeof sha256, hash);
    buffer_append_char(answer, answer->size == 0 ? '[' : ',');
    json_put_open(&w, '{');
    json_put_key(&w, "token_hash");
    json_put_text(&w, hash);
    json_put_key(&w, "token_type");
    json_put_slice(&w, entry->type);
    json_put_key(&w, "label");
    json_put_text(&w, is_ours ? "true_positive" : "false_positive");
    json_put_close(&w, '}');
}

void alert_answer_end(struct buffer *answer)
{
    buffer_append(answer, answer->size == 0 ? SLICE("[]") : SLICE("]"));
}
