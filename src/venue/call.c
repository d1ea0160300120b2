#include "venue/call.h"

#include "venue/shape.h"

void call_fail(struct call *call, int code, const char *text)
{
    http_reply_wipe(call->reply);
    call->reply->status = 500;
    call->w = json_writer_of(&call->reply->body);
    shape_error(&call->w, code, text);
}

void call_fail_disk(struct call *call)
{
    http_reply_wipe(call->reply);
    call->reply->status = 503;
    buffer_append(&call->reply->body,
                  SLICE("{\"code\":503,\"error\":\"temporarily_unavailable\","
                        "\"message\":\"temporarily_unavailable\",\"error_description\":"
                        "\"the exchange cannot write its journal; nothing was done\"}"));
}

void call_fail_away(struct call *call)
{
    http_reply_wipe(call->reply);
    call->reply->status = 503;
    buffer_append(&call->reply->body, SLICE("{\"code\":503,\"error\":\"temporarily_unavailable\","
                                            "\"message\":\"temporarily_unavailable\"}"));
}

bool call_page(struct call *call, uint64_t limit_usual, uint64_t limit_most, struct ask_page *page)
{
    const char *wrong = ask_page(call->ask, limit_usual, limit_most, page);

    if (wrong != NULL)
        call_fail(call, CALL_PARAMS, wrong);
    return wrong == NULL;
}

const void *page_row(const struct ring *ring, const struct ask_page *page, size_t done)
{
    return ring_at(ring, page->newest_first ? ring->count - 1 - done : done);
}

bool page_has(const struct ask_page *page, uint64_t time_ms)
{
    return time_ms >= page->start_ms && time_ms <= page->end_ms;
}

bool call_market(struct call *call, struct slice symbol, enum market *market)
{
    if (market_find(symbol, market))
        return true;
    call_fail(call, CALL_PARAMS, "symbol: invalid");
    return false;
}

bool call_funding(struct call *call, struct slice symbol, enum currency *currency)
{
    if (funding_find(symbol, currency))
        return true;
    call_fail(call, CALL_PARAMS, "symbol: invalid");
    return false;
}
