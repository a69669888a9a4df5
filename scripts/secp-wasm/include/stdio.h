/* Declared for a debugging function that is never called; the library's default callbacks, which print, are replaced. */
#ifndef TALLY_STDIO_H
#define TALLY_STDIO_H
int printf(const char *format, ...);
#endif
