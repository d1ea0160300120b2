#include "venue/movement.h"

#include <assert.h>
#include <sodium.h>
#include <stdio.h>
#include <strings.h>

#include "base/bytes.h"
#include "base/hex.h"

static const struct method_facts methods[METHOD_END] = {
#define METHOD(number, name, network, currency, fee, confirmations, block_ms, start, length) \
    [number] = { #name, network, CURRENCY_##currency, fee, confirmations, block_ms, start, length },
#include "venue/method.def"
#undef METHOD
};

const struct method_facts *method_facts(enum method method)
{
    assert(method > METHOD_NONE && method < METHOD_END);
    return &methods[method];
}

bool method_find(struct slice name, enum method *method)
{
    for (unsigned i = METHOD_NONE + 1; i < METHOD_END; i++) {
        if (name.size == strlen(methods[i].name) &&
            strncasecmp(name.at, methods[i].name, name.size) == 0) {
            *method = (enum method)i;
            return true;
        }
    }
    return false;
}

const char *movement_state_text(enum movement_state state)
{
    static const char *const texts[] = { [MOVEMENT_PENDING] = "PENDING",
                                         [MOVEMENT_COMPLETED] = "COMPLETED",
                                         [MOVEMENT_CANCELED] = "CANCELED" };

    return texts[state];
}

uint64_t movement_due_ms(enum method method, uint64_t time_ms)
{
    const struct method_facts *facts = method_facts(method);

    return time_ms + facts->confirmations * facts->block_ms;
}

static size_t word_put(char *words, struct slice text, size_t size)
{
    assert(text.size < size);
    if (text.size > 0)
        memcpy(words, text.at, text.size);
    words[text.size] = '\0';
    return text.size + 1;
}

size_t movement_words(struct slice address, struct slice payment_id, struct slice note,
                      char words[MOVEMENT_WORDS_MOST])
{
    size_t size = word_put(words, address, MOVEMENT_ADDRESS_SIZE);

    size += word_put(words + size, payment_id, MOVEMENT_PAYMENT_SIZE);
    return size + word_put(words + size, note, MOVEMENT_NOTE_SIZE) - 1;
}

/* Takes the text up to the next zero; what is too long for its field is cut. */
static void word_take(struct slice *words, char *text, size_t size)
{
    const char *end = words->size == 0 ? NULL : memchr(words->at, '\0', words->size);
    size_t all = end == NULL ? words->size : (size_t)(end - words->at);
    size_t kept = all < size ? all : size - 1;

    if (kept > 0)
        memcpy(text, words->at, kept);
    text[kept] = '\0';
    *words = slice_from(*words, end == NULL ? all : all + 1);
}

void movement_words_take(struct slice words, struct movement *movement)
{
    word_take(&words, movement->address, sizeof movement->address);
    word_take(&words, movement->payment_id, sizeof movement->payment_id);
    word_take(&words, movement->note, sizeof movement->note);
}

void movement_transaction_format(uint64_t transaction, char text[MOVEMENT_TRANSACTION_SIZE])
{
    uint8_t number[8], hash[(MOVEMENT_TRANSACTION_SIZE - 1) / 2];

    bytes_put(number, transaction, sizeof number);
    crypto_generichash(hash, sizeof hash, number, sizeof number, NULL, 0);
    hex_format(hash, sizeof hash, text);
}

void movement_address_make(uint64_t seed, uint64_t account, enum wallet_kind wallet,
                           enum method method, uint64_t index, char address[MOVEMENT_ADDRESS_SIZE])
{
    static const char bech32[] = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"; /* BIP 173 */
    const struct method_facts *facts = method_facts(method);
    const uint64_t numbers[] = { seed, account, wallet, method, index };
    uint8_t bytes[sizeof numbers], hash[crypto_generichash_BYTES_MAX];
    bool is_hex = strcmp(facts->address_start, "0x") == 0;
    size_t size;

    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        bytes_put(bytes + 8 * i, numbers[i], 8);
    crypto_generichash(hash, sizeof hash, bytes, sizeof bytes, NULL, 0);
    size = (size_t)snprintf(address, MOVEMENT_ADDRESS_SIZE, "%s", facts->address_start);
    for (size_t i = 0; i < facts->address_length; i++)
        address[size++] = is_hex ? "0123456789abcdef"[hash[i] % 16] : bech32[hash[i] % 32];
    address[size] = '\0';
}
