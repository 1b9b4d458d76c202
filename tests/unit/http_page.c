/* The plain pages: all values are escaped, and each page has the links and forms for its viewer. */
#include <string.h>

#include "base/secret.h"
#include "markup.h"
#include "small_site.h"
#include "unit.h"

#define EVIL "\\\"'><script>alert(1)</script><!--&amp;\\u0001"
#define EVIL_FORM "%22%27%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E%3C!--%26amp%3B"
#define PAGE BROWSER
#define PAGE_ANN BROWSER BEARER

/* A page whose markup was checked; free with talk_free(). */
static struct talk *
page(const char *text)
{
	struct talk *talk = ask(text);
	const char *fault;

	if (talk->page_length == 0)
		fail_msg("%s\nis answered with %d and no page", text, talk->status);
	assert_header(talk, "Content-Type", "text/html; charset=utf-8");
	fault = markup_fault(talk->page, talk->page_length);
	if (fault != NULL)
		fail_msg("the page %s:\n%s", fault, talk->page);
	assert_false(talk_holds(talk, "<script"));
	assert_false(talk_holds(talk, "<!--"));
	return talk;
}

#define assert_page(text, ...)                                                                     \
	do {                                                                                       \
		struct talk *talk_ = page(text);                                                   \
		for (const char *const *has_ = (const char *const[]){ __VA_ARGS__, NULL };         \
			*has_ != NULL; has_++)                                                     \
			if (!talk_holds(talk_, *has_))                                             \
				fail_msg("%s\nlacks %s:\n%s", text, *has_, talk_->page);           \
		talk_free(talk_);                                                                  \
	} while (0)

#define assert_page_lacks(text, unwanted)                                                          \
	do {                                                                                       \
		struct talk *talk_ = page(text);                                                   \
		if (talk_holds(talk_, unwanted))                                                   \
			fail_msg("%s\nhas %s:\n%s", text, unwanted, talk_->page);                  \
		talk_free(talk_);                                                                  \
	} while (0)

/* ---- escaping ---- */

static void
test_answers_are_escaped(void **state)
{
	static const char *const bodies[] = {
		"{\"name\":\"" EVIL "\"}",
		"{\"" EVIL "\":\"" EVIL "\"}",
		"{\"thing_id\":7,\"thing_name\":\"" EVIL "\"}",
		"{\"shop_id\":7,\"shop_name\":\"" EVIL "\"}",
		"{\"a\":{\"" EVIL "\":{\"b\":[\"" EVIL "\",[{\"c\":\"" EVIL "\"}]]}}}",
		"{\"things\":[{\"thing_id\":1,\"name\":\"" EVIL "\",\"" EVIL
		"\":1},{\"thing_id\":2,\"name\":\"" EVIL "\"}]}",
		"{\"things\":[\"" EVIL "\",7,null]}",
		"{\"things\":[],\"next\":\"" EVIL "\"}",
		"{\"total_cents\":\"" EVIL "\",\"ends_at\":\"" EVIL "\"}",
		"{}",
	};

	(void)state;
	wish.viewer = "{\"name\":\"" EVIL "\",\"role\":\"" EVIL "\",\"shop_id\":3}";
	for (size_t i = 0; i < G_N_ELEMENTS(bodies); i++) {
		wish.body = bodies[i];
		talk_free(page("GET /api/things/7\n" PAGE_ANN "\n"));
		talk_free(page("GET /api/things?q=" EVIL_FORM "\n" PAGE_ANN "\n"));
	}
}

static void
test_typed_values_are_escaped(void **state)
{
	(void)state;
	assert_page("GET /api/things?q=" EVIL_FORM "&limit=0\n" PAGE "\n",
		"value=\"&quot;&apos;&gt;&lt;script&gt;");
	assert_page("GET /api/things?" EVIL_FORM "=1\n" PAGE "\n", "There is no such parameter.");
	assert_page("GET /api/" EVIL_FORM "\n" PAGE "\n", "There is nothing here.");
	assert_page("POST /api/things\n" FORM PAGE_ANN "\nname=&comment=" EVIL_FORM
		    "&color=" EVIL_FORM "&size=" EVIL_FORM "&" EVIL_FORM "=" EVIL_FORM,
		"&lt;script&gt;");
	assert_page("POST /api/buy\n" FORM PAGE_ANN "\nthing_id=" EVIL_FORM
		    "&quantity=1&idempotency_key=" EVIL_FORM,
		"&lt;script&gt;");
	wish.err = ERR_OUT_OF_STOCK;
	wish.extra = "{\"detail\":\"" EVIL "\",\"errors\":[{\"field\":\"" EVIL
		     "\",\"message\":\"" EVIL "\"},{\"listing_id\":7,\"message\":\"" EVIL "\"},7]}";
	assert_page("POST /api/things\n" FORM PAGE_ANN "\nname=a", "&lt;script&gt;");
}

static void
test_fixed_texts_are_escaped(void **state)
{
	(void)state;
	wish.body = "{\"thing_id\":7}";
	assert_page("GET /api/things/7\n" PAGE "\n", "<h1>A &lt;thing&gt;</h1>");
	assert_page("GET /api/things\n" PAGE "\n", "Words &amp; more.");
	assert_page("GET /api/mine\n" PAGE "\n", "E-mail &lt;really&gt;");
}

/* ---- what a page shows ---- */

static void
test_resource(void **state)
{
	(void)state;
	wish.body =
		"{\"thing_id\":7,\"shop_name\":\"Heel\",\"total_cents\":-1999,\"verified\":true,"
		"\"ends_at\":\"2026-12-24T18:00:00.000Z\",\"sale\":null,"
		"\"parts\":[{\"part_id\":1,\"price_cents\":5}],\"none\":[]}";
	assert_page("GET /api/things/7\n" PAGE "\n", "<a href=\"/api/things/7\">Thing 7</a>",
		"<dd><bdi>Heel</bdi></dd>", "<dt>Total</dt><dd>-$19.99</dd>",
		"<dt>Verified</dt><dd>yes</dd>", "<dd>2026-12-24 18:00 UTC", "<h2>Parts</h2>",
		"$0.05", "Nothing here yet.");
}

/* The title and the heading are the name that people gave the thing, if it has one. */
static void
test_heading(void **state)
{
	(void)state;
	wish.body = "{\"thing_id\":7,\"brand\":\"Ni<ke\",\"size\":9.5}";
	assert_page("GET /api/things/7\n" PAGE "\n", "<title>Ni&lt;ke 9.5 - Shoetopia</title>",
		"<h1><bdi>Ni&lt;ke 9.5</bdi></h1>");
}

/* A link says the name of what it leads to, if the page has it, and else what it is. */
static void
test_names_of_links(void **state)
{
	(void)state;
	wish.body = "{\"things\":[{\"thing_id\":1,\"brand\":\"Ni<ke\",\"size\":9.5},"
		    "{\"thing_id\":2,\"brand\":null},"
		    "{\"thing_id\":3,\"thing\":{\"brand\":\"Puma\",\"size\":8}}]}";
	assert_page("GET /api/things\n" PAGE "\n",
		"<a href=\"/api/things/1\"><bdi>Ni&lt;ke 9.5</bdi></a>",
		"<a href=\"/api/things/2\">Thing 2</a>",
		"<a href=\"/api/things/3\"><bdi>Puma 8</bdi></a>");
	/* what begins with the id has its name */
	wish.body = "{\"things\":[{\"thing_id\":1,\"name\":\"Heel\"},"
		    "{\"account_id\":4,\"name\":\"Ann\",\"thing_id\":5}]}";
	assert_page("GET /api/things\n" PAGE "\n", "<a href=\"/api/things/1\"><bdi>Heel</bdi></a>",
		"<a href=\"/api/things/5\">Thing 5</a>");
}

static void
test_pager(void **state)
{
	(void)state;
	wish.body = "{\"things\":[{\"thing_id\":1}],\"next\":\"p & 2\"}";
	assert_page("GET /api/things?q=a%26b&color=black&color=grey&cursor\n" PAGE "\n",
		"cannot be decoded");
	assert_page("GET /api/things?q=a%26b&color=black&color=grey\n" PAGE "\n",
		"href=\"/api/things?q=a%26b&amp;color=black&amp;color=grey&amp;"
		"cursor=p%20%26%202\"");
	wish.body = "{\"things\":[],\"next\":null}";
	assert_page_lacks("GET /api/things\n" PAGE "\n", "rel=\"next\"");
}

static void
test_forms(void **state)
{
	(void)state;
	assert_page("GET /api/things/7\n" PAGE_ANN "\n", "action=\"/api/things/7\"",
		"name=\"_method\" value=\"PATCH\"", "name=\"_method\" value=\"DELETE\"",
		"action=\"/api/buy\"", "name=\"idempotency_key\"", "name=\"thing_id\" value=\"7\"",
		"name=\"name\" required");
	/* no forms without the right to call them */
	assert_page_lacks("GET /api/things/7\n" PAGE "\n", "<form method=\"post\"");
	assert_page_lacks("GET /api/things/7\n" PAGE_ANN "\n", "/api/shops/3/things");
	wish.body = "{\"thing_id\":7,\"shop_id\":3}";
	assert_page("GET /api/things/7\n" PAGE_ANN "\n", "action=\"/api/shops/3/things\"");
	wish.body = "{\"thing_id\":7,\"shop_id\":4}";
	assert_page_lacks("GET /api/things/7\n" PAGE_ANN "\n", "/api/shops/");
	wish.body = "{\"thing_id\":7,\"sold\":true}";
	assert_page_lacks("GET /api/things/7\n" PAGE_ANN "\n", "action=\"/api/buy\"");
	/* a form whose path needs an id of the row is in the row */
	wish.body = "{\"things\":[{\"thing_id\":1},{\"thing_id\":22}]}";
	assert_page("GET /api/things\n" PAGE_ANN "\n", "action=\"/api/things\"",
		"action=\"/api/things/1\"", "action=\"/api/things/22\"");
	/* but for rows that hidden_if excludes */
	wish.body = "{\"things\":[{\"thing_id\":1,\"kept\":true},{\"thing_id\":22,\"kept\":false},{"
		    "\"thing_id\":3,\"kept\":null}]}";
	assert_page("GET /api/things\n" PAGE_ANN "\n", ">Next<", "action=\"/api/things/22\"",
		"action=\"/api/things/3\"");
	assert_page_lacks("GET /api/things\n" PAGE_ANN "\n", "action=\"/api/things/1\"");
	wish.body = "{\"things\":[{\"thing_id\":1,\"kept\":true}]}";
	assert_page_lacks("GET /api/things\n" PAGE_ANN "\n", ">Next<");
}

/* A form whose id comes from the row has no optional fields. hidden_if works by row too. */
static void
test_forms_of_rows(void **state)
{
	(void)state;
	wish.body = "{\"people\":[{\"account_id\":7,\"name\":\"Bo\",\"asked_at\":null}]}";
	assert_page("GET /api/people\n" PAGE_ANN "\n",
		"<input type=\"hidden\" name=\"account_id\" value=\"7\"><button type=\"submit\">"
		"Ask them</button>",
		"<fieldset><legend>Ask them</legend>", "name=\"email\" required");
	wish.body = "{\"people\":[{\"account_id\":7,\"name\":\"Bo\","
		    "\"asked_at\":\"2026-12-24T18:00:00.000Z\"}]}";
	assert_page_lacks("GET /api/people\n" PAGE_ANN "\n", "name=\"account_id\"");
	/* if refused, it is served again with the hidden value, and the error of that above it */
	wish.body = NULL;
	wish.err = ERR_INVALID;
	wish.extra = "{\"errors\":[{\"field\":\"account_id\",\"message\":\"Not near you.\"}]}";
	assert_page("POST /api/people\n" FORM PAGE_ANN "\naccount_id=7",
		"<input type=\"hidden\" name=\"account_id\" value=\"7\">",
		"account_id: Not near you.");
}

static void
test_menu(void **state)
{
	(void)state;
	assert_page(
		"GET /api/things\n" PAGE "\n", "<a href=\"/api/things\">Things</a>", ">Sign in<");
	assert_page_lacks("GET /api/things\n" PAGE "\n", ">Mine<");
	assert_page("GET /api/things\n" PAGE_ANN "\n", ">Mine<");
	assert_page_lacks("GET /api/things\n" PAGE_ANN "\n", ">Admin<");
	assert_page_lacks("GET /api/things\n" PAGE_ANN "\n", ">Sign in<");
	wish.viewer = "{\"name\":\"Root\",\"role\":\"admin\",\"shop_id\":null}";
	assert_page("GET /api/things\n" PAGE_ANN "\n", ">Admin<");
}

static void
test_prefix(void **state)
{
	struct talk *talk =
		page("GET /cgi-bin/s/api/things/7\nSCRIPT_NAME=/cgi-bin/s\n" PAGE_ANN "\n");

	(void)state;
	assert_true(talk_holds(talk, "action=\"/cgi-bin/s/api/things/7\""));
	assert_false(talk_holds(talk, "\"/api/"));
	talk_free(talk);
}

static void
test_headers(void **state)
{
	struct talk *talk = page("GET /api/things\n" PAGE "\n");
	const char *policy = talk_header(talk, "Content-Security-Policy");

	(void)state;
	assert_non_null(policy);
	assert_true(strstr(policy, "default-src 'none'") != NULL);
	assert_true(strstr(policy, "frame-ancestors 'none'") != NULL);
	assert_true(strstr(policy, "unsafe") == NULL);
	talk_free(talk);
}

/* ---- the form after a refusal ---- */

#define SIGN_UP "POST /api/accounts\n" FORM PAGE "\n"

static void
test_form_after_a_refusal(void **state)
{
	(void)state;
	assert_page(SIGN_UP "name=Ann&email=nowhere&password=correct-horse", "role=\"alert\"",
		"value=\"Ann\"", "value=\"nowhere\"", "aria-invalid=\"true\"",
		"Please give an e-mail address", "action=\"/api/accounts\"");
	assert_page("POST /api/things/7\n" FORM PAGE_ANN
		    "\n_method=PATCH&name=&color=grey&verified=true&size=9.5&comment=two%0Alines",
		"action=\"/api/things/7\"", "name=\"_method\" value=\"PATCH\"",
		"value=\"grey\" selected", "value=\"true\" selected", "value=\"9.5\"",
		"two\nlines</textarea>", "Please fill this in.");
	/* an error of a field without an input is shown above the form */
	assert_page("POST /api/things\n" FORM PAGE_ANN "\nname=a&role=admin",
		"role: There is no such field.");
	assert_page("GET /api/things?q=a&color=grey&color=&color=black&limit=0\n" PAGE "\n",
		"id=\"f2\" name=\"color\"", "value=\"grey\" selected", "id=\"f3\" name=\"color\"",
		"value=\"black\" selected");
	assert_page("GET /api/things?limit=0\n" PAGE "\n", "limit: A whole number from 1 to 100.");
	assert_page("POST /api/buy\n" FORM PAGE_ANN "\nthing_id=0&quantity=1",
		"thing_id: A whole number from 1 to 1000.");
	assert_page_lacks("POST /api/buy\n" FORM PAGE_ANN "\nthing_id=1&quantity=0",
		"quantity: "); /* it is shown at its input */
	assert_page("POST /api/buy\n" FORM PAGE_ANN "\nthing_id=1&quantity=0",
		"A whole number from 1 to 9.");
	assert_page("POST /api/buy\n" FORM PAGE_ANN "\nquantity=1", "quantity: ");
	wish.err = ERR_EMAIL_TAKEN;
	assert_page(SIGN_UP "name=Ann&email=ann@example.com&password=correct-horse",
		"There is an account", "value=\"ann@example.com\"");
}

static void
test_no_password_is_shown(void **state)
{
	static const char *const requests[] = {
		SIGN_UP "name=Ann&email=nowhere&password=correct-horse",
		SIGN_UP "name=&email=&password=correct-horse&password=correct-horse",
		SIGN_UP "name=Ann&email=a@b.example&password=correct-horse",
		SIGN_UP "name=Ann&email=a@b.example&password=correct-horse&x=%",
	};

	(void)state;
	wish.err = ERR_EMAIL_TAKEN;
	for (size_t i = 0; i < G_N_ELEMENTS(requests); i++)
		assert_page_lacks(requests[i], "correct-horse");
}

/* The page of 401 has the forms that start a session, without what was sent to another form. */
static void
test_unauthenticated(void **state)
{
	assert_page("GET /api/mine\n" PAGE "\n", "action=\"/api/accounts\"", "type=\"password\"");
	(void)state;
	assert_page("POST /api/things\n" FORM PAGE "\nname=typed-name", "value=\"typed-name\"",
		"action=\"/api/accounts\"", "action=\"/api/things\"");
}

static char *
key_on(const struct talk *talk)
{
	static const char mark[] = "name=\"idempotency_key\" value=\"";
	const char *at = g_strstr_len(talk->page, (gssize)talk->page_length, mark);

	assert_non_null(at);
	at += strlen(mark);
	return g_strndup(at, strcspn(at, "\""));
}

static void
test_fresh_keys(void **state)
{
	struct talk *one = page("GET /api/things\n" PAGE_ANN "\n");
	struct talk *two = page("GET /api/things\n" PAGE_ANN "\n");
	g_autofree char *key_one = key_on(one);
	g_autofree char *key_two = key_on(two);

	(void)state;
	assert_int_equal(strlen(key_one), 32);
	assert_string_not_equal(key_one, key_two);
	talk_free(one);
	talk_free(two);
}

/* If the outcome is unknown, the form keeps its key; if the key was refused, it gets a new one. */
static void
test_key_after_a_refusal(void **state)
{
	static const struct {
		enum err err;
		bool same;
	} table[] = { { ERR_BUSY, true }, { ERR_FAULT, true }, { ERR_KEY_REUSED, false } };

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {
		struct talk *talk;
		g_autofree char *key = NULL;

		wish.err = table[i].err;
		talk = page("POST /api/buy\n" FORM PAGE_ANN "\nidempotency_key=0123456789abcdef");
		key = key_on(talk);
		assert_int_equal(strcmp(key, "0123456789abcdef") == 0, table[i].same);
		talk_free(talk);
	}
}

static int
set_up(void **state)
{
	(void)state;
	return secret_init() ? 0 : -1;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_answers_are_escaped, small_site_reset),
		cmocka_unit_test_setup(test_typed_values_are_escaped, small_site_reset),
		cmocka_unit_test_setup(test_fixed_texts_are_escaped, small_site_reset),
		cmocka_unit_test_setup(test_resource, small_site_reset),
		cmocka_unit_test_setup(test_heading, small_site_reset),
		cmocka_unit_test_setup(test_names_of_links, small_site_reset),
		cmocka_unit_test_setup(test_pager, small_site_reset),
		cmocka_unit_test_setup(test_forms, small_site_reset),
		cmocka_unit_test_setup(test_forms_of_rows, small_site_reset),
		cmocka_unit_test_setup(test_menu, small_site_reset),
		cmocka_unit_test_setup(test_prefix, small_site_reset),
		cmocka_unit_test_setup(test_headers, small_site_reset),
		cmocka_unit_test_setup(test_form_after_a_refusal, small_site_reset),
		cmocka_unit_test_setup(test_no_password_is_shown, small_site_reset),
		cmocka_unit_test_setup(test_unauthenticated, small_site_reset),
		cmocka_unit_test_setup(test_fresh_keys, small_site_reset),
		cmocka_unit_test_setup(test_key_after_a_refusal, small_site_reset),
	};

	return cmocka_run_group_tests_name("http_page", tests, set_up, NULL);
}
