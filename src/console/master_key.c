#include "console/master_key.h"

#include "authority/reseal.h"

json_t *master_key_json(const struct authority *a)
{
    struct reseal_state state;

    reseal_state_get(a, a->reseal, &state);
    return json_pack("{s:s, s:o, s:I, s:I, s:o}", "key", state.seals, "replaces",
                     state.rotating ? json_string(state.replaced) : json_null(), "done",
                     (json_int_t)state.done, "total", (json_int_t)state.total, "problem",
                     state.problem[0] == '\0' ? json_null() : json_string(state.problem));
}

enum err master_key_get(struct call *c)
{
    c->reply = master_key_json(c->authority);
    return OK;
}

enum err master_key_rotate_post(struct call *c)
{
    enum err e = reseal_begin(c->authority, c->who, &c->refusal);

    if (e == OK && !refusal_is(&c->refusal))
        c->reply = master_key_json(c->authority);
    return e;
}
