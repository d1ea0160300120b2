/* fuzz/json_make.h: JSON objects made of a fuzzer's bytes, of members that the calls know
 *
 * So a search does not spend its time on finding names and brackets.
 */
#ifndef JSON_MAKE_H
#define JSON_MAKE_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

struct json_source {
    const uint8_t *data;
    size_t size;
    const char *const *members; /* names */
    size_t member_count;
    const char *const *texts; /* values that mean something */
    size_t text_count;
};

enum { JSON_DEPTH_MOST = 4 };

static inline uint8_t json_taken(struct json_source *source)
{
    if (source->size == 0)
        return 0;
    --source->size;
    return *source->data++;
}

static inline json_t *json_value_make(struct json_source *source, int depth);

static inline json_t *json_object_make(struct json_source *source, int depth)
{
    json_t *object = json_object();

    for (unsigned n = json_taken(source) % 6u; n > 0 && source->size > 0; n--) {
        const char *name = source->members[json_taken(source) % source->member_count];

        json_object_set_new(object, name, json_value_make(source, depth));
    }
    return object;
}

static inline json_t *json_text_make(struct json_source *source)
{
    uint8_t kind = json_taken(source);
    size_t most = kind / 4u;
    json_t *text;

    if (kind % 4 == 0)
        return json_string(source->texts[json_taken(source) % source->text_count]);
    if (most > source->size)
        most = source->size;
    text = json_stringn((const char *)source->data, most); /* NULL: no UTF-8 */
    source->data += most;
    source->size -= most;
    return text == NULL ? json_string("") : text;
}

static inline json_t *json_list_make(struct json_source *source, int depth)
{
    json_t *list = json_array();

    for (unsigned n = json_taken(source) % 8u;
         depth < JSON_DEPTH_MOST && n > 0 && source->size > 0; n--)
        json_array_append_new(list, json_value_make(source, depth + 1));
    return list;
}

static inline json_t *json_value_make(struct json_source *source, int depth)
{
    json_int_t number;

    switch (json_taken(source) % 8u) {
    case 0:
        return json_null();
    case 1:
        return json_boolean(json_taken(source) & 1);
    case 2:
        number = (int8_t)json_taken(source);
        return json_integer(number * ((json_int_t)1 << (json_taken(source) % 56u)));
    case 3:
        return json_real((int8_t)json_taken(source) * 1e18);
    case 4:
        return depth < JSON_DEPTH_MOST ? json_object_make(source, depth + 1) : json_object();
    case 5:
        return json_list_make(source, depth);
    default:
        return json_text_make(source);
    }
}

#endif
