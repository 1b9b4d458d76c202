/* The client's address and scheme behind trusted proxies. */
#include "http/client.h"

#include <glib.h>
#include <string.h>

#include "unit.h"

static void
assert_client(const char *peer, const char *forwarded_for, const char *address)
{
	struct client client;

	client_find(peer, forwarded_for, "", &client);
	if (strcmp(client.address, address) != 0)
		fail_msg("%s forwards for \"%s\": %s", peer, forwarded_for, client.address);
}

static void
test_ranges(void **state)
{
	static const char *const good[] = { "", "10.0.0.0/8", "127.0.0.1", "::1", "0.0.0.0/0",
		"::/0", "10.0.0.0/8,::1", "10.0.0.0/8, fd00::/8 192.0.2.7/32", "10.1.2.3/8" };
	static const char *const bad[] = { "x", "10.0.0.0/33", "10.0.0.0/", "10.0.0/8", "/8", ",",
		"10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.0/8/8", "10.0.0.0/8x", "::1/129",
		"::1::", "10.0.0.0/8,x", "localhost", "10.0.0.0/8;::1", "256.0.0.1", "10.0.0.0 / 8",
		"fe80::1%eth0" };

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(good); i++)
		if (!client_trust_proxies(good[i]))
			fail_msg("\"%s\" is refused", good[i]);
	assert_true(client_trust_proxies("10.0.0.0/8"));
	for (size_t i = 0; i < G_N_ELEMENTS(bad); i++)
		if (client_trust_proxies(bad[i]))
			fail_msg("\"%s\" is accepted", bad[i]);
	assert_true(client_has_proxies());
	assert_client("10.0.0.1", "192.0.2.7", "192.0.2.7");
	assert_true(client_trust_proxies(NULL));
	assert_false(client_has_proxies());
}

static void
test_addresses(void **state)
{
	(void)state;
	assert_true(client_trust_proxies("10.0.0.0/9, 172.16.0.1, 2001:db8::/33, ::1"));
	/* the rightmost that is not listed, whatever the client wrote before it */
	assert_client("10.0.0.1", "192.0.2.7", "192.0.2.7");
	assert_client("10.0.0.1", "198.51.100.9, 192.0.2.7", "192.0.2.7");
	assert_client("10.0.0.1", "192.0.2.7,10.1.0.1 , 172.16.0.1", "192.0.2.7");
	assert_client("10.0.0.1", "127.0.0.1, 192.0.2.7, 10.0.0.2", "192.0.2.7");
	assert_client("10.0.0.1", "2001:DB8:8000::1, 2001:db8:7fff::1", "2001:db8:8000::1");
	assert_client("::1", "2001:db8:8000::1", "2001:db8:8000::1");
	assert_client("::ffff:10.0.0.1", "::ffff:192.0.2.7", "192.0.2.7");
	assert_client("10.0.0.1", "192.0.2.7:8080", "192.0.2.7");
	assert_client("10.0.0.1", "[2001:db8:8000::1]:80, [::1]", "2001:db8:8000::1");
	/* all are listed: the leftmost */
	assert_client("10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3");
	assert_client("10.0.0.1", "", "10.0.0.1");
	/* no address: the search ends at the proxy that reported it */
	assert_client("10.0.0.1", "192.0.2.7, unknown, 10.0.0.2", "10.0.0.2");
	assert_client("10.0.0.1", "192.0.2.7, ", "10.0.0.1");
	assert_client("10.0.0.1", "[192.0.2.7", "10.0.0.1");
	assert_client("10.0.0.1", "[2001:db8:8000::1]x", "10.0.0.1");
	/* from others nothing is believed */
	assert_client("10.128.0.1", "192.0.2.7", "");
	assert_client("172.16.0.2", "192.0.2.7", "");
	assert_client("192.0.2.7", "10.0.0.1", "");
	assert_client("::2", "192.0.2.7", "");
	assert_client("", "192.0.2.7", "");
	assert_client("unix:", "192.0.2.7", "");
	assert_true(client_trust_proxies(NULL));
}

static void
test_schemes(void **state)
{
	static const struct {
		const char *peer, *header;
		enum scheme scheme;
	} table[] = {
		{ "10.0.0.1", "https", SCHEME_HTTPS },
		{ "10.0.0.1", "HTTPS", SCHEME_HTTPS },
		{ "10.0.0.1", "http", SCHEME_HTTP },
		{ "10.0.0.1", "https, http", SCHEME_HTTP },
		{ "10.0.0.1", "http,https ", SCHEME_HTTPS },
		{ "10.0.0.1", "", SCHEME_UNSET },
		{ "10.0.0.1", "httpsx", SCHEME_UNSET },
		{ "10.0.0.1", "https,", SCHEME_UNSET },
		{ "192.0.2.7", "https", SCHEME_UNSET },
	};
	struct client client;

	(void)state;
	assert_true(client_trust_proxies("10.0.0.0/8"));
	for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {
		client_find(table[i].peer, "", table[i].header, &client);
		if (client.scheme != table[i].scheme)
			fail_msg("%s: \"%s\" is %d", table[i].peer, table[i].header,
				(int)client.scheme);
	}
	assert_true(client_trust_proxies(NULL));
}

static void
test_mapped_addresses(void **state)
{
	static const struct {
		const char *peer, *address;
	} table[] = {
		{ "::ffff:192.0.2.7", "192.0.2.7" },
		{ "::FFFF:192.0.2.7", "192.0.2.7" },
		{ "192.0.2.7", "192.0.2.7" },
		{ "2001:db8::1", "2001:db8::1" },
		{ "::ffff:c000:207", "::ffff:c000:207" },
		{ "::ffff:192.0.2.7x", "::ffff:192.0.2.7x" },
		{ "::ffff:", "::ffff:" },
		{ "::", "::" },
		{ "", "" },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(table); i++)
		assert_string_equal(client_unmapped(table[i].peer), table[i].address);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ranges),
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_schemes),
		cmocka_unit_test(test_mapped_addresses),
	};

	return cmocka_run_group_tests_name("http_client", tests, NULL, NULL);
}
