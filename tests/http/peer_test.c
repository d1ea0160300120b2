#include "test.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/un.h>

#include "http/peer.h"

static bool is_public(const char *text)
{
    struct sockaddr_in6 six = { .sin6_family = AF_INET6 };
    struct sockaddr_in four = { .sin_family = AF_INET };

    if (inet_pton(AF_INET, text, &four.sin_addr) == 1)
        return peer_is_public((const struct sockaddr *)&four);
    assert_int_equal(inet_pton(AF_INET6, text, &six.sin6_addr), 1);
    return peer_is_public((const struct sockaddr *)&six);
}

TEST(addresses_of_the_internet_are_public)
{
    static const char *const good[] = { "1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255",
                                        "100.128.0.0", "172.15.255.255", "172.32.0.0",
                                        "192.0.1.1", "192.167.1.1", "198.17.0.1", "198.20.0.1",
                                        "223.255.255.255", "2606:4700::1111", "2a00::1",
                                        "2001:4860:4860::8888", "::ffff:8.8.8.8",
                                        "64:ff9b::808:808", "3ffe::1" };

    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_true(is_public(good[i]));
}

TEST(addresses_that_only_we_can_reach_are_not)
{
    static const char *const bad[] = {
        "0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.100.100.200",
        "127.0.0.1", "127.255.255.254", "169.254.169.254", "172.16.0.1", "172.31.255.255",
        "192.0.0.192", "192.0.2.1", "192.168.1.1", "198.18.0.1", "198.19.255.255", "224.0.0.1",
        "240.0.0.1", "255.255.255.255", "::", "::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
        "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::1", "fc00::1", "fd00:ec2::254", "fe80::1",
        "fec0::1", "ff02::1", "2002:7f00:1::", "2001::1", "2001:db8::1", "100::1", "3fff::1",
        "5f00::1",
    };
    struct sockaddr_un local = { .sun_family = AF_UNIX, .sun_path = "/run/x" };

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        if (is_public(bad[i]))
            print_error("%s\n", bad[i]);
        assert_false(is_public(bad[i]));
    }
    assert_false(peer_is_public((const struct sockaddr *)&local));
}

TEST_MAIN
