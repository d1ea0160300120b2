#include "cli/terminal.h"

#include <fcntl.h>
#include <qrencode.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

enum { QR_QUIET = 2 }; /* modules; the standard wants 4, readers take 2, and a screen is small */

bool terminal_colours(FILE *out)
{
    const char *kind = getenv("TERM"), *refused = getenv("NO_COLOR");

    return isatty(fileno(out)) && (refused == NULL || *refused == '\0') && kind != NULL &&
           strcmp(kind, "dumb") != 0;
}

const char *tone_begin(enum tone tone, bool colours)
{
    static const char *const codes[] = {
        [TONE_PLAIN] = "",        [TONE_GOOD] = "\033[32m", [TONE_WARN] = "\033[33m",
        [TONE_BAD] = "\033[31m", [TONE_DIM] = "\033[2m",   [TONE_BOLD] = "\033[1m",
    };

    return colours ? codes[tone] : "";
}

const char *tone_end(enum tone tone, bool colours)
{
    return colours && tone != TONE_PLAIN ? "\033[0m" : "";
}

static enum err line_read(FILE *in, char line[SECRET_LINE_SIZE])
{
    size_t size;

    if (fgets(line, SECRET_LINE_SIZE, in) == NULL)
        return ERR_MISSING;
    size = strlen(line);
    if (size > 0 && line[size - 1] == '\n')
        line[--size] = '\0';
    else if (size == SECRET_LINE_SIZE - 1)
        return ERR_FULL;
    return size == 0 ? ERR_MISSING : OK;
}

static enum err line_ask(FILE *terminal, const char *prompt, char line[SECRET_LINE_SIZE])
{
    struct termios before, silent;
    enum err e;

    if (tcgetattr(fileno(terminal), &before) != 0)
        return ERR_MISSING;
    silent = before;
    silent.c_lflag &= (tcflag_t)~ECHO;
    fprintf(terminal, "%s: ", prompt);
    fflush(terminal);
    tcsetattr(fileno(terminal), TCSAFLUSH, &silent);
    e = line_read(terminal, line);
    tcsetattr(fileno(terminal), TCSAFLUSH, &before);
    fputc('\n', terminal);
    return e;
}

enum err secret_line_read(const char *prompt, bool from_stdin, char line[SECRET_LINE_SIZE])
{
    char again[SECRET_LINE_SIZE];
    FILE *terminal;
    enum err e;

    if (from_stdin)
        return line_read(stdin, line);
    terminal = fopen("/dev/tty", "r+e");
    if (terminal == NULL)
        return ERR_MISSING;
    TRY(line_ask(terminal, prompt, line));
    TRY(line_ask(terminal, "The same again", again));
    e = strcmp(line, again) == 0 ? OK : ERR_CONFLICT;
out:
    explicit_bzero(again, sizeof again);
    fclose(terminal);
    return e;
}

static bool qr_dark(const QRcode *code, int x, int y)
{
    if (x < 0 || y < 0 || x >= code->width || y >= code->width)
        return false;
    return code->data[y * code->width + x] & 1;
}

enum err qr_print(const char *text, bool colours, FILE *out)
{
    /* Two modules a character, upper and lower: the index has bit 1 for a dark upper one. */
    static const char *const blocks[] = { " ", "▄", "▀", "█" };
    QRcode *code = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_L);

    if (code == NULL)
        return ERR_RANGE;
    for (int y = -QR_QUIET; y < code->width + QR_QUIET; y += 2) {
        fputs(colours ? "\033[30;107m" : "", out);
        for (int x = -QR_QUIET; x < code->width + QR_QUIET; x++)
            fputs(blocks[2 * qr_dark(code, x, y) + qr_dark(code, x, y + 1)], out);
        fputs(colours ? "\033[0m\n" : "\n", out);
    }
    QRcode_free(code);
    return OK;
}
