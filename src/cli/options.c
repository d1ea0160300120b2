#include "cli/options.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "cli/nearest.h"

enum { OPTIONS_MOST = 32 };

struct parse {
    const struct syntax *syntax;
    bool seen[OPTIONS_MOST];
};

__attribute__((format(printf, 2, 3))) static bool wrong(const struct parse *p, const char *format,
                                                        ...)
{
    va_list arguments;

    fprintf(stderr, "%s: ", p->syntax->command);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fprintf(stderr, "; %s --help shows how\n", p->syntax->command);
    return false;
}

/* Has a place instead of a name. */
static bool is_placed(const struct option *o)
{
    return o->kind == OPTION_OPERAND || o->kind == OPTION_REST;
}

static const struct option *option_find(const struct parse *p, const char *name, size_t size)
{
    for (const struct option *o = p->syntax->options; o->name != NULL; o++)
        if (!is_placed(o) && strlen(o->name) == size && !strncmp(o->name, name, size))
            return o;
    return NULL;
}

static bool name_unknown(const struct parse *p, const char *name, size_t size)
{
    struct nearest n;
    char typed[NEAREST_WORD_MOST + 1];

    snprintf(typed, sizeof typed, "%.*s", (int)size, name);
    nearest_init(&n, typed);
    for (const struct option *o = p->syntax->options; o->name != NULL; o++)
        if (!is_placed(o))
            nearest_offer(&n, o->name);
    if (n.best != NULL)
        return wrong(p, "there is no --%s; did you mean --%s?", typed, n.best);
    return wrong(p, "there is no --%s", typed);
}

static bool choice_is(const char *choices, const char *value)
{
    size_t size = strlen(value);

    for (const char *at = choices; size > 0; at++) {
        size_t width = strcspn(at, "|");

        if (width == size && strncmp(at, value, size) == 0)
            return true;
        at += width;
        if (*at == '\0')
            break;
    }
    return false;
}

static bool number_store(const struct parse *p, const struct option *o, const char *value)
{
    char *end;
    unsigned long long number;

    errno = 0;
    number = strtoull(value, &end, 10);
    if (!isdigit((unsigned char)value[0]) || *end != '\0' || errno != 0 || number < o->least ||
        number > o->most)
        return wrong(p, "--%s takes a number from %llu to %llu, not \"%s\"", o->name,
                     (unsigned long long)o->least, (unsigned long long)o->most, value);
    *(uint64_t *)o->into = number;
    return true;
}

static bool list_store(const struct parse *p, const struct option *o, const char *value)
{
    struct option_list *list = o->into;

    for (const char *at = value;; at++) {
        size_t size = strcspn(at, ",");

        if (size == 0)
            return wrong(p, "--%s \"%s\" has an empty item", o->name, value);
        if (list->count == OPTION_LIST_MOST)
            return wrong(p, "--%s has more than %d items", o->name, OPTION_LIST_MOST);
        list->items[list->count++] = (struct option_item){ at, (int)size };
        at += size;
        if (*at == '\0')
            return true;
    }
}

static bool value_store(struct parse *p, const struct option *o, const char *value)
{
    size_t index = (size_t)(o - p->syntax->options);

    if (o->kind != OPTION_LIST && o->kind != OPTION_REST && p->seen[index])
        return wrong(p, "--%s is given twice", o->name);
    p->seen[index] = true;
    switch (o->kind) {
    case OPTION_SWITCH:
        *(bool *)o->into = true;
        return true;
    case OPTION_NUMBER:
        return number_store(p, o, value);
    case OPTION_LIST:
        return list_store(p, o, value);
    case OPTION_REST: {
        struct option_rest *rest = o->into;

        rest->at[rest->count++] = value;
        return true;
    }
    case OPTION_CHOICE:
        if (!choice_is(o->value, value))
            return wrong(p, "--%s is one of %s, not \"%s\"", o->name, o->value, value);
        break;
    case OPTION_TEXT:
    case OPTION_OPERAND:
        break;
    }
    *(const char **)o->into = value;
    return true;
}

static bool operand_store(struct parse *p, const char *value)
{
    for (const struct option *o = p->syntax->options; o->name != NULL; o++)
        if (o->kind == OPTION_REST ||
            (o->kind == OPTION_OPERAND && !p->seen[o - p->syntax->options]))
            return value_store(p, o, value);
    return wrong(p, "\"%s\" is one argument too many", value);
}

/* Takes the option at argv[*i] with its value and moves *i to the last argument taken. */
static bool option_take(struct parse *p, int argc, char *const *argv, int *i)
{
    const char *name = argv[*i] + 2, *value = strchr(name, '=');
    size_t size = value == NULL ? strlen(name) : (size_t)(value - name);
    const struct option *o = option_find(p, name, size);

    if (o == NULL)
        return name_unknown(p, name, size);
    if (value != NULL) {
        if (o->kind == OPTION_SWITCH)
            return wrong(p, "--%s takes no value", o->name);
        return value_store(p, o, value + 1);
    }
    if (o->kind == OPTION_SWITCH)
        return value_store(p, o, NULL);
    if (*i + 1 == argc)
        return wrong(p, "--%s needs a value: %s", o->name, o->value);
    return value_store(p, o, argv[++*i]);
}

static bool complete(const struct parse *p)
{
    for (const struct option *o = p->syntax->options; o->name != NULL; o++) {
        if (!o->required || p->seen[o - p->syntax->options])
            continue;
        if (is_placed(o))
            return wrong(p, "%s is missing", o->name);
        return wrong(p, "--%s %s is missing", o->name, o->value);
    }
    return true;
}

enum options_answer options_parse(const struct syntax *syntax, int argc, char *const *argv)
{
    struct parse p = { .syntax = syntax };
    bool named = true; /* until "--" */

    for (int i = 0; i < argc; i++) {
        bool good;

        if (named && (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)) {
            options_help(syntax, stdout);
            return OPTIONS_HELP;
        }
        if (named && strcmp(argv[i], "--") == 0) {
            named = false;
            continue;
        }
        if (named && strncmp(argv[i], "--", 2) == 0)
            good = option_take(&p, argc, argv, &i);
        else if (named && argv[i][0] == '-' && argv[i][1] != '\0')
            good = wrong(&p, "there is no %s; options have two dashes", argv[i]);
        else
            good = operand_store(&p, argv[i]);
        if (!good)
            return OPTIONS_WRONG;
    }
    return complete(&p) ? OPTIONS_GOOD : OPTIONS_WRONG;
}

static int head_format(const struct option *o, char *text, size_t size)
{
    if (is_placed(o))
        return snprintf(text, size, o->kind == OPTION_REST ? "%s..." : "%s", o->name);
    if (o->kind == OPTION_SWITCH)
        return snprintf(text, size, "--%s", o->name);
    return snprintf(text, size, "--%s %s", o->name, o->value);
}

static void usage_print(const struct syntax *syntax, FILE *out)
{
    bool some = false;

    fprintf(out, "Usage: %s", syntax->command);
    for (const struct option *o = syntax->options; o->name != NULL; o++) {
        if (is_placed(o))
            fprintf(out, o->required ? " %s%s" : " [%s%s]", o->name,
                    o->kind == OPTION_REST ? "..." : "");
        else if (o->required)
            fprintf(out, " --%s %s", o->name, o->value);
        else
            some = true;
    }
    fprintf(out, "%s\n", some ? " [OPTIONS]" : "");
}

/* Examples are indented, so that a shell line stands out from the comment above it. */
static void indented_print(const char *text, FILE *out)
{
    while (*text != '\0') {
        size_t width = strcspn(text, "\n");

        fprintf(out, width > 0 ? "  %.*s\n" : "%.*s\n", (int)width, text);
        text += width + (text[width] == '\n');
    }
}

void options_help(const struct syntax *syntax, FILE *out)
{
    int width = 0;
    char head[96];

    for (const struct option *o = syntax->options; o->name != NULL; o++) {
        int size = head_format(o, head, sizeof head);

        if (size > width)
            width = size;
    }
    if (width > 28)
        width = 28;
    fprintf(out, "%s: %s\n\n", syntax->command, syntax->summary);
    usage_print(syntax, out);
    if (syntax->details != NULL)
        fprintf(out, "\n%s", syntax->details);
    fputs("\nOptions:\n", out);
    for (const struct option *o = syntax->options; o->name != NULL; o++) {
        int size = head_format(o, head, sizeof head);

        if (size > width)
            fprintf(out, "  %s\n  %*s", head, width, "");
        else
            fprintf(out, "  %-*s", width, head);
        fprintf(out, "  %s\n", o->help);
    }
    if (syntax->examples != NULL) {
        fputs("\nExamples:\n", out);
        indented_print(syntax->examples, out);
    }
}
