#include "shm/addresses.h"

#include "temporary_segment.h"

#include "../test.h"

static struct address_entry *get(struct segment *segment, const char *text, uint64_t now_ns)
{
    uint8_t address[IP_ADDRESS_SIZE];

    assert_true(ip_address_parse(slice_of(text), address));
    return addresses_get(segment, address, now_ns);
}

TEST(an_address_keeps_its_entry)
{
    struct segment *segment = temporary_segment();
    struct address_entry *entry = get(segment, "192.0.2.1", 1);
    struct gate_address meters;

    assert_true(address_requests_store(entry, 0, 50));
    assert_false(address_requests_store(entry, 0, 60));
    assert_true(address_failures_store(entry, 0, 70));
    assert_ptr_equal(get(segment, "192.0.2.1", 2), entry);
    assert_ptr_not_equal(get(segment, "192.0.2.2", 2), entry);
    address_read(entry, &meters);
    assert_int_equal(meters.requests_full_at_ns, 50);
    assert_int_equal(meters.failures_full_at_ns, 70);
    temporary_segment_remove(&segment);
}

TEST(an_ipv6_network_of_64_bits_counts_as_one)
{
    struct segment *segment = temporary_segment();

    assert_ptr_equal(get(segment, "2001:db8:1:2::1", 1), get(segment, "2001:db8:1:2:ffff::9", 2));
    assert_ptr_not_equal(get(segment, "2001:db8:1:2::1", 1), get(segment, "2001:db8:1:3::1", 2));
    temporary_segment_remove(&segment);
}

TEST(what_is_metered_as_one_is_one)
{
    uint8_t a[IP_ADDRESS_SIZE], b[IP_ADDRESS_SIZE], c[IP_ADDRESS_SIZE];

    assert_true(ip_address_parse(SLICE("192.0.2.1"), a));
    assert_true(ip_address_parse(SLICE("192.0.2.2"), b));
    assert_true(addresses_are_one(a, a));
    assert_false(addresses_are_one(a, b));
    assert_true(ip_address_parse(SLICE("2001:db8:1:2::1"), a));
    assert_true(ip_address_parse(SLICE("2001:db8:1:2::2"), b));
    assert_true(ip_address_parse(SLICE("2001:db8:1:3::1"), c));
    assert_true(addresses_are_one(a, b));
    assert_false(addresses_are_one(a, c));
}

TEST(the_oldest_gives_way_and_leaves_nothing_behind)
{
    struct segment *segment = temporary_segment();
    char text[32];
    unsigned fresh = 0;

    for (unsigned i = 0; i < 2000; i++) {
        struct gate_address meters;
        struct address_entry *entry;

        snprintf(text, sizeof text, "10.0.%u.%u", i / 250, i % 250);
        entry = get(segment, text, i + 1);
        address_read(entry, &meters);
        fresh += meters.requests_full_at_ns == 0;
        assert_true(address_requests_store(entry, meters.requests_full_at_ns, 99));
    }
    assert_int_equal(fresh, 2000);
    /* The last one is still there. */
    assert_false(address_requests_store(get(segment, text, 3000), 0, 1));
    temporary_segment_remove(&segment);
}

TEST_MAIN
