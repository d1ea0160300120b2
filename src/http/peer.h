/* http/peer.h: whether an address is one of the public internet
 *
 * Who may name the server that we call (a webhook) could name one that only we can reach: this
 * machine, its neighbours, a cloud's metadata service.  Judged is the address that is about to be
 * connected to, after all names and redirections are resolved, so no spelling and no second answer
 * of a name server gets around it.
 *
 * Source: IANA special-purpose registries for IPv4 (RFC 6890 and later) and IPv6; of the latter
 * only 2000::/3 is global unicast at all, and what embeds an IPv4 address (mapped, NAT64, 6to4,
 * Teredo) is refused where the embedded one is, or as a whole.
 */
#ifndef HTTP_PEER_H
#define HTTP_PEER_H

#include <stdbool.h>
#include <sys/socket.h>

bool peer_is_public(const struct sockaddr *address);

#endif
