#include "market/payment_settings.h"

#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "market/payment.h"
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

/* "2000,5000,10000": what the promotion tiers 1 to 3 cost. False, logged, if it is not. */
static bool
read_tiers(int tier_cents[3])
{
	const char *text = variable("SHOETOPIA_TIER_CENTS");
	char rest;

	if (text == NULL ||
		(sscanf(text, "%9d,%9d,%9d%c", &tier_cents[0], &tier_cents[1], &tier_cents[2],
			 &rest) == 3 &&
			tier_cents[0] >= 0 && tier_cents[0] <= tier_cents[1] &&
			tier_cents[1] <= tier_cents[2]))
		return true;
	log_line(LOG_FAULT,
		"SHOETOPIA_TIER_CENTS must be three numbers in ascending order, such as "
		"2000,5000,10000");
	return false;
}

static bool
read_terms(payment_number_fn *number)
{
	static struct payment_terms terms = { .tier_cents = { 2000, 5000, 10000 } };

	terms.seconds = number("SHOETOPIA_PAYMENT_SECONDS", 900, 1, 86400);
	terms.min_cents = number("SHOETOPIA_PAYMENT_MIN_CENTS", 50, 1, 1000000);
	terms.fee_bps = number("SHOETOPIA_FEE_BPS", 500, 0, 10000);
	terms.payout_days = number("SHOETOPIA_PAYOUT_DAYS", 3, 0, 365);
	if (!read_tiers(terms.tier_cents))
		return false;
	payment_set_terms(&terms);
	return true;
}

static bool
read_provider(void)
{
	bool good = read_url("SHOETOPIA_STRIPE_API", API_DEFAULT, &settings.api);

	good = read_url("SHOETOPIA_PAY_ORIGIN", PAY_ORIGIN_DEFAULT, &settings.pay_origin) && good;
	good = read_url("SHOETOPIA_PUBLIC_URL", NULL, &settings.public_url) && good;
	good = read_key() && good;
	good = read_secrets() && good;
	return good;
}

bool
payment_settings_read(payment_number_fn *number)
{
	const char *how = variable("SHOETOPIA_PAYMENTS");

	if (how == NULL || strcmp(how, "off") == 0)
		return true;
	if (strcmp(how, "stripe") != 0) {
		log_line(LOG_FAULT, "SHOETOPIA_PAYMENTS must be off or stripe, not \"%s\"", how);
		return false;
	}
	is_on = read_provider() && read_terms(number);
	return is_on;
}

const struct payment_settings *
payment_settings(void)
{
	return is_on ? &settings : NULL;
}
