#include "authority/template.h"

#include <string.h>

#include "authority/embedded.h"

struct slice template_text(enum mail_template template)
{
    switch (template) {
#define MAIL(number, name, file) \
    case MAIL_##name:            \
        return embedded_##file;
#include "authority/template.def"
#undef MAIL
    case MAIL_NONE:
        break;
    }
    return SLICE_EMPTY;
}

const char *template_name(enum mail_template template)
{
    switch (template) {
#define MAIL(number, name, file) \
    case MAIL_##name:            \
        return #file;
#include "authority/template.def"
#undef MAIL
    case MAIL_NONE:
        break;
    }
    return "none";
}

static void value_append(const json_t *value, struct buffer *into)
{
    struct slice text = { json_string_value(value), json_string_length(value) };

    if (json_is_integer(value)) {
        buffer_printf(into, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
        return;
    }
    if (!json_is_string(value)) {
        buffer_append(into, SLICE("not known"));
        return;
    }
    for (size_t i = 0; i < text.size; i++) {
        unsigned char c = (unsigned char)text.at[i];

        buffer_append_char(into, c < ' ' || c == 0x7F ? ' ' : (char)c);
    }
}

void template_render(struct slice text, const json_t *data, struct buffer *into)
{
    while (text.size > 0) {
        const char *open = memmem(text.at, text.size, "{{", 2);
        size_t plain = open == NULL ? text.size : (size_t)(open - text.at);
        struct slice name;
        const char *close;

        buffer_append(into, (struct slice){ text.at, plain });
        text = slice_from(text, plain);
        if (text.size == 0)
            return;
        close = memmem(text.at, text.size, "}}", 2);
        if (close == NULL) {
            buffer_append(into, text);
            return;
        }
        name = (struct slice){ text.at + 2, (size_t)(close - text.at) - 2 };
        value_append(json_object_getn(data, name.at, name.size), into);
        text = slice_from(text, name.size + 4);
    }
}
