#include "base/err.h"

const char *err_text(enum err e)
{
    switch (e) {
#define ERR(name, words) \
    case name:           \
        return words;
#include "base/err.def"
#undef ERR
    }
    return "unknown error";
}
