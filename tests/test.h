/* tests/test.h: a test is a sentence
 *
 *     TEST(a_refusal_costs_nothing) { assert_int_equal(...); }
 *
 * Tests register themselves and run in the order of the file; TEST_MAIN ends it.
 */
#ifndef TEST_H
#define TEST_H

/* cmocka wants these before itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <assert.h>
#undef assert
#define assert(condition) assert_true(condition)

enum { TESTS_MOST = 128 };
__attribute__((unused)) static struct CMUnitTest tests_[TESTS_MOST];
__attribute__((unused)) static size_t test_count_;

#define TEST(sentence)                                                                           \
    static void sentence(void **state);                                                          \
    __attribute__((constructor)) static void sentence##_register(void)                           \
    {                                                                                            \
        assert_true(test_count_ < TESTS_MOST);                                                   \
        tests_[test_count_++] = (struct CMUnitTest){ .name = #sentence, .test_func = sentence }; \
    }                                                                                            \
    static void sentence(void **state __attribute__((unused)))

#define TEST_MAIN                                                                  \
    int main(void)                                                                 \
    {                                                                              \
        return _cmocka_run_group_tests(__FILE__, tests_, test_count_, NULL, NULL); \
    }

#endif
