#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "mail/folder.h"

TEST(letters_are_listed_in_the_order_they_were_sent)
{
    char folder[] = "/tmp/latchkey-letters-XXXXXX", inner[64], path[160];
    const uint64_t at_ns = UINT64_C(1795392000123) * NS_PER_MS;
    struct folder_list list;
    struct buffer b;
    struct stat about;

    assert_non_null(mkdtemp(folder));
    snprintf(inner, sizeof inner, "%s/mail", folder);
    assert_int_equal(folder_list_read(inner, &list), ERR_MISSING);
    assert_int_equal(folder_send(inner, at_ns + NS_PER_S, 8, SLICE("second")), OK);
    assert_int_equal(folder_send(inner, at_ns, 9, SLICE("first")), OK);
    snprintf(path, sizeof path, "%s/notes.txt", inner);
    fclose(fopen(path, "w"));
    assert_int_equal(folder_list_read(inner, &list), OK);
    assert_int_equal(list.count, 2);
    assert_string_equal(list.names[0], "20261123T000000.123Z-9.eml");
    buffer_init(&b);
    assert_int_equal(folder_letter_read(inner, list.names[0], &b), OK);
    assert_string_equal(b.at, "first");
    buffer_wipe(&b);
    unlink(path);
    for (size_t i = 0; i < list.count; i++) {
        snprintf(path, sizeof path, "%s/%s", inner, list.names[i]);
        assert_int_equal(stat(path, &about), 0);
        assert_int_equal(about.st_mode & 0777, 0600);
        unlink(path);
    }
    folder_list_wipe(&list);
    assert_int_equal(rmdir(inner), 0);
    assert_int_equal(rmdir(folder), 0);
}

TEST_MAIN
