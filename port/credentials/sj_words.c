#include "sj_words.h"

#include <string.h>

void sj_words_add(char *words, size_t cap, const char *text)
{
    const size_t at = strlen(words);
    const size_t left = cap - 1 - at;
    const size_t n = strlen(text) < left ? strlen(text) : left;

    memcpy(words + at, text, n);
    words[at + n] = '\0';
}

void sj_words_add_number(char *words, size_t cap, unsigned number)
{
    char digits[12];
    size_t i = sizeof(digits) - 1;

    digits[i] = '\0';
    do {
        digits[--i] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    sj_words_add(words, cap, digits + i);
}
