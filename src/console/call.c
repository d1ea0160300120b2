#include "console/call.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "authority/account.h"
#include "base/buffer.h"
#include "http/server.h"

void call_header(struct call *c, const char *name, const char *format, ...)
{
    size_t i = 0;
    va_list arguments;

    while (i < CALL_HEADERS_MOST && c->headers[i].name != NULL)
        i++;
    assert(i < CALL_HEADERS_MOST);
    c->headers[i].name = name;
    va_start(arguments, format);
    vsnprintf(c->headers[i].value, sizeof c->headers[i].value, format, arguments);
    va_end(arguments);
}

struct slice call_text(struct call *c, const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);

    if (value == NULL || json_is_null(value))
        return SLICE_EMPTY;
    if (!json_is_string(value)) {
        refusal_add(&c->refusal, REFUSAL_INVALID, "not-a-text", "\"%s\" has to be a text", name);
        return SLICE_EMPTY;
    }
    return (struct slice){ json_string_value(value), json_string_length(value) };
}

bool call_number(struct call *c, const char *name, uint64_t *value)
{
    const char *text = http_request_query(c->request, name);
    char *end;

    if (text == NULL || *text == '\0')
        return false;
    errno = 0;
    *value = strtoull(text, &end, 10);
    if (*text < '0' || *text > '9' || *end != '\0' || errno != 0) {
        refusal_add(&c->refusal, REFUSAL_INVALID, "not-a-number", "%s has to be a number", name);
        return false;
    }
    return true;
}

enum err call_account(struct call *c, struct slice name, uint64_t *account)
{
    enum err e = account_find(c->authority, name, account);

    if (e == ERR_MISSING)
        refusal_add(&c->refusal, REFUSAL_MISSING, "account-missing",
                    "there is no account \"%.*s\": name it by id or e-mail",
                    (int)(name.size > 80 ? 80 : name.size), name.at == NULL ? "" : name.at);
    return e;
}

bool moment_of_text(const char *text, uint64_t *at_us)
{
    struct tm parts = { .tm_isdst = 0 };
    const char *rest = strptime(text, "%Y-%m-%dT%H:%M:%S", &parts);
    uint64_t fraction = 0, unit = 100000;
    time_t at_s;

    if (rest == NULL)
        return false;
    if (*rest == '.')
        for (rest++; *rest >= '0' && *rest <= '9'; rest++, unit /= 10)
            fraction += (uint64_t)(*rest - '0') * unit;
    at_s = timegm(&parts);
    *at_us = (uint64_t)at_s * 1000000 + fraction;
    return at_s >= 0 && strcmp(rest, "Z") == 0;
}

json_t *moment_json(uint64_t at_ns)
{
    char text[CLOCK_TEXT_SIZE];

    if (at_ns == 0)
        return json_null();
    clock_format(at_ns, text);
    return json_string(text);
}

static json_t *reason_json(const struct refusal_reason *reason)
{
    return json_pack("{s:s, s:s, s:s*}", "code", reason->code, "message", reason->text, "field",
                     reason->field[0] == '\0' ? NULL : reason->field);
}

json_t *refusal_json(const struct refusal *refusal)
{
    json_t *reasons = json_array(), *error;
    struct buffer message;

    buffer_init(&message);
    for (size_t i = 0; i < refusal->count; i++) {
        const struct refusal_reason *reason = &refusal->reasons[i];

        buffer_printf(&message, "%s%s", i == 0 ? "" : "; ", reason->text);
        json_array_append_new(reasons, reason_json(reason));
    }
    error = json_pack("{s:{s:s, s:s%, s:o}}", "error", "code", refusal->reasons[0].code, "message",
                      message.failed ? "" : message.at, message.failed ? 0 : message.size,
                      "reasons", reasons);
    buffer_wipe(&message);
    return error;
}

unsigned refusal_status(const struct refusal *refusal)
{
    switch (refusal->kind) {
    case REFUSAL_RULE:
        return 403;
    case REFUSAL_MISSING:
        return 404;
    case REFUSAL_CLASH:
        return 409;
    case REFUSAL_THROTTLED:
        return 429;
    default:
        return 400;
    }
}

unsigned broken_status(enum err e)
{
    return e == ERR_MISSING ? 404 : e == ERR_CONFLICT || e == ERR_IO || e == ERR_FULL ? 503 : 500;
}
