#include "market/payment_settings.h"

#include <glib.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "net/transfer.h"

#define API_DEFAULT "https://api.stripe.com"
#define PAY_ORIGIN_DEFAULT "https://checkout.stripe.com"

static struct payment_settings settings;
static bool is_on;

/* A variable that is not empty; NULL: it is not set. */
static const char *
variable(const char *name)
{
	const char *text = getenv(name);

	return text == NULL || *text == '\0' ? NULL : text;
}

/* The words of the file that a variable names; free with g_strfreev(). NULL, logged, if not. */
static char **
words_of_file(const char *name, guint max)
{
	const char *path = variable(name);
	g_autofree char *text = NULL;
	char **words;

	if (path == NULL) {
		log_line(LOG_FAULT, "payments are on, and %s is missing", name);
		return NULL;
	}
	if (!g_file_get_contents(path, &text, NULL, NULL)) {
		log_line(LOG_FAULT, "cannot read the file %s that %s names", path, name);
		return NULL;
	}
	words = g_strsplit_set(g_strstrip(text), " \t\r\n", -1);
	if (*text != '\0' && g_strv_length(words) <= max)
		return words;
	log_line(LOG_FAULT, "the file %s that %s names must have %s", path, name,
		max == 1 ? "one word" : "one or two words");
	g_strfreev(words);
	return NULL;
}

static bool
read_key(void)
{
	char **words = words_of_file("SHOETOPIA_STRIPE_KEY_FILE", 1);

	if (words == NULL)
		return false;
	settings.key = g_steal_pointer(&words[0]);
	g_free(words);
	return true;
}

static bool
read_secrets(void)
{
	g_auto(GStrv) words =
		words_of_file("SHOETOPIA_STRIPE_WEBHOOK_SECRET_FILE", PAYMENT_SECRETS_MAX);

	for (int i = 0; words != NULL && words[i] != NULL; i++)
		settings.webhook_secrets[i] = g_strdup(words[i]);
	return words != NULL;
}

/* A URL without a "/" at its end; `out` is g_free()d. False, logged, if it cannot be used. */
static bool
read_url(const char *name, const char *default_value, char **out)
{
	const char *text = variable(name);
	char *url = g_strdup(text == NULL ? default_value : text);

	if (url == NULL) {
		log_line(LOG_FAULT, "payments are on, and %s is missing", name);
		return false;
	}
	while (g_str_has_suffix(url, "/"))
		url[strlen(url) - 1] = '\0';
	if (!g_str_has_prefix(url, "http") || !transfer_is_allowed(url) ||
		strpbrk(url, " \t\r\n;,'\"") != NULL) {
		log_line(LOG_FAULT,
			"%s must be an address with https, or with http of this machine, not "
			"\"%s\"",
			name, url);
		g_free(url);
		return false;
	}
	*out = url;
	return true;
}

bool
payment_settings_read(void)
{
	bool good = read_url("SHOETOPIA_STRIPE_API", API_DEFAULT, &settings.api);

	good = read_url("SHOETOPIA_PAY_ORIGIN", PAY_ORIGIN_DEFAULT, &settings.pay_origin) && good;
	good = read_url("SHOETOPIA_PUBLIC_URL", NULL, &settings.public_url) && good;
	good = read_key() && good;
	good = read_secrets() && good;
	is_on = good;
	return good;
}

const struct payment_settings *
payment_settings(void)
{
	return is_on ? &settings : NULL;
}
