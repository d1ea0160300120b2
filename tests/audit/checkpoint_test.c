#include "audit/checkpoint.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../test.h"

static const uint8_t seed[NOTE_SEED_SIZE] = { 1, 2, 3 };

static struct note_key a_key(const char *name)
{
    struct note_key key;

    assert_int_equal(note_key_init(&key, NOTE_KEY_LOG, slice_of(name), seed), OK);
    return key;
}

static struct checkpoint a_head(void)
{
    struct checkpoint head = { .origin = "example.com/audit", .size = 20852163 };

    memset(head.root.bytes, 0x5A, sizeof head.root.bytes);
    return head;
}

TEST(what_was_signed_is_believed)
{
    struct note_key key = a_key("example.com/audit");
    struct checkpoint head = a_head(), back;
    char text[CHECKPOINT_TEXT_MOST];
    size_t size = checkpoint_format(&head, &key, seed, text);

    assert_int_equal(checkpoint_parse((struct slice){ text, size }, &key, &back),
                     CHECKPOINT_SIGNED);
    assert_string_equal(back.origin, head.origin);
    assert_int_equal(back.size, head.size);
    assert_true(merkle_equal(&back.root, &head.root));
}

TEST(no_bit_of_a_checkpoint_can_be_changed)
{
    struct note_key key = a_key("example.com/audit");
    struct checkpoint head = a_head(), back;
    char text[CHECKPOINT_TEXT_MOST];
    size_t size = checkpoint_format(&head, &key, seed, text);

    for (size_t at = 0; at < size; at++)
        for (int bit = 0; bit < 8; bit++) {
            text[at] = (char)(text[at] ^ 1 << bit);
            assert_int_not_equal(checkpoint_parse((struct slice){ text, size }, &key, &back),
                                 CHECKPOINT_SIGNED);
            text[at] = (char)(text[at] ^ 1 << bit);
        }
    for (size_t cut = 0; cut < size; cut++)
        assert_int_not_equal(checkpoint_parse((struct slice){ text, cut }, &key, &back),
                             CHECKPOINT_SIGNED);
}

TEST(another_key_or_another_name_proves_nothing)
{
    struct note_key key = a_key("example.com/audit"), other = a_key("example.com/other");
    struct checkpoint head = a_head(), back;
    char text[CHECKPOINT_TEXT_MOST];
    size_t size = checkpoint_format(&head, &key, seed, text);

    assert_int_equal(checkpoint_parse((struct slice){ text, size }, &other, &back),
                     CHECKPOINT_FORGED);
    size = checkpoint_format(&head, &other, seed, text);
    assert_int_equal(checkpoint_parse((struct slice){ text, size }, &other, &back),
                     CHECKPOINT_FORGED);
}

TEST(a_checkpoint_comes_apart_at_its_blank_line)
{
    struct note_key key = a_key("example.com/audit");
    struct checkpoint head = a_head(), back;
    char text[CHECKPOINT_TEXT_MOST];
    struct slice whole = { text, checkpoint_format(&head, &key, seed, text) }, body, signatures;

    assert_true(checkpoint_split(whole, &back, &body, &signatures));
    assert_int_equal(back.size, head.size);
    assert_memory_equal(body.at + body.size, "\n\xE2", 2);
    assert_ptr_equal(signatures.at, body.at + body.size + 1);
    assert_int_equal(body.size + 1 + signatures.size, whole.size);
    assert_false(checkpoint_split((struct slice){ text, body.size }, &back, &body, &signatures));
}

TEST(a_cosignature_beside_ours_is_passed_over)
{
    struct note_key key = a_key("example.com/audit");
    struct checkpoint head = a_head(), back;
    char text[CHECKPOINT_TEXT_MOST];
    size_t size = checkpoint_format(&head, &key, seed, text);
    struct slice more = SLICE("\xE2\x80\x94 witness.example Az3grlgtzPICa5OS8npVmf1M\n");

    memcpy(text + size, more.at, more.size);
    assert_int_equal(checkpoint_parse((struct slice){ text, size + more.size }, &key, &back),
                     CHECKPOINT_SIGNED);
}

static void file_put(const char *folder, const char *name, const void *bytes, size_t size)
{
    char path[256];
    FILE *file;

    snprintf(path, sizeof path, "%s/%s", folder, name);
    file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

static size_t base64_take(const char *text, size_t size, uint8_t *bytes)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    uint32_t bits = 0;
    size_t count = 0;
    int have = 0;

    for (size_t i = 0; i < size && text[i] != '='; i++) {
        bits = bits << 6 | (uint32_t)(strchr(digits, text[i]) - digits);
        have += 6;
        if (have >= 8) {
            have -= 8;
            bytes[count++] = (uint8_t)(bits >> have);
        }
    }
    return count;
}

/* A tool that shares no code with us: the openssl command, given body, signature and key. */
TEST(openssl_verifies_the_signature)
{
    static const uint8_t der_start[12] = { 0x30, 0x2a, 0x30, 0x05, 0x06, 0x03,
                                           0x2b, 0x65, 0x70, 0x03, 0x21, 0x00 };
    struct note_key key = a_key("example.com/audit");
    struct checkpoint head = a_head();
    char text[CHECKPOINT_TEXT_MOST], folder[] = "/tmp/checkpoint-XXXXXX", command[1024];
    uint8_t der[44], signature[80];
    const char *line, *last_space;
    size_t size = checkpoint_format(&head, &key, seed, text);

    assert_non_null(mkdtemp(folder));
    line = memmem(text, size, "\n\n", 2);
    assert_non_null(line);
    last_space = memrchr(text, ' ', size);
    assert_int_equal(
        base64_take(last_space + 1, (size_t)(text + size - 1 - last_space - 1), signature), 68);
    memcpy(der, der_start, sizeof der_start);
    memcpy(der + sizeof der_start, key.public_key, 32);
    file_put(folder, "body", text, (size_t)(line - text) + 1);
    file_put(folder, "signature", signature + 4, 64);
    file_put(folder, "key", der, sizeof der);
    snprintf(command, sizeof command,
             "cd %s && openssl pkeyutl -verify -pubin -keyform DER -inkey key -rawin -in body "
             "-sigfile signature >/dev/null 2>&1",
             folder);
    assert_int_equal(system(command), 0);
    file_put(folder, "body", "x", 1);
    assert_int_not_equal(system(command), 0);
    snprintf(command, sizeof command, "rm -r %s", folder);
    assert_int_equal(system(command), 0);
}

TEST_MAIN
