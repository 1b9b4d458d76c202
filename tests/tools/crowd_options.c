#include "crowd_options.h"

#include <stdlib.h>
#include <string.h>

#include "crowd_request.h"

enum {
	FLIGHT_MAX = 4000,
	TIMEOUT_MAX_SECONDS = 600,
	TIMEOUT_DEFAULT_SECONDS = 60,
};

static size_t
number_read(const char *text, size_t max, const char *name)
{
	char *end = NULL;
	unsigned long n = strtoul(text, &end, 10);

	if (*text < '0' || *text > '9' || *end != '\0' || n < 1 || n > max)
		die("not a number that can be", name);
	return (size_t)n;
}

struct crowd_options
crowd_options_read(int argc, char **argv)
{
	struct crowd_options o = {
		.flight = FLIGHT_MAX,
		.timeout_seconds = TIMEOUT_DEFAULT_SECONDS,
		.warm_path = "/api/health",
	};
	int option = 1;

	for (; option + 1 < argc && strncmp(argv[option], "--", 2) == 0; option += 2) {
		if (strcmp(argv[option], "--flight") == 0)
			o.flight = number_read(argv[option + 1], FLIGHT_MAX, "--flight");
		else if (strcmp(argv[option], "--timeout") == 0)
			o.timeout_seconds = (double)number_read(
				argv[option + 1], TIMEOUT_MAX_SECONDS, "--timeout");
		else if (strcmp(argv[option], "--persist") == 0)
			o.persist_seconds = (double)number_read(
				argv[option + 1], TIMEOUT_MAX_SECONDS, "--persist");
		else if (strcmp(argv[option], "--warm") == 0 && argv[option + 1][0] == '/')
			o.warm_path = argv[option + 1];
		else
			die("no such option", argv[option]);
	}
	if (option != argc - 1)
		die("usage",
			"crowd [--flight N] [--timeout SECONDS] [--warm PATH] [--persist SECONDS] "
			"http://127.0.0.1:PORT");
	o.base = argv[option];
	if (!base_is_loopback(o.base))
		die("only http://127.0.0.1:PORT and http://[::1]:PORT", o.base);
	return o;
}
