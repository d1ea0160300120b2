#include "mail/message.h"

#include <ctype.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdbool.h>
#include <stdio.h>
#include <strings.h>
#include <time.h>

#include "base/clock.h"

enum {
    LINE_MOST = 998,    /* RFC 5322 section 2.1.1, without CR LF */
    QUOTED_MOST = 76,   /* RFC 2045 section 6.7: a line with its soft break */
    WORD_BYTES_MOST = 42, /* 56 base64 characters and 12 around them: below the 75 of RFC 2047 */
    WORD_TEXT_SIZE = 4 * ((WORD_BYTES_MOST + 2) / 3) + 1,
};

/* Whether it can stand in an envelope and a header: one "@", printable ASCII, none of the
 * characters that end or group addresses. */
static bool is_address(struct slice text)
{
    size_t ats = 0;

    for (size_t i = 0; i < text.size; i++) {
        unsigned char c = (unsigned char)text.at[i];

        if (c <= ' ' || c >= 0x7F || strchr("<>()[],;:\\\"", c) != NULL)
            return false;
        ats += c == '@';
    }
    return ats == 1 && text.size <= 254 && text.at[0] != '@' && text.at[text.size - 1] != '@';
}

static bool is_ascii(struct slice text)
{
    for (size_t i = 0; i < text.size; i++)
        if ((unsigned char)text.at[i] >= 0x80)
            return false;
    return true;
}

static bool has_control(struct slice text)
{
    for (size_t i = 0; i < text.size; i++)
        if ((unsigned char)text.at[i] < ' ' || text.at[i] == 0x7F)
            return true;
    return false;
}

/* Encoded words end between characters, as RFC 2047 section 5 wants. */
static size_t word_size(struct slice text)
{
    size_t size = text.size < WORD_BYTES_MOST ? text.size : WORD_BYTES_MOST;

    if (size == text.size)
        return size;
    while (size > 1 && ((unsigned char)text.at[size] & 0xC0) == 0x80)
        size--;
    return size;
}

static void subject_append(struct slice subject, struct buffer *into)
{
    char text[WORD_TEXT_SIZE];

    buffer_append(into, SLICE("Subject: "));
    /* An ASCII subject that looks like an encoded word would be decoded by the reader. */
    if (is_ascii(subject) && subject.size < 200 &&
        memmem(subject.at, subject.size, "=?", 2) == NULL) {
        buffer_append(into, subject);
        buffer_append(into, SLICE("\r\n"));
        return;
    }
    for (bool first = true; subject.size > 0; first = false) {
        size_t size = word_size(subject);

        sodium_bin2base64(text, sizeof text, (const uint8_t *)subject.at, size,
                          sodium_base64_VARIANT_ORIGINAL);
        buffer_printf(into, "%s=?UTF-8?B?%s?=", first ? "" : "\r\n ", text);
        subject = slice_from(subject, size);
    }
    buffer_append(into, SLICE("\r\n"));
}

/* The next line without its line feed; `text` moves behind it. */
static struct slice line_take(struct slice *text)
{
    const char *end = memchr(text->at, '\n', text->size);
    struct slice line = { text->at, end == NULL ? text->size : (size_t)(end - text->at) };

    *text = slice_from(*text, end == NULL ? line.size : line.size + 1);
    return line;
}

static bool is_plain(struct slice text)
{
    if (!is_ascii(text) || memchr(text.at, '\r', text.size) != NULL ||
        memchr(text.at, '\0', text.size) != NULL)
        return false;
    while (text.size > 0)
        if (line_take(&text).size > LINE_MOST)
            return false;
    return true;
}

static void plain_append(struct slice text, struct buffer *into)
{
    while (text.size > 0) {
        buffer_append(into, line_take(&text));
        buffer_append(into, SLICE("\r\n"));
    }
}

static void quoted_line_append(struct slice line, struct buffer *into)
{
    size_t column = 0;

    for (size_t i = 0; i < line.size; i++) {
        unsigned char c = (unsigned char)line.at[i];
        bool plain = (c > ' ' && c < 0x7F && c != '=') || (c == ' ' && i + 1 < line.size);
        size_t size = plain ? 1 : 3;

        if (column + size > QUOTED_MOST - 1) {
            buffer_append(into, SLICE("=\r\n"));
            column = 0;
        }
        if (plain)
            buffer_append_char(into, (char)c);
        else
            buffer_printf(into, "=%02X", c);
        column += size;
    }
    buffer_append(into, SLICE("\r\n"));
}

static void date_append(uint64_t at_ns, struct buffer *into)
{
    static const char *const days[] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
    static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
    time_t s = (time_t)(at_ns / NS_PER_S);
    struct tm tm;

    /* Not strftime: its names follow the locale. */
    gmtime_r(&s, &tm);
    buffer_printf(into, "Date: %s, %d %s %d %02d:%02d:%02d +0000\r\n", days[tm.tm_wday],
                  tm.tm_mday, months[tm.tm_mon], tm.tm_year + 1900, tm.tm_hour, tm.tm_min,
                  tm.tm_sec);
}

void message_id_format(uint64_t id, uint64_t made_at_ns, const char *from,
                       char text[MESSAGE_ID_SIZE])
{
    const char *host = from == NULL ? NULL : strchr(from, '@');

    text[0] = '\0';
    if (host != NULL)
        snprintf(text, MESSAGE_ID_SIZE, "latchkey.%" PRIu64 ".%" PRIu64 "%s", id,
                 made_at_ns / NS_PER_MS, host);
}

enum err message_format(const struct message *m, struct buffer *into)
{
    bool plain = is_plain(m->text);
    struct slice text = m->text;
    char id[MESSAGE_ID_SIZE];

    if (!is_address(slice_of(m->from)) || !is_address(slice_of(m->to)) ||
        has_control(m->subject))
        return ERR_MALFORMED;
    buffer_printf(into, "From: <%s>\r\nTo: <%s>\r\n", m->from, m->to);
    subject_append(m->subject, into);
    date_append(m->made_at_ns, into);
    message_id_format(m->id, m->made_at_ns, m->from, id);
    buffer_printf(into, "Message-ID: <%s>\r\n", id);
    /* RFC 3834: no holiday notices in return. */
    buffer_append(into, SLICE("Auto-Submitted: auto-generated\r\n"
                              "MIME-Version: 1.0\r\n"
                              "Content-Type: text/plain; charset=utf-8\r\n"));
    buffer_printf(into, "Content-Transfer-Encoding: %s\r\n\r\n",
                  plain ? "7bit" : "quoted-printable");
    if (plain)
        plain_append(text, into);
    else
        while (text.size > 0)
            quoted_line_append(line_take(&text), into);
    return into->failed ? ERR_MEMORY : OK;
}

/* ---- back ---- */

static struct slice line_strip(struct slice line)
{
    return line.size > 0 && line.at[line.size - 1] == '\r'
               ? (struct slice){ line.at, line.size - 1 }
               : line;
}

static void words_decode(struct slice value, struct buffer *into)
{
    while (value.size > 0) {
        uint8_t bytes[WORD_BYTES_MOST + 3];
        const char *end = NULL;
        size_t size;

        if (slice_starts(value, SLICE("=?UTF-8?B?")))
            end = memmem(value.at + 10, value.size - 10, "?=", 2);
        if (end == NULL || sodium_base642bin(bytes, sizeof bytes, value.at + 10,
                                             (size_t)(end - value.at) - 10, NULL, &size, NULL,
                                             sodium_base64_VARIANT_ORIGINAL) != 0) {
            buffer_append(into, value);
            return;
        }
        buffer_append(into, (struct slice){ (const char *)bytes, size });
        value = slice_from(value, (size_t)(end - value.at) + 2);
        while (value.size > 0 && value.at[0] == ' ')
            value = slice_from(value, 1);
    }
}

enum err message_header_get(struct slice message, const char *name, struct buffer *into)
{
    size_t size = strlen(name);
    bool inside = false;
    struct buffer value;
    enum err e;

    buffer_init(&value);
    while (message.size > 0) {
        struct slice line = line_strip(line_take(&message));

        if (line.size == 0)
            break;
        if (line.at[0] == ' ') {
            if (inside)
                buffer_append(&value, line);
            continue;
        }
        inside = value.size == 0 && line.size > size + 1 && line.at[size] == ':' &&
                 strncasecmp(line.at, name, size) == 0;
        if (inside)
            buffer_append(&value, slice_from(line, size + 2));
    }
    words_decode(buffer_slice(&value), into);
    e = value.failed || into->failed ? ERR_MEMORY : OK;
    buffer_wipe(&value);
    return e;
}

static int digit_of(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* True when the line goes on in the next one. */
static bool quoted_decode(struct slice line, struct buffer *into)
{
    for (size_t i = 0; i < line.size; i++) {
        if (line.at[i] != '=') {
            buffer_append_char(into, line.at[i]);
        } else if (i + 1 == line.size) {
            return true;
        } else if (i + 2 < line.size && digit_of(line.at[i + 1]) >= 0 &&
                   digit_of(line.at[i + 2]) >= 0) {
            buffer_append_char(into, (char)(digit_of(line.at[i + 1]) << 4 |
                                            digit_of(line.at[i + 2])));
            i += 2;
        }
    }
    return false;
}

enum err message_text_get(struct slice message, struct buffer *into)
{
    bool quoted = memmem(message.at, message.size, "\nContent-Transfer-Encoding: quoted", 34);
    bool body = false;

    while (message.size > 0) {
        struct slice line = line_strip(line_take(&message));

        if (!body) {
            body = line.size == 0;
            continue;
        }
        if (!quoted)
            buffer_append(into, line);
        if (!quoted || !quoted_decode(line, into))
            buffer_append_char(into, '\n');
    }
    return into->failed ? ERR_MEMORY : OK;
}
