#include "daemon/up_template.h"

#include "base/log.h"

static bool is_name(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/* Size of "@NAME@" at the start of the text, 0 when there is none. */
static size_t name_size(struct slice text)
{
    size_t size = 1;

    while (size < text.size && is_name(text.at[size]))
        size++;
    return size > 1 && size < text.size && text.at[size] == '@' ? size + 1 : 0;
}

static enum err value_append(struct slice name, const struct template_value *values,
                             struct buffer *filled)
{
    for (; values->name != NULL; values++) {
        if (!slice_is(name, slice_of(values->name)))
            continue;
        buffer_append(filled, slice_of(values->value));
        return OK;
    }
    log_error("up", "the template asks for @%.*s@, which nobody knows", (int)name.size, name.at);
    return ERR_MISSING;
}

enum err template_fill(struct slice template, const struct template_value *values,
                       struct buffer *filled)
{
    while (template.size > 0) {
        size_t size = template.at[0] == '@' ? name_size(template) : 0;

        if (size > 0) {
            struct slice name = { template.at + 1, size - 2 };
            enum err e = value_append(name, values, filled);

            if (e != OK)
                return e;
        } else {
            buffer_append_char(filled, template.at[0]);
            size = 1;
        }
        template = slice_from(template, size);
    }
    return filled->failed ? ERR_MEMORY : OK;
}
