/* strtoull and snprintf: of the C library, whose headers must be the target's. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

unsigned long long doubled(unsigned long long number);

unsigned long long digest(const char *text, char *hex, size_t size)
{
    unsigned long long sum = strtoull("14695981039346656037", NULL, 10);
    for (; *text; text++)
        sum = (sum ^ (unsigned char)*text) * 1099511628211ULL;
    snprintf(hex, size, "%016llx", sum);
    return doubled(strlen(hex));
}

const char *compiler(void)
{
#ifdef OF_THE_USER
    return "the user's";
#elif defined(__clang__)
    return "clang";
#else
    return "gcc";
#endif
}
