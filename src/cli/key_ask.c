#include "cli/key_ask.h"

#include "keys/scope.h"

json_t *key_scopes_all(bool withdrawals)
{
    json_t *scopes = json_array();

    for (unsigned s = 0; s < SCOPE_COUNT; s++) {
        const struct scope_row *row = scope_get((enum scope)s);

        if (row->group == SCOPE_GROUP_ELEVATED || (!withdrawals && row->flags & SCOPE_NEEDS_MAIL))
            continue;
        json_array_append_new(scopes, json_string(row->text));
    }
    return scopes;
}

json_t *key_groups_all(void)
{
    json_t *groups = json_array();

    for (unsigned g = 0; g < SCOPE_GROUP_ELEVATED; g++)
        json_array_append_new(groups, json_string(scope_group_text((enum scope_group)g)));
    return groups;
}

json_t *key_list_json(const struct option_list *list)
{
    json_t *items = json_array();

    for (size_t i = 0; i < list->count; i++)
        json_array_append_new(items,
                              json_stringn(list->items[i].at, (size_t)list->items[i].size));
    return items;
}
