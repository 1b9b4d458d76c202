/* The command line of the program crowd: see crowd.c. */
#ifndef SHOETOPIA_TOOLS_CROWD_OPTIONS_H
#define SHOETOPIA_TOOLS_CROWD_OPTIONS_H

#include <stddef.h>

struct crowd_options {
	size_t flight; /* requests in flight at most */
	double timeout_seconds;
	double persist_seconds; /* 0: a request is sent once */
	const char *warm_path;
	const char *base; /* http://127.0.0.1:PORT */
};

/* Dies if an argument is wrong. The texts are those of argv. */
struct crowd_options crowd_options_read(int argc, char **argv);

#endif
