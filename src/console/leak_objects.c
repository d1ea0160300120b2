#include "console/leak_objects.h"

#include "console/number.h"
#include "http/server.h"

enum err leak_object_put(struct call *c)
{
    enum err e = leak_object_keep(c->authority, number_of(c->value), http_request_body(c->request),
                                  &c->refusal);

    c->reply = json_object();
    return c->reply == NULL && e == OK ? ERR_MEMORY : e;
}

/* Downloaded, and never shown: strangers wrote it. */
enum err leak_object_reply(struct call *c, const struct leak_object_reader *reader)
{
    enum err e;

    TRY(leak_object_read(c->authority, reader, number_of(c->value), &c->bytes, &c->refusal));
    if (refusal_is(&c->refusal))
        goto out;
    c->type = "application/octet-stream";
    call_header(c, "Content-Disposition", "attachment; filename=\"leak-%llu.bin\"",
                (unsigned long long)number_of(c->value));
    call_header(c, "X-Content-Type-Options", "nosniff");
    call_header(c, "Content-Security-Policy", "sandbox");
out:
    return e;
}

enum err leak_object_get(struct call *c)
{
    const struct leak_object_reader reader = { .who = c->who };

    return leak_object_reply(c, &reader);
}
