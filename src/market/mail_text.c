#include "market/mail_text.h"

#include <string.h>

#include "base/json.h"
#include "base/secret.h"
#include "http/html.h"

enum { PARTS_MAX = 8 };

/* {NAME} in a text is the member of that name, as people read it. */
struct part {
	const char *text;
	const char *when; /* a member that must be there, and not false; NULL: always */
};

struct kind {
	const char *name;
	const char *subject;
	struct part parts[PARTS_MAX]; /* paragraphs */
	const char *path;             /* of the link */
	const char *label;            /* of the link; {NAME}s too */
	bool lists;                   /* the lines of the order, after the paragraphs */
};

#define PICKED_UP                                                                                  \
	{                                                                                          \
		"Pick it up here:\n{pickup}", "pickup"                                             \
	}
#define SENT_TO                                                                                    \
	{                                                                                          \
		"It goes to:\n{address}", "address"                                                \
	}

static const struct kind kinds[] = {
	{ "confirm", "Confirm your e-mail for Shoetopia",
		{ { "This e-mail was given for your account at Shoetopia. Open the link and press "
		    "the button there to confirm it. The link is good for a day.",
			  NULL },
			{ "If this was not you, do nothing: then nothing happens.", NULL } },
		"/account/confirmation?token={token}", "Confirm this e-mail", false },
	{ "reset", "A new password for Shoetopia",
		{ { "A new password was asked for, for your account at Shoetopia. Open the link "
		    "and choose one. The link is good for an hour, and once.",
			  NULL },
			{ "If this was not you, do nothing: your password stays as it is.",
				NULL } },
		"/password-resets?token={token}", "Choose a new password", false },
	{ "won", "Order {order_id} is yours",
		{ { "You bought these shoes: order {order_id} is yours.", NULL },
			{ "Please pay {total_cents} by {due_at}. After that the order is "
			  "cancelled.",
				"due_at" },
			{ "You pay {total_cents} when you get it.", "is_paid_later" }, PICKED_UP,
			SENT_TO },
		"/orders/{order_id}", "{order_action}", true },
	{ "paid", "Receipt for order {order_id}",
		{ { "Thank you: {total_cents} was paid for order {order_id}. This is your "
		    "receipt.",
			  NULL },
			PICKED_UP, SENT_TO },
		"/orders/{order_id}", "See the order", true },
	{ "lapsed", "Order {order_id} was not paid in time",
		{ { "Order {order_id} was not paid in time, so it was cancelled, and its pairs "
		    "went back to the shop. Nothing was charged.",
			NULL } },
		"/orders/{order_id}", "See the order", true },
	{ "cancelled", "Order {order_id} is cancelled",
		{ { "Order {order_id} is cancelled.", NULL },
			{ "What you paid goes back the way it came. It may take some days until "
			  "you see it.",
				"is_refund_due" } },
		"/orders/{order_id}", "See the order", true },
	{ "refunded", "Refund for order {order_id}",
		{ { "{refunded_cents} went back to you for order {order_id}, the way you paid. It "
		    "may take some days until you see it.",
			NULL } },
		"/orders/{order_id}", "See the order", true },
	{ "shipped", "Order {order_id} is on its way",
		{ { "{shop_name} has sent your order {order_id}.", "is_sent" },
			{ "{shop_name} has handed out your order {order_id}.", "is_pickup" },
			{ "Tracking: {tracking}", "tracking" } },
		"/orders/{order_id}", "See the order", true },
	{ "moved_up", "You have a place at {title}",
		{ { "A place became free: you have one now at {title} of {shop_name}, which begins "
		    "at {starts_at}.",
			  NULL },
			{ "If you cannot come, please give it back, so that the next one gets it.",
				NULL } },
		"/events/{event_id}", "See the event", false },
	{ "to_send", "An order for {shop_name}: {order_id}",
		{ { "{buyer} bought from {shop_name}. Please send it.", "is_sent" },
			{ "{buyer} bought from {shop_name}, and will pick it up.", "is_pickup" },
			SENT_TO },
		"/shops/{shop_id}/shipments", "See what to send", true },
	{ "payout", "Your payout of {amount_cents}",
		{ { "Your payout of {amount_cents} was paid.", "is_paid" },
			{ "Your payout of {amount_cents} was refused, and is available again.",
				"is_refused" },
			{ "Note: {note}", "note" } },
		"/shops/{shop_id}/balance", "See your balance", false },
};

static const struct kind *
find_kind(const char *name)
{
	for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++)
		if (g_strcmp0(kinds[i].name, name) == 0)
			return &kinds[i];
	return NULL;
}

/* ---- texts with facts in them ---- */

/* The value of a member as people read it. Free with g_free(); never NULL. */
static char *
fact(const struct json *facts, const char *name)
{
	const struct json *value = json_get(facts, name);
	char *text = value == NULL ? NULL : html_plain(name, value);

	return text != NULL ? text : g_strdup("");
}

static char *
fill(const char *text, const struct json *facts)
{
	GString *out = g_string_new(NULL);

	while (*text != '\0') {
		size_t plain = strcspn(text, "{");
		const char *end = strchr(text, '}');
		g_autofree char *name = NULL;
		g_autofree char *value = NULL;

		g_string_append_len(out, text, (gssize)plain);
		text += plain;
		if (*text == '\0')
			break;
		name = g_strndup(text + 1, (size_t)(end - text - 1));
		value = fact(facts, name);
		g_string_append(out, value);
		text = end + 1;
	}
	return g_string_free(out, FALSE);
}

static bool
is_due(const struct part *part, const struct json *facts)
{
	const struct json *member = part->when == NULL ? NULL : json_get(facts, part->when);
	enum json_kind kind = json_kind(member);

	return part->when == NULL ||
		(kind == JSON_KIND_BOOL ? json_bool(member) : kind != JSON_KIND_NULL);
}

/* ---- both forms ---- */

static void
add_paragraph(GString *text, GString *html, const char *words)
{
	g_auto(GStrv) lines = g_strsplit(words, "\n", -1);

	g_string_append_printf(text, "%s\n\n", words);
	g_string_append(html, "<p>");
	for (char **line = lines; *line != NULL; line++) {
		g_string_append(html, line == lines ? "" : "<br>");
		html_text(html, *line);
	}
	g_string_append(html, "</p>\n");
}

static void
add_line(GString *text, GString *html, const struct json *line)
{
	static const char words[] = "{quantity} x {what} ({shop_name}): {total_cents}";
	g_autofree char *filled = fill(words, line);

	g_string_append_printf(text, "- %s\n", filled);
	html_element(html, "li", filled);
}

/* The lines of the order, its shipping if it has a price, and its total. */
static void
add_lines(GString *text, GString *html, const struct json *facts)
{
	const struct json *shipping = json_get(facts, "shipping_cents");
	int64_t cents = 0;
	g_autofree char *total = fill("Total: {total_cents}", facts);

	g_string_append(html, "<ul>\n");
	for (const struct json *line = json_first_element(json_get(facts, "lines")); line != NULL;
		line = json_next_element(line))
		add_line(text, html, line);
	if (json_int64(shipping, &cents) && cents > 0) {
		g_autofree char *words = fill("Shipping: {shipping_cents}", facts);

		g_string_append_printf(text, "- %s\n", words);
		html_element(html, "li", words);
	}
	g_string_append(html, "</ul>\n");
	g_string_append_c(text, '\n');
	add_paragraph(text, html, total);
}

static void
add_link(GString *text, GString *html, const char *url, const char *label)
{
	g_string_append_printf(text, "%s:\n%s\n", label, url);
	g_string_append(html, "<p><a");
	html_attribute(html, "href", url);
	g_string_append_c(html, '>');
	html_text(html, label);
	g_string_append(html, "</a></p>\n");
}

/* The link. The token is no fact, and must not be put into another text. */
static char *
url_of(const struct kind *kind, const struct json *facts, const char *public_url, const char *token)
{
	const char *mark = strstr(kind->path, "{token}");
	g_autofree char *path = mark == NULL
		? fill(kind->path, facts)
		: g_strdup_printf("%.*s%s", (int)(mark - kind->path), kind->path, token);

	return g_strconcat(public_url, "/api", path, NULL);
}

bool
mail_text_write(
	const struct json *facts, const char *public_url, const char *token, struct mail_text *out)
{
	const struct kind *kind = find_kind(json_text(json_get(facts, "kind")));
	GString *text = g_string_new(NULL);
	GString *html = g_string_new("<!doctype html>\n<html lang=\"en\"><head><meta "
				     "charset=\"utf-8\"></head><body>\n");
	g_autofree char *greeting = fill("Hello {name},", facts);
	g_autofree char *url = kind == NULL ? NULL : url_of(kind, facts, public_url, token);
	g_autofree char *label = kind == NULL ? NULL : fill(kind->label, facts);

	add_paragraph(text, html, greeting);
	for (size_t i = 0; kind != NULL && i < PARTS_MAX && kind->parts[i].text != NULL; i++) {
		g_autofree char *words = fill(kind->parts[i].text, facts);

		if (is_due(&kind->parts[i], facts))
			add_paragraph(text, html, words);
	}
	if (kind != NULL && kind->lists)
		add_lines(text, html, facts);
	if (kind != NULL)
		add_link(text, html, url, label);
	g_string_append(html, "</body></html>\n");
	*out = (struct mail_text){ .subject = kind == NULL ? NULL : fill(kind->subject, facts),
		.text = g_string_free(text, FALSE),
		.html = g_string_free(html, FALSE) };
	if (url != NULL)
		secret_wipe(url, strlen(url));
	if (kind == NULL)
		mail_text_clear(out);
	return kind != NULL;
}

void
mail_text_clear(struct mail_text *text)
{
	g_free(text->subject);
	g_free(text->text);
	g_free(text->html);
	*text = (struct mail_text){ 0 };
}
