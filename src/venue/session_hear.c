#include "venue/session_own.h"

bool session_may_subscribe(struct session *session, const char *channel, char text[VISIT_TEXT_SIZE])
{
    const struct route *route = route_find_input(ROUTE_INPUT_SUBSCRIBE, slice_of(channel));

    return route == NULL || gatehouse_may(session->all->house, &session->peer,
                                          session->is_open ? &session->proof : NULL, route, text);
}

bool session_may_go_on(struct session *session, const char *channel, bool keyed,
                       char text[VISIT_TEXT_SIZE])
{
    const struct route *route = route_find_input(ROUTE_INPUT_SUBSCRIBE, slice_of(channel));
    bool by_key = keyed && session->is_open;

    return route == NULL || gatehouse_keeps(session->all->house, &session->peer,
                                            by_key ? &session->proof : NULL, route, text);
}

uint64_t session_turn(const struct session *session)
{
    return session->all->turn;
}
