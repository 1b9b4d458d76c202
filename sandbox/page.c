#include "sandbox/page.h"

#include <string.h>

#include "base/json.h"
#include "sandbox/card.h"
#include "sandbox/form.h"

static const char head[] =
	"<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
	"<meta name=\"viewport\" content=\"width=device-width\">\n"
	"<meta name=\"color-scheme\" content=\"light dark\">\n"
	"<link rel=\"icon\" href=\"data:,\">\n<title>Test payment</title>\n<style>\n"
	":root{--ground:#f4f5f7;--paper:#fff;--ink:#1d2433;--soft:#4b5568;--line:#767f8f;"
	"--accent:#1f4fd8;--on-accent:#fff;--warn:#a3161a}\n"
	"@media(prefers-color-scheme:dark){:root{--ground:#12151c;--paper:#1b202b;--ink:#eef1f6;"
	"--soft:#b3bccb;--line:#8b95a7;--accent:#8fb0ff;--on-accent:#0d1220;--warn:#ff9a94}}\n"
	"*{box-sizing:border-box}body{margin:0;background:var(--ground);color:var(--ink);"
	"font:1rem/1.5 system-ui,sans-serif}\n"
	"main{max-width:28rem;margin:1rem auto;padding:1.25rem;background:var(--paper);"
	"border-radius:.75rem}\n"
	"h1{font-size:1.25rem;margin:.25rem 0}h2{font-size:1.1rem}\n"
	"::placeholder{color:var(--soft)}\n"
	".total{font-size:2rem;font-weight:700;margin:.5rem "
	"0}\n"
	".test{border:2px dashed var(--line);border-radius:.5rem;padding:.5rem .75rem}\n"
	".why{color:var(--warn);font-weight:600}\n"
	".items,.cards{padding-left:1.1rem;color:var(--soft)}\n"
	"label{display:block;font-weight:600}input{width:100%;font:inherit;padding:.7rem;"
	"border:1px solid "
	"var(--line);border-radius:.5rem;background:var(--paper);color:var(--ink)}\n"
	"button{width:100%;font:inherit;font-weight:600;padding:.8rem;margin:.75rem 0 0;border:0;"
	"border-radius:.5rem;background:var(--accent);color:var(--on-accent);cursor:pointer}\n"
	"button.second{background:transparent;color:var(--accent);border:1px solid "
	"var(--accent)}\n"
	":focus-visible{outline:3px solid "
	"var(--accent);outline-offset:2px}a{color:var(--accent)}\n"
	"a.back{display:inline-block;padding:.6rem 0}code{font-size:1.05em}\n"
	"</style>\n</head>\n<body>\n<main>\n"
	"<p class=\"test\"><strong>Test payment.</strong> This page stands in for the payment "
	"provider. No "
	"card is charged and no money moves.</p>\n";
static const char tail[] = "</main>\n</body>\n</html>\n";

static void
page_set(struct answer *answer, unsigned status, GString *page)
{
	g_string_append(page, tail);
	answer_json(answer, status, g_string_free(page, FALSE));
	answer->type = "text/html; charset=utf-8";
}

__attribute__((format(printf, 2, 3))) static void
add(GString *page, const char *format, ...)
{
	va_list arguments;
	g_autofree char *text = NULL;

	va_start(arguments, format);
	text = g_markup_vprintf_escaped(format, arguments);
	va_end(arguments);
	g_string_append(page, text);
}

static void
add_amount(GString *page, int64_t cents, const char *currency)
{
	g_autofree char *upper = g_ascii_strup(currency, -1);

	add(page, "%s%" G_GINT64_FORMAT ".%02d%s%s", strcmp(currency, "usd") == 0 ? "$" : "",
		cents / 100, (int)(cents % 100), strcmp(currency, "usd") == 0 ? "" : " ",
		strcmp(currency, "usd") == 0 ? "" : upper);
}

static void
add_items(GString *page, const char *text, const char *currency)
{
	enum json_fault fault;
	const char *why;
	JSON_AUTO struct json *items = json_parse(text, strlen(text), &fault, &why);

	g_string_append(page, "<ul class=\"items\">\n");
	for (const struct json *item = json_first_element(items); item != NULL;
		item = json_next_element(item)) {
		int64_t cents = 0, quantity = 0;

		json_int64(json_get(item, "amount_total"), &cents);
		json_int64(json_get(item, "quantity"), &quantity);
		add(page, "<li>%" G_GINT64_FORMAT " × %s: ", quantity,
			json_text(json_get(item, "description")));
		add_amount(page, cents, currency);
		g_string_append(page, "</li>\n");
	}
	g_string_append(page, "</ul>\n");
}

/* What is paid for. */
static void
add_order(struct sandbox *sandbox, GString *page, const char *session)
{
	g_auto(GStrv) row = store_row(sandbox->store, SQL_SESSION_PAGE, STORE_ARGS(TEXT(session)));

	if (row[3][0] != '\0')
		add(page, "<h1>Order %s</h1>\n", row[3]);
	g_string_append(page, "<p class=\"total\">");
	add_amount(page, g_ascii_strtoll(row[0], NULL, 10), row[1]);
	g_string_append(page, "</p>\n");
	add_items(page, row[2], row[1]);
}

static void
add_cancel(GString *page, const char *url)
{
	if (url[0] != '\0')
		add(page,
			"<p><a class=\"back\" href=\"%s\">Back to the shop without "
			"paying</a></p>\n",
			url);
}

static void
add_cards(GString *page)
{
	g_string_append(page, "<h2>Test cards</h2>\n<ul class=\"cards\">\n");
	for (const struct card *card = card_list(); card->number != NULL; card++)
		add(page, "<li><code>%.4s %.4s %.4s %.4s</code> %s</li>\n", card->number,
			card->number + 4, card->number + 8, card->number + 12, card->about);
	g_string_append(page, "</ul>\n");
}

static void
show_form(struct sandbox *sandbox, const char *session, const char *why, const GStrv state,
	struct answer *answer)
{
	GString *page = g_string_new(head);

	add_order(sandbox, page, session);
	if (why != NULL)
		add(page, "<p class=\"why\" role=\"alert\" id=\"why\">%s</p>\n", why);
	g_string_append(page,
		"<form method=\"post\">\n<label for=\"card\">Card number</label>\n"
		"<input id=\"card\" name=\"card\" inputmode=\"numeric\" autocomplete=\"off\" "
		"required "
		"maxlength=\"40\" placeholder=\"4242 4242 4242 4242\"");
	g_string_append(page, why != NULL ? " aria-describedby=\"why\">\n" : ">\n");
	g_string_append(page, "<button>Pay (test)</button>\n</form>\n");
	add_cancel(page, state[4]);
	add_cards(page);
	page_set(answer, why != NULL ? 402 : 200, page);
}

static void
show_step(struct sandbox *sandbox, const char *session, const GStrv state, struct answer *answer)
{
	GString *page = g_string_new(head);

	add_order(sandbox, page, session);
	g_string_append(page,
		"<h2>Your bank asks: is this you?</h2>\n<form method=\"post\">\n"
		"<button name=\"step\" value=\"confirm\">Confirm the payment</button>\n"
		"<button class=\"second\" name=\"step\" "
		"value=\"refuse\">Refuse</button>\n</form>\n");
	add_cancel(page, state[4]);
	page_set(answer, 200, page);
}

static void
show_message(unsigned status, const char *title, const char *text, const char *url,
	struct answer *answer)
{
	GString *page = g_string_new(head);

	add(page, "<h1>%s</h1>\n<p>%s</p>\n", title, text);
	if (url[0] != '\0')
		add(page, "<p><a class=\"back\" href=\"%s\">Back to the shop</a></p>\n", url);
	page_set(answer, status, page);
}

/* The success_url, in which the provider replaces one word. */
static char *
success_url(const GStrv state, const char *session)
{
	g_auto(GStrv) pieces = g_strsplit(state[3], "{CHECKOUT_SESSION_ID}", 0);

	return g_strjoinv(session, pieces);
}

static void
show_outcome(struct sandbox *sandbox, const char *session, enum card_outcome outcome,
	const char *why, struct answer *answer)
{
	g_auto(GStrv) state =
		store_row(sandbox->store, SQL_SESSION_STATE, STORE_ARGS(TEXT(session)));

	switch (outcome) {
	case CARD_UNKNOWN_SESSION:
		show_message(404, "There is no such page",
			"Look at your order in the shop: it has the link to pay.", "", answer);
		return;
	case CARD_PAID:
		answer_json(answer, 303, g_strdup("{}"));
		answer->location = success_url(state, session);
		return;
	case CARD_EXPIRED:
		show_message(410, "This page has expired",
			"Nothing was charged. The shop says what became of your order.", state[4],
			answer);
		return;
	case CARD_REFUSED:
		show_form(sandbox, session, why, state, answer);
		return;
	case CARD_NEEDS_STEP:
		show_step(sandbox, session, state, answer);
		return;
	}
}

void
page_show(struct sandbox *sandbox, const struct request *request, struct answer *answer)
{
	const char *session = request->argument;
	g_auto(GStrv) state =
		store_row(sandbox->store, SQL_SESSION_STATE, STORE_ARGS(TEXT(session)));

	if (state == NULL)
		show_outcome(sandbox, session, CARD_UNKNOWN_SESSION, NULL, answer);
	else if (strcmp(state[0], "complete") == 0)
		show_message(200, "This order is paid", "The (test) payment has arrived.", state[3],
			answer);
	else if (strcmp(state[0], "open") != 0)
		show_outcome(sandbox, session, CARD_EXPIRED, NULL, answer);
	else if (strcmp(state[2], "requires_action") == 0)
		show_step(sandbox, session, state, answer);
	else
		show_form(sandbox, session, NULL, state, answer);
}

void
page_submit(struct sandbox *sandbox, const struct request *request, struct answer *answer)
{
	const char *card = request->form != NULL ? form_get(request->form, "card") : NULL;
	const char *step = request->form != NULL ? form_get(request->form, "step") : NULL;
	const char *why = "Enter the number of a test card.";
	enum card_outcome outcome;

	if (step != NULL)
		outcome = card_step(sandbox, request->argument, strcmp(step, "confirm") == 0, &why);
	else
		outcome = card_pay(sandbox, request->argument, card != NULL ? card : "", &why);
	show_outcome(sandbox, request->argument, outcome, why, answer);
}

void
page_front(struct sandbox *sandbox, const struct request *request, struct answer *answer)
{
	(void)sandbox, (void)request;
	show_message(200, "Payment sandbox",
		"This server simulates the payment provider for tests and demonstrations. Pay "
		"for an order in "
		"the shop, and its payment page is here.",
		"", answer);
}
