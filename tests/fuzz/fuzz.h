/* Shared by the libFuzzer programs. Each is one file; libFuzzer has main(). */
#ifndef SHOETOPIA_TEST_FUZZ_H
#define SHOETOPIA_TEST_FUZZ_H

#include <glib.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

/* Aborts if an invariant does not hold, so that libFuzzer keeps the input. */
#define MUST(fine, ...)                                                                            \
	do {                                                                                       \
		if (!(fine)) {                                                                     \
			fprintf(stderr, "%s:%d: must hold: %s: ", __FILE__, __LINE__, #fine);      \
			fprintf(stderr, __VA_ARGS__);                                              \
			fputc('\n', stderr);                                                       \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

#endif
