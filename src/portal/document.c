#include "portal/document.h"

#include "authority/jurisdiction.h"
#include "portal/embedded.h"

enum err document_get(struct call *c)
{
    buffer_append(&c->bytes, embedded_openapi);
    c->type = "application/json";
    return OK;
}

enum err countries_get(struct call *c)
{
    json_t *list = json_array();
    const struct jurisdiction *country;

    for (size_t i = 0; (country = jurisdiction_at(i)) != NULL; i++)
        json_array_append_new(list, json_pack("{s:s, s:s}", "code", country->code, "name",
                                              country->name));
    c->reply = json_pack("{s:o}", "countries", list);
    return OK;
}
