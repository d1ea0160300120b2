#include "gate/nonce_window.h"

#include "../test.h"

/* As the gate's adapter does it, in one thread. */
static bool take(struct nonce_window *window, uint64_t nonce)
{
    unsigned place;

    if (!nonce_window_admits(window, nonce, &place))
        return false;
    if (window->seen[place] > window->floor)
        window->floor = window->seen[place];
    window->seen[place] = nonce;
    return true;
}

TEST(nonces_pass_in_any_order_once)
{
    const uint64_t order[] = { 5, 3, 4, 1, 2, UINT64_C(1700000000000000), 1700000000000000 - 7 };
    struct nonce_window window = { 0 };

    for (size_t i = 0; i < sizeof order / sizeof *order; i++)
        assert_true(take(&window, order[i]));
    for (size_t i = 0; i < sizeof order / sizeof *order; i++)
        assert_false(take(&window, order[i]));
}

TEST(nothing_up_to_the_floor_passes)
{
    struct nonce_window window = { .floor = 100 };

    assert_false(take(&window, 0));
    assert_false(take(&window, 100));
    assert_true(take(&window, 101));
}

TEST(a_full_window_forgets_the_smallest_and_refuses_what_it_forgot)
{
    struct nonce_window window = { 0 };

    for (uint64_t nonce = 10; nonce < 10 + NONCE_WINDOW_SIZE; nonce++)
        assert_true(take(&window, nonce));
    assert_false(take(&window, 9)); /* below all that is remembered */
    assert_true(take(&window, 1000));
    assert_int_equal(window.floor, 10);
    assert_false(take(&window, 10));
    assert_false(take(&window, 11));
}

TEST(a_nonce_far_ahead_does_not_shut_out_the_others)
{
    struct nonce_window window = { 0 };

    assert_true(take(&window, UINT64_C(9007199254740991)));
    for (uint64_t nonce = 1; nonce < 1000; nonce++)
        assert_true(take(&window, nonce));
}

/* Against the definition: a set of everything ever taken. */
TEST(no_nonce_of_many_in_a_jumble_passes_twice)
{
    enum { NONCES = 4096, SPREAD = 256 };
    bool taken[NONCES] = { false };
    struct nonce_window window = { 0 };
    uint32_t random = 12345;
    unsigned passed = 0;

    for (unsigned i = 0; i < 200000; i++) {
        uint64_t nonce;

        random = random * 1664525 + 1013904223;
        nonce = 1 + i * (NONCES - SPREAD) / 200000 + (random >> 16) % SPREAD;
        if (take(&window, nonce)) {
            assert_false(taken[nonce]);
            taken[nonce] = true;
            passed++;
        }
    }
    assert_true(passed > NONCES / 4);
}

TEST_MAIN
