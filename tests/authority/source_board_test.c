#include "../test.h"

#include "authority/source_board.h"

TEST(what_was_said_last_is_what_everybody_gets_a_copy_of)
{
    json_t *said = json_pack("[{s:s}]", "name", "bots"), *got, *empty = json_array();
    struct source_board *board;
    uint64_t heard_at_ns;

    assert_int_equal(source_board_open(&board), OK);
    got = source_board_get(board, &heard_at_ns);
    assert_int_equal(json_array_size(got), 0);
    assert_int_equal(heard_at_ns, 0);
    json_decref(got);
    assert_int_equal(source_board_set(board, said, 7), OK);
    json_array_clear(said);
    got = source_board_get(board, &heard_at_ns);
    assert_int_equal(heard_at_ns, 7);
    assert_string_equal(json_string_value(json_object_get(json_array_get(got, 0), "name")), "bots");
    assert_int_equal(source_board_set(board, empty, 8), OK);
    assert_int_equal(json_array_size(got), 1);
    json_decref(got);
    got = source_board_get(board, &heard_at_ns);
    assert_int_equal(json_array_size(got), 0);
    assert_int_equal(heard_at_ns, 8);
    json_decref(got);
    json_decref(said);
    json_decref(empty);
    source_board_close(&board);
    assert_null(board);
    source_board_close(&board);
}

TEST(where_there_is_no_board_nothing_was_said)
{
    uint64_t heard_at_ns = 1;
    json_t *got = source_board_get(NULL, &heard_at_ns);

    assert_int_equal(json_array_size(got), 0);
    assert_int_equal(heard_at_ns, 0);
    json_decref(got);
}

TEST_MAIN
