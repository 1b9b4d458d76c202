#include "sandbox/sandbox.h"

#include "base/secret.h"

int64_t
sandbox_now_ms(const struct sandbox *sandbox)
{
	return g_get_real_time() / 1000 + __atomic_load_n(&sandbox->ahead_ms, __ATOMIC_RELAXED);
}

int64_t
sandbox_now_s(const struct sandbox *sandbox)
{
	return sandbox_now_ms(sandbox) / 1000;
}

void
sandbox_new_id(const char *prefix, char out[static SANDBOX_ID_SIZE])
{
	char random[RANDOM_ID_SIZE];

	secret_random_id(random);
	g_snprintf(out, SANDBOX_ID_SIZE, "%s_%s", prefix, random);
}
