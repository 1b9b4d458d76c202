#include "sandbox/signature.h"

#include <sodium.h>
#include <string.h>

char *
signature_header(const char *const *secrets, int64_t now_s, const char *body)
{
	GString *header = g_string_new(NULL);
	g_autofree char *time = g_strdup_printf("%" G_GINT64_FORMAT, now_s);

	g_string_append_printf(header, "t=%s", time);
	for (; *secrets != NULL; secrets++) {
		crypto_auth_hmacsha256_state state;
		unsigned char mac[crypto_auth_hmacsha256_BYTES];
		char hex[2 * sizeof mac + 1];

		crypto_auth_hmacsha256_init(
			&state, (const unsigned char *)*secrets, strlen(*secrets));
		crypto_auth_hmacsha256_update(&state, (const unsigned char *)time, strlen(time));
		crypto_auth_hmacsha256_update(&state, (const unsigned char *)".", 1);
		crypto_auth_hmacsha256_update(&state, (const unsigned char *)body, strlen(body));
		crypto_auth_hmacsha256_final(&state, mac);
		sodium_bin2hex(hex, sizeof hex, mac, sizeof mac);
		g_string_append_printf(header, ",v1=%s", hex);
	}
	return g_string_free(header, FALSE);
}
