#include "cli/nearest.h"

#include <string.h>

#include "test.h"

TEST(an_edit_is_an_insertion_a_loss_a_change_or_a_swap)
{
    static const struct {
        const char *a, *b;
        unsigned distance;
    } rows[] = {
        { "list", "list", 0 },   { "lst", "list", 1 },    { "lisst", "list", 1 },
        { "lost", "list", 1 },   { "lsit", "list", 1 },   { "", "list", 4 },
        { "kitten", "sitting", 3 },
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(nearest_distance(rows[i].a, rows[i].b), rows[i].distance);
        assert_int_equal(nearest_distance(rows[i].b, rows[i].a), rows[i].distance);
    }
}

TEST(the_closest_word_wins_and_far_ones_are_never_offered)
{
    struct nearest n;

    nearest_init(&n, "revok");
    nearest_offer(&n, "create");
    assert_null(n.best);
    nearest_offer(&n, "revoke");
    nearest_offer(&n, "review");
    assert_string_equal(n.best, "revoke");
}

TEST(a_word_longer_than_any_command_is_not_measured)
{
    char typed[NEAREST_WORD_MOST + 2];
    struct nearest n;

    memset(typed, 'x', sizeof typed - 1);
    typed[sizeof typed - 1] = '\0';
    nearest_init(&n, typed);
    nearest_offer(&n, "list");
    assert_null(n.best);
}

TEST_MAIN
