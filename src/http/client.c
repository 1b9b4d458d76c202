#include "http/client.h"

#include <arpa/inet.h>
#include <glib.h>
#include <string.h>

enum {
	ADDRESS_BYTES = 16,
	IPV4_BITS = 96, /* before an IPv4 address that is mapped into IPv6: ::ffff:192.0.2.7 */
	RANGES_MAX = 256,
};

struct range {
	unsigned char address[ADDRESS_BYTES]; /* IPv4 is mapped */
	unsigned bits;
};

static struct range trusted[RANGES_MAX];
static size_t n_trusted;

/* ---- addresses ---- */

/* Reads an IPv4 or IPv6 address; the former becomes a mapped one. */
static bool
read_address(const char *text, unsigned char *address, bool *is_ipv4)
{
	static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };
	unsigned char bytes[ADDRESS_BYTES];

	*is_ipv4 = strchr(text, ':') == NULL;
	if (*is_ipv4) {
		memcpy(bytes, mapped, sizeof mapped);
		if (inet_pton(AF_INET, text, bytes + sizeof mapped) != 1)
			return false;
	} else if (inet_pton(AF_INET6, text, bytes) != 1) {
		return false;
	}
	memcpy(address, bytes, sizeof bytes);
	return true;
}

static bool
is_mapped(const unsigned char *address)
{
	return IN6_IS_ADDR_V4MAPPED((const struct in6_addr *)(const void *)address);
}

static void
write_address(const unsigned char *address, char *text)
{
	if (is_mapped(address))
		inet_ntop(AF_INET, address + IPV4_BITS / 8, text, ADDRESS_SIZE);
	else
		inet_ntop(AF_INET6, address, text, ADDRESS_SIZE);
}

/* An entry of X-Forwarded-For: an address, perhaps with a port ("192.0.2.7:80", "[::1]:80"). */
static bool
read_entry(char *entry, unsigned char *address)
{
	char *colon = strchr(entry, ':');
	char *end;
	bool is_ipv4;

	if (*entry == '[') {
		end = strchr(++entry, ']');
		if (end == NULL || (end[1] != '\0' && end[1] != ':'))
			return false;
		*end = '\0';
	} else if (colon != NULL && strchr(colon + 1, ':') == NULL) {
		*colon = '\0';
	}
	return read_address(entry, address, &is_ipv4);
}

/* ---- the trusted proxies ---- */

static bool
read_range(const char *text, struct range *range)
{
	g_auto(GStrv) parts = g_strsplit(text, "/", 2);
	unsigned max;
	guint64 bits;
	bool is_ipv4;

	if (!read_address(parts[0], range->address, &is_ipv4))
		return false;
	max = is_ipv4 ? 32 : 128;
	bits = max;
	if (parts[1] != NULL && !g_ascii_string_to_unsigned(parts[1], 10, 0, max, &bits, NULL))
		return false;
	range->bits = (unsigned)bits + (is_ipv4 ? IPV4_BITS : 0);
	return true;
}

static bool
is_in_range(const unsigned char *address, const struct range *range)
{
	size_t bytes = range->bits / 8;
	unsigned rest = range->bits % 8;

	return memcmp(address, range->address, bytes) == 0 &&
		(rest == 0 || (address[bytes] ^ range->address[bytes]) >> (8 - rest) == 0);
}

static bool
is_trusted(const unsigned char *address)
{
	for (size_t i = 0; i < n_trusted; i++)
		if (is_in_range(address, &trusted[i]))
			return true;
	return false;
}

bool
client_trust_proxies(const char *ranges)
{
	g_auto(GStrv) list = g_strsplit_set(ranges == NULL ? "" : ranges, ", \t", -1);
	struct range found[RANGES_MAX];
	size_t n = 0;

	for (char **text = list; *text != NULL; text++) {
		if (**text == '\0')
			continue;
		if (n == RANGES_MAX || !read_range(*text, &found[n]))
			return false;
		n++;
	}
	if (n == 0 && ranges != NULL && *ranges != '\0')
		return false;
	memcpy(trusted, found, n * sizeof found[0]);
	n_trusted = n;
	return true;
}

bool
client_has_proxies(void)
{
	return n_trusted > 0;
}

/* ---- the client ---- */

static void
find_address(const char *forwarded_for, unsigned char *address)
{
	g_auto(GStrv) entries = g_strsplit(forwarded_for, ",", -1);
	unsigned char next[ADDRESS_BYTES];

	for (guint i = g_strv_length(entries); i > 0 && is_trusted(address); i--) {
		if (!read_entry(g_strstrip(entries[i - 1]), next))
			return;
		memcpy(address, next, sizeof next);
	}
}

static enum scheme
find_scheme(const char *forwarded_proto)
{
	const char *comma = strrchr(forwarded_proto, ',');
	g_autofree char *last = g_strstrip(g_strdup(comma == NULL ? forwarded_proto : comma + 1));

	return g_ascii_strcasecmp(last, "https") == 0   ? SCHEME_HTTPS
		: g_ascii_strcasecmp(last, "http") == 0 ? SCHEME_HTTP
							: SCHEME_UNSET;
}

void
client_find(const char *peer, const char *forwarded_for, const char *forwarded_proto,
	struct client *client)
{
	unsigned char address[ADDRESS_BYTES];
	bool is_ipv4;

	*client = (struct client){ 0 };
	if (!read_address(peer, address, &is_ipv4) || !is_trusted(address))
		return;
	find_address(forwarded_for, address);
	write_address(address, client->address);
	client->scheme = find_scheme(forwarded_proto);
}

const char *
client_unmapped(const char *address)
{
	static const char prefix[] = "::ffff:";
	unsigned char bytes[ADDRESS_BYTES];
	bool is_ipv4 = false;

	if (g_ascii_strncasecmp(address, prefix, strlen(prefix)) != 0 ||
		!read_address(address + strlen(prefix), bytes, &is_ipv4) || !is_ipv4)
		return address;
	return address + strlen(prefix);
}
