#include "authority/leak_report.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "authority/about.h"
#include "authority/leak_mask.h"
#include "authority/postbox.h"
#include "base/hex.h"
#include "keys/scope.h"

enum { FOUND_SIZE = 400, RULES_SHOWN = 400 };

static json_t *moment(uint64_t at_ns)
{
    char text[CLOCK_TEXT_SIZE];

    if (at_ns == 0)
        return json_null();
    clock_format(at_ns, text);
    return json_string(text);
}

static json_t *use_json(const struct leak_use *use)
{
    json_t *addresses = json_array();

    for (size_t i = 0; i < use->address_count; i++) {
        char text[IP_ADDRESS_TEXT_SIZE];

        ip_address_format(use->addresses[i], text);
        json_array_append_new(addresses, json_string(text));
    }
    return json_pack("{s:o, s:I, s:I, s:b, s:o, s:o}", "since", moment(use->since_ns), "passed",
                     (json_int_t)use->passed, "refused", (json_int_t)use->refused, "more",
                     use->more, "last_at", moment(use->last_at_ns), "addresses", addresses);
}

static json_t *key_json(const struct store_key *key)
{
    char id[ABOUT_SIZE], scopes[SCOPES_TEXT_SIZE];
    size_t size = scopes_format(key->scopes, scopes);

    about_key(key->environment, key->id, id);
    return json_pack("{s:s, s:I, s:s, s:s, s:s, s:s%, s:s, s:o}", "id", id, "account",
                     (json_int_t)key->account, "environment", environment_text(key->environment),
                     "label", key->label, "state", key_state_text(key->state), "scopes", scopes,
                     size, "ip_rules", key->ip_rules, "created_at", moment(key->created_at_ns));
}

static json_t *object_json(const struct leak_object *object)
{
    char sha256[2 * STORE_SHA256_SIZE + 1];

    if (object->size == 0)
        return json_null();
    hex_format(object->sha256, sizeof object->sha256, sha256);
    return json_pack("{s:s, s:I, s:I, s:b}", "sha256", sha256, "bytes", (json_int_t)object->size,
                     "from", (json_int_t)object->from, "whole", object->is_whole);
}

static json_t *sighting_json(const struct leak_report *report)
{
    const struct store_leak_place *place = report->place;

    return json_pack("{s:s, s:s, s:o*, s:o*, s:s, s:o, s:o, s:I, s:o}", "channel",
                     leak_channel_text(place->channel), "origin", place->origin, "place",
                     json_loads(place->place, 0, NULL), "details",
                     json_loads(place->details, 0, NULL), "excerpt", place->excerpt, "seen_at",
                     moment(place->seen_at_ns), "found_at", moment(place->found_at_ns), "alert",
                     (json_int_t)place->alert, "object", object_json(&report->finding->object));
}

enum err leak_evidence_write(const struct leak_report *report, struct store_leak *leak)
{
    char sha256[2 * STORE_SHA256_SIZE + 1];
    json_t *record;
    size_t size;

    hex_format(report->key->secret_sha256, STORE_SHA256_SIZE, sha256);
    record = json_pack("{s:I, s:s, s:s, s:s, s:o, s:o, s:o, s:s}", "id", (json_int_t)leak->id,
                       "kind", leak_kind_text(leak->kind), "reaction",
                       leak_reaction_text(leak->reaction), "secret_sha256", sha256, "key",
                       key_json(report->key), "sighting", sighting_json(report), "use",
                       use_json(report->use), "mail", report->message_id);
    if (record == NULL)
        return ERR_MEMORY;
    size = json_dumpb(record, leak->evidence, sizeof leak->evidence - 1,
                      JSON_COMPACT | JSON_SORT_KEYS);
    json_decref(record);
    if (size == 0 || size >= sizeof leak->evidence)
        return size == 0 ? ERR_MEMORY : ERR_FULL;
    leak->evidence[size] = '\0';
    crypto_hash_sha256(leak->evidence_sha256, (const uint8_t *)leak->evidence, size);
    return OK;
}

/* ---- for the owner ---- */

static const struct words {
    const char *outcome, *todo;
} words[] = {
    [LEAK_REVOKED] = { "it is revoked for good",
                       "make a new key, take the old one out of that place and of its history, "
                       "and look through the audit log for requests that are not yours" },
    [LEAK_SUSPENDED] = { "it is suspended until you say otherwise",
                         "if the secret was there too, or you are not sure, revoke the key and "
                         "make a new one; if only the id was, lift the suspension on the page of "
                         "the key with your second factor" },
    [LEAK_NOTIFIED] = { "it works as before",
                        "if the secret was there too, or you are not sure, revoke the key and make "
                        "a new one" },
    [LEAK_ENDED] = { "it had ended before",
                     "look through the audit log for requests that are not yours, from the time "
                     "before the key ended" },
};

/* "github: https://…", whatever the place says about where. */
static void found_words(const struct store_leak_place *place, char text[FOUND_SIZE])
{
    static const char *const names[] = { "url", "repository", "package", "path" };
    json_t *object = json_loads(place->place, 0, NULL);
    const char *where = NULL;
    char whole[FOUND_SIZE + LEAK_ORIGIN_SIZE + 600];

    for (size_t i = 0; where == NULL && i < sizeof names / sizeof *names; i++)
        where = json_string_value(json_object_get(object, names[i]));
    if (place->channel == LEAK_CHANNEL_SELF)
        snprintf(whole, sizeof whole, "somebody who holds the secret gave it to the venue");
    else
        snprintf(whole, sizeof whole, "%s%s%s", place->origin,
                 where == NULL || *where == '\0' ? "" : ": ", where == NULL ? "" : where);
    leak_text_copy(slice_of(whole), text, FOUND_SIZE);
    json_decref(object);
}

json_t *leak_event_data(const struct leak_report *report, const struct store_leak *leak)
{
    char found[FOUND_SIZE], scopes[SCOPES_TEXT_SIZE], rules[RULES_SHOWN];
    char since[MOMENT_TEXT_SIZE], seen[MOMENT_TEXT_SIZE] = "not told";
    struct buffer use;
    json_t *data = NULL;
    size_t size = scopes_format(report->key->scopes, scopes);

    found_words(report->place, found);
    leak_text_copy(slice_of(report->key->ip_rules), rules, sizeof rules);
    moment_words(report->use->since_ns, since);
    if (report->place->seen_at_ns != 0)
        moment_words(report->place->seen_at_ns, seen);
    buffer_init(&use);
    leak_use_words(report->use, &use);
    if (!use.failed)
        data = json_pack("{s:I, s:s, s:s, s:s, s:s, s:s, s:s, s:s%, s:s, s:s, s:s}", "leak",
                         (json_int_t)leak->id, "what", leak->kind == LEAK_SECRET ? "secret" : "id",
                         "reaction", leak_reaction_text(leak->reaction), "reason",
                         words[leak->reaction].outcome, "todo", words[leak->reaction].todo, "found",
                         found, "seen", seen, "scopes", scopes, size, "ip_rules", rules, "since",
                         since, "use", use.at);
    buffer_wipe(&use);
    return data;
}
