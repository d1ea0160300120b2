#include "gate/route_file.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <time.h>

enum { WORDS_MOST = 16, NAME_MOST = 32, PATTERN_MOST = 200 };

struct reader {
    struct route_file *file;
    struct route_problem *problem;
    size_t count;
    unsigned order_line; /* first row that counts as an order; 0: none */
};

__attribute__((format(printf, 2, 3))) static bool fail(struct reader *reader, const char *format,
                                                       ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(reader->problem->words, sizeof reader->problem->words, format, arguments);
    va_end(arguments);
    return false;
}

/* Only these characters, and at least one. */
static bool is_made_of(const char *text, const char *alphabet)
{
    return *text != '\0' && text[strspn(text, alphabet)] == '\0';
}

#define DIGITS "0123456789"
#define LOWER  "abcdefghijklmnopqrstuvwxyz"
#define UPPER  "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

static bool number_parse(struct reader *reader, const char *text, struct route *row)
{
    unsigned long number = is_made_of(text, DIGITS) && strlen(text) <= 5 ? strtoul(text, NULL, 10)
                                                                         : 0;

    if (number < ROUTE_NUMBER_OWN || number > UINT16_MAX)
        return fail(reader, "\"%.20s\" is no number from %d to %d", text, ROUTE_NUMBER_OWN,
                    UINT16_MAX);
    row->number = (uint16_t)number;
    return true;
}

static bool name_parse(struct reader *reader, const char *text, struct route *row)
{
    if (!is_made_of(text, UPPER DIGITS "_") || strlen(text) > NAME_MOST)
        return fail(reader, "\"%.40s\" is no name: at most %d of A-Z, 0-9 and _", text, NAME_MOST);
    row->name = text;
    return true;
}

static bool method_parse(struct reader *reader, const char *text, struct route *row)
{
    enum http_method method = http_method_find(slice_of(text));

    if (strcmp(text, "*") == 0)
        method = HTTP_METHOD_ANY;
    if (method == HTTP_METHOD_HEAD)
        return fail(reader, "HEAD needs no row: it is routed as GET");
    if (method == HTTP_METHOD_OTHER)
        return fail(reader, "\"%.20s\" is no method: GET, POST, PUT, DELETE, OPTIONS, PATCH or *",
                    text);
    row->method = (uint8_t)method;
    return true;
}

/* "*" and parameters stand apart from literals in the order of rows by their first character, so
 * that literals have none that is less than "*" or more than "{". */
static bool segment_check(struct reader *reader, const char *segment, size_t size, bool is_last)
{
    static const char literal[] = LOWER UPPER DIGITS "-._:@,=+";

    if (size == 0)
        return fail(reader, "a path has one slash before each part, and none at its end");
    if (size == 1 && *segment == '*')
        return is_last || fail(reader, "\"*\" stands for all the rest, so nothing comes after it");
    if (*segment == '{')
        return (size > 2 && strspn(segment + 1, LOWER "_") == size - 2 &&
                segment[size - 1] == '}') ||
               fail(reader, "\"%.*s\" is no parameter: {name}, of a-z and _",
                    size > 40 ? 40 : (int)size, segment);
    if (strspn(segment, literal) < size || (*segment == '.' && strspn(segment, ".") >= size))
        return fail(reader, "\"%.*s\" is no part of a path: letters, digits and -._:@,=+",
                    size > 40 ? 40 : (int)size, segment);
    if (size == 4 &&
        (strncasecmp(segment, "hist", 4) == 0 || strncasecmp(segment, "last", 4) == 0) &&
        strspn(segment, LOWER) < size)
        return fail(reader, "\"%.4s\" is found in any case, and written in lower case", segment);
    return true;
}

static bool pattern_parse(struct reader *reader, const char *text, struct route *row)
{
    unsigned count = 0;

    if (*text != '/' || strlen(text) > PATTERN_MOST)
        return fail(reader, "a path begins with a slash and has at most %d bytes", PATTERN_MOST);
    for (const char *at = text; *at == '/'; count++) {
        size_t size = strcspn(++at, "/");

        if (count == ROUTE_SEGMENTS_MOST)
            return fail(reader, "a path has at most %d parts", ROUTE_SEGMENTS_MOST);
        if (!segment_check(reader, at, size, at[size] == '\0'))
            return false;
        at += size;
    }
    row->pattern = text;
    return true;
}

static bool class_parse(struct reader *reader, const char *text, struct route *row)
{
    if (strcmp(text, "public") != 0 && strcmp(text, "private") != 0)
        return fail(reader, "\"%.20s\" is no class: public or private", text);
    row->class = text[1] == 'u' ? ROUTE_PUBLIC : ROUTE_PRIVATE;
    return true;
}

static bool scope_parse(struct reader *reader, const char *text, struct route *row)
{
    enum scope scope = SCOPE_NONE;
    char all[SCOPES_TEXT_SIZE];

    if (strcmp(text, "none") != 0 && !scope_find(slice_of(text), &scope)) {
        scopes_format(SCOPE_BIT(SCOPE_COUNT) - 1, all);
        return fail(reader, "\"%.30s\" is no scope: none or one of %.150s", text, all);
    }
    row->scope = (uint8_t)scope;
    return true;
}

static bool digits_take(const char **text, unsigned count, int *value)
{
    *value = 0;
    for (; count > 0; count--, (*text)++) {
        if (**text < '0' || **text > '9')
            return false;
        *value = *value * 10 + (**text - '0');
    }
    return true;
}

static bool char_take(const char **text, char c)
{
    return *(*text)++ == c;
}

/* "2027-01-01" or "2027-01-01T00:00:00Z", from 1970 on. */
static bool moment_parse(const char *text, uint64_t *at_s)
{
    struct tm given = { 0 }, real;
    time_t seconds;

    if (!digits_take(&text, 4, &given.tm_year) || !char_take(&text, '-') ||
        !digits_take(&text, 2, &given.tm_mon) || !char_take(&text, '-') ||
        !digits_take(&text, 2, &given.tm_mday))
        return false;
    if (*text != '\0' &&
        (!char_take(&text, 'T') || !digits_take(&text, 2, &given.tm_hour) ||
         !char_take(&text, ':') || !digits_take(&text, 2, &given.tm_min) ||
         !char_take(&text, ':') || !digits_take(&text, 2, &given.tm_sec) ||
         !char_take(&text, 'Z') || *text != '\0'))
        return false;
    given.tm_year -= 1900;
    given.tm_mon -= 1;
    real = given;
    seconds = timegm(&real);
    /* A day that does not exist comes back as another one. */
    if (seconds <= 0 || real.tm_mday != given.tm_mday || real.tm_mon != given.tm_mon ||
        real.tm_hour != given.tm_hour || real.tm_min != given.tm_min || real.tm_sec != given.tm_sec)
        return false;
    *at_s = (uint64_t)seconds;
    return true;
}

static bool announcement_parse(struct reader *reader, const char *word, struct route *row)
{
    const char *value = strchr(word, '=') + 1;
    size_t size = (size_t)(value - word);

    if (strncmp(word, "successor=", size) == 0) {
        row->successor = value;
        return (*value == '/' && strlen(value) <= ROUTE_SUCCESSOR_MOST &&
                is_made_of(value, LOWER UPPER DIGITS "/-._:@,=+{}")) ||
               fail(reader, "a successor is a path of at most %d bytes", ROUTE_SUCCESSOR_MOST);
    }
    if (strncmp(word, "deprecated=", size) == 0 || strncmp(word, "sunset=", size) == 0)
        return moment_parse(value, *word == 'd' ? &row->deprecated_at_s : &row->sunset_at_s) ||
               fail(reader, "\"%.30s\" is no moment: 2027-01-01 or 2027-01-01T00:00:00Z", value);
    return fail(reader, "\"%.30s\" is unknown: deprecated=, sunset= or successor=", word);
}

static bool word_parse(struct reader *reader, const char *word, struct route *row)
{
    static const struct {
        const char *word;
        enum route_flag flag;
    } flags[] = { { "order", ROUTE_COUNTS_AS_ORDER },
                  { "wallets", ROUTE_WALLETS },
                  { "write", ROUTE_WRITES },
                  { "retired", ROUTE_RETIRED } };

    if (strchr(word, '=') != NULL)
        return announcement_parse(reader, word, row);
    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++) {
        if (strcmp(word, flags[i].word) == 0) {
            row->flags |= (uint8_t)flags[i].flag;
            return true;
        }
    }
    return fail(reader, "\"%.30s\" is unknown: order, wallets, write or retired", word);
}

/* Parameters at the same place of two patterns that agree so far have one name, or the rows could
 * not be searched by halves. */
static bool parameters_agree(const char *a, const char *b)
{
    const char *left = a, *right = b;

    for (; *a == *b && *a != '\0'; a++, b++) {
        if (*a == '/') {
            left = a + 1;
            right = b + 1;
        }
    }
    return *a == *b || *left != '{' || *right != '{' ||
           (strcspn(left, "/") == strcspn(right, "/") &&
            strncmp(left, right, strcspn(left, "/")) == 0);
}

static bool row_check(struct reader *reader, const struct route *row)
{
    if ((row->flags & (ROUTE_COUNTS_AS_ORDER | ROUTE_WALLETS)) != 0 && row->class == ROUTE_PUBLIC)
        return fail(reader, "orders and wallets belong to a key: the class must be private");
    if (row->deprecated_at_s != 0 && row->sunset_at_s != 0 &&
        row->sunset_at_s < row->deprecated_at_s)
        return fail(reader, "the sunset is before the deprecation (RFC 9745, section 4)");
    for (size_t i = 0; i < reader->count; i++) {
        const struct route *other = &reader->file->rows[i];

        if (other->number == row->number)
            return fail(reader, "%u is the number of %s already", row->number, other->name);
        if (!parameters_agree(other->pattern, row->pattern))
            return fail(reader, "%.60s names a parameter otherwise than %s does at this place",
                        row->pattern, other->name);
        if (route_order(other, row) == 0)
            return fail(reader, "%s has the same method and path already", other->name);
    }
    return true;
}

static bool row_parse(struct reader *reader, char *const *words, size_t count)
{
    struct route row = { 0 };

    if (count < 6)
        return fail(reader, "a route is: number name method path class scope, then words");
    if (reader->count == ROUTE_TABLE_MOST)
        return fail(reader, "more than %d routes", ROUTE_TABLE_MOST);
    if (!number_parse(reader, words[0], &row) || !name_parse(reader, words[1], &row) ||
        !method_parse(reader, words[2], &row) || !pattern_parse(reader, words[3], &row) ||
        !class_parse(reader, words[4], &row) || !scope_parse(reader, words[5], &row))
        return false;
    for (size_t i = 6; i < count; i++) {
        if (!word_parse(reader, words[i], &row))
            return false;
    }
    if (!row_check(reader, &row))
        return false;
    if (reader->order_line == 0 && (row.flags & ROUTE_COUNTS_AS_ORDER) != 0)
        reader->order_line = reader->problem->line;
    if (reader->file->table.wallets == NULL && (row.flags & ROUTE_WALLETS) != 0)
        reader->file->table.wallets = row.pattern;
    reader->file->rows[reader->count++] = row;
    return true;
}

static bool prefix_parse(struct reader *reader, char *const *words, size_t count)
{
    struct route_file *file = reader->file;
    bool is_signed = strcmp(words[0], "signed-prefix") == 0;
    size_t size;

    if (!is_signed && strcmp(words[0], "header-prefix") != 0)
        return fail(reader, "\"%.30s\" is neither a number nor signed-prefix nor header-prefix",
                    words[0]);
    if (count != 2 || strlen(words[1]) > ROUTE_PREFIX_MOST)
        return fail(reader, "%s has one value of at most %d bytes", words[0], ROUTE_PREFIX_MOST);
    size = strlen(words[1]);
    if (!is_signed) {
        if (!is_made_of(words[1], LOWER DIGITS "-"))
            return fail(reader, "a header's prefix is of a-z, 0-9 and -");
        memcpy(file->header_prefix, words[1], size + 1);
        file->table.header_prefix = (struct slice){ file->header_prefix, size };
        return true;
    }
    if (words[1][0] != '/')
        return fail(reader, "what is signed before the path begins with a slash; / for nothing");
    memcpy(file->signed_prefix, words[1], size + 1);
    if (file->signed_prefix[size - 1] != '/')
        memcpy(file->signed_prefix + size++, "/", 2);
    file->table.signed_prefix = (struct slice){ file->signed_prefix, size };
    return true;
}

static bool line_parse(struct reader *reader, char *line)
{
    char *words[WORDS_MOST], *rest = line, *word;
    size_t count = 0;

    line[strcspn(line, "#")] = '\0';
    while ((word = strsep(&rest, " \t\r")) != NULL) {
        if (*word == '\0')
            continue;
        if (count == WORDS_MOST)
            return fail(reader, "more than %d words in a line", WORDS_MOST);
        words[count++] = word;
    }
    if (count == 0)
        return true;
    return words[0][0] >= '0' && words[0][0] <= '9' ? row_parse(reader, words, count)
                                                    : prefix_parse(reader, words, count);
}

static int rows_order(const void *a, const void *b)
{
    return route_order(a, b);
}

bool route_file_parse(char *text, size_t size, struct route_file *file,
                      struct route_problem *problem)
{
    struct reader reader = { .file = file, .problem = problem };
    char *rest = text, *line;

    file->table = *route_table_venue();
    file->table.wallets = NULL;
    *problem = (struct route_problem){ 0 };
    text[size] = '\0';
    if (size > ROUTE_FILE_MOST)
        return fail(&reader, "more than %d bytes", ROUTE_FILE_MOST);
    if (memchr(text, '\0', size) != NULL)
        return fail(&reader, "a zero byte stands in it: this is no text");
    while ((line = strsep(&rest, "\n")) != NULL) {
        problem->line++;
        if (!line_parse(&reader, line))
            return false;
    }
    problem->line = 0;
    if (reader.count == 0)
        return fail(&reader, "no route stands in it");
    /* Nobody could fulfil D1, so no order would ever pass on the live venue. */
    problem->line = reader.order_line;
    if (reader.order_line != 0 && file->table.wallets == NULL)
        return fail(&reader, "orders wait for the wallets to be called (D1), but no row has the "
                             "word \"wallets\"");
    problem->line = 0;
    qsort(file->rows, reader.count, sizeof file->rows[0], rows_order);
    file->table.rows = file->rows;
    file->table.count = reader.count;
    return true;
}
