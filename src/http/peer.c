#include "http/peer.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct range4 {
    uint32_t start;
    unsigned bits;
};
#define IPV4(a, b, c, d) \
    ((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (uint32_t)(c) << 8 | (uint32_t)(d))

static const struct range4 special4[] = {
    { IPV4(0, 0, 0, 0), 8 },       /* this network */
    { IPV4(10, 0, 0, 0), 8 },      /* private */
    { IPV4(100, 64, 0, 0), 10 },   /* carriers' NAT; some clouds' metadata */
    { IPV4(127, 0, 0, 0), 8 },     /* loopback */
    { IPV4(169, 254, 0, 0), 16 },  /* link-local; metadata of most clouds */
    { IPV4(172, 16, 0, 0), 12 },   /* private */
    { IPV4(192, 0, 0, 0), 24 },    /* protocol assignments; metadata of one cloud */
    { IPV4(192, 0, 2, 0), 24 },    /* documentation */
    { IPV4(192, 88, 99, 0), 24 },  /* 6to4 relays */
    { IPV4(192, 168, 0, 0), 16 },  /* private */
    { IPV4(198, 18, 0, 0), 15 },   /* benchmarks */
    { IPV4(198, 51, 100, 0), 24 }, /* documentation */
    { IPV4(203, 0, 113, 0), 24 },  /* documentation */
    { IPV4(224, 0, 0, 0), 3 },     /* multicast, reserved, broadcast */
};

static bool is_public4(uint32_t address)
{
    for (size_t i = 0; i < sizeof special4 / sizeof *special4; i++)
        if ((address ^ special4[i].start) >> (32 - special4[i].bits) == 0)
            return false;
    return true;
}

static uint32_t ipv4_take(const uint8_t *bytes)
{
    return IPV4(bytes[0], bytes[1], bytes[2], bytes[3]);
}

static bool is_public6(const uint8_t address[16])
{
    static const uint8_t mapped[12] = { [10] = 0xFF, [11] = 0xFF };
    static const uint8_t nat64[12] = { 0, 0x64, 0xFF, 0x9B };
    uint32_t start = ipv4_take(address);

    if (memcmp(address, mapped, sizeof mapped) == 0 || memcmp(address, nat64, sizeof nat64) == 0)
        return is_public4(ipv4_take(address + 12));
    return address[0] >> 5 == 1          /* 2000::/3 */
           && start >> 16 != 0x2002      /* 6to4 */
           && start >> 9 != 0x20010000 >> 9 /* 2001::/23: Teredo, benchmarks, ORCHID */
           && start != 0x20010DB8        /* documentation */
           && start >> 12 != 0x3FFF0;    /* documentation, 3fff::/20 */
}

bool peer_is_public(const struct sockaddr *address)
{
    if (address->sa_family == AF_INET)
        return is_public4(ntohl(((const struct sockaddr_in *)address)->sin_addr.s_addr));
    if (address->sa_family == AF_INET6)
        return is_public6(((const struct sockaddr_in6 *)address)->sin6_addr.s6_addr);
    return false;
}
