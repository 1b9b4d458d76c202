/* Gives up all that decoding a picture does not need, for good. */
#ifndef SHOETOPIA_PHOTO_CONFINE_H
#define SHOETOPIA_PHOTO_CONFINE_H

#include <stdbool.h>

/*
 * Afterwards this process has standard input and output alone (standard error is the log of the
 * program that runs it), gets no new privileges, makes no system calls but those for reading,
 * writing, memory and its end, and is killed after CONFINED_SECONDS of computing or for one more
 * call; allocations beyond CONFINED_BYTES fail. False: the system cannot do that, and nothing may
 * be decoded.
 */
bool confine(void);

enum { CONFINED_SECONDS = 15, CONFINED_BYTES = 768 * 1024 * 1024 };

#endif
