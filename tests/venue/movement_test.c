#include "../test.h"

#include "venue/movement.h"

TEST(methods_are_found_in_any_case)
{
    enum method method;

    assert_true(method_find(SLICE("bitcoin"), &method));
    assert_int_equal(method, METHOD_BITCOIN);
    assert_true(method_find(SLICE("TETHERUSE"), &method));
    assert_int_equal(method_facts(method)->currency, CURRENCY_UST);
    assert_false(method_find(SLICE("wire"), &method));
    assert_false(method_find(SLICE("bit"), &method));
}

TEST(words_come_back_as_they_went)
{
    char words[MOVEMENT_WORDS_MOST];
    struct movement movement;
    size_t size = movement_words(SLICE("tb1q"), SLICE("memo"), SLICE("rent"), words);

    movement_words_take((struct slice){ words, size }, &movement);
    assert_string_equal(movement.address, "tb1q");
    assert_string_equal(movement.payment_id, "memo");
    assert_string_equal(movement.note, "rent");
    size = movement_words(SLICE("tb1q"), SLICE_EMPTY, SLICE_EMPTY, words);
    movement_words_take((struct slice){ words, size }, &movement);
    assert_string_equal(movement.payment_id, "");
    movement_words_take(SLICE_EMPTY, &movement);
    assert_string_equal(movement.address, "");
}

TEST(addresses_repeat_themselves_and_differ_from_each_other)
{
    char one[MOVEMENT_ADDRESS_SIZE], same[MOVEMENT_ADDRESS_SIZE], other[MOVEMENT_ADDRESS_SIZE];

    movement_address_make(7, 2, WALLET_EXCHANGE, METHOD_BITCOIN, 0, one);
    movement_address_make(7, 2, WALLET_EXCHANGE, METHOD_BITCOIN, 0, same);
    assert_string_equal(one, same);
    assert_int_equal(strlen(one), 42);
    assert_memory_equal(one, "tb1q", 4);
    movement_address_make(7, 2, WALLET_EXCHANGE, METHOD_BITCOIN, 1, other);
    assert_string_not_equal(one, other);
    movement_address_make(7, 3, WALLET_EXCHANGE, METHOD_BITCOIN, 0, other);
    assert_string_not_equal(one, other);
    movement_address_make(7, 3, WALLET_EXCHANGE, METHOD_ETHEREUM, 0, other);
    assert_int_equal(strlen(other), 38); /* two short of a real one */
    assert_int_equal(strspn(other + 2, "0123456789abcdef"), 36);
}

TEST(a_transaction_has_sixty_four_digits)
{
    char one[MOVEMENT_TRANSACTION_SIZE], other[MOVEMENT_TRANSACTION_SIZE];

    movement_transaction_format(1, one);
    movement_transaction_format(2, other);
    assert_int_equal(strspn(one, "0123456789abcdef"), 64);
    assert_string_not_equal(one, other);
}

TEST_MAIN
