#include "market/shoe_page.h"

#include <string.h>

#include "http/frame.h"
#include "http/html.h"
#include "http/money.h"
#include "market/answer.h"
#include "market/offer.h"
#include "market/shoe.h"
#include "market/shoe_head.h"
#include "market/size.h"

const struct field shoe_page_fields[] = {
	{ "audience", FIELD_CHOICE, .choices = shoe_audiences, .optional = true },
	{ "size", FIELD_HALF_STEPS, .min = 1, .max = 20, .optional = true },
	{ "unit", FIELD_CHOICE, .choices = size_unit_names, .optional = true },
	{ 0 },
};

/* What the address of the page says. */
struct choice {
	const char *audience, *size; /* NULL: any */
	enum size_unit unit;
};

struct page {
	GString *out;
	const struct json *shoe;
	struct choice choice;
};

/* ---- links to the same page with another choice ---- */

static void
address_write(const struct page *page, const struct choice *choice)
{
	const char *between = "?";

	g_string_append_printf(
		page->out, "/shoes/%" G_GINT64_FORMAT, offer_integer(page->shoe, "shoe_id"));
	if (choice->audience != NULL) {
		g_string_append_printf(page->out, "%saudience=%s", between, choice->audience);
		between = "&amp;";
	}
	if (choice->size != NULL) {
		g_string_append_printf(page->out, "%ssize=%s", between, choice->size);
		between = "&amp;";
	}
	if (choice->unit != SIZE_US)
		g_string_append_printf(
			page->out, "%sunit=%s", between, size_unit_names[choice->unit]);
}

/* Appends the tag of such a link, and leaves it open for its text. */
static void
link_begin(const struct page *page, const struct choice *choice, bool is_current)
{
	g_string_append(page->out, "<a href=\"");
	address_write(page, choice);
	g_string_append(page->out, is_current ? "\" aria-current=\"true\">" : "\">");
}

/* ---- sizes ---- */

static void
units_write(const struct page *page)
{
	static const char *const words[] = { "US", "EU", "UK", "cm" };

	g_string_append(page->out, "<p class=\"units\" role=\"group\" aria-label=\"Sizes in\">");
	for (int unit = SIZE_US; unit < SIZE_UNITS; unit++) {
		struct choice other = page->choice;

		other.unit = (enum size_unit)unit;
		link_begin(page, &other, other.unit == page->choice.unit);
		g_string_append_printf(page->out, "%s</a>\n", words[unit]);
	}
	g_string_append(page->out, "</p>\n");
}

static bool
is_chosen(const struct choice *choice, const char *audience, const char *size)
{
	return choice->size != NULL && strcmp(choice->size, size) == 0 &&
		(choice->audience == NULL || strcmp(choice->audience, audience) == 0);
}

static void
size_write(const struct page *page, const struct json *row)
{
	g_autofree char *size = json_plain(json_get(row, "size"));
	g_autofree char *low = money_words(offer_integer(row, "total_cents"));
	struct choice this = page->choice;

	this.audience = offer_text(row, "audience");
	this.size = size;
	g_string_append_printf(
		page->out, "<li data-size=\"%s\" data-audience=\"%s\">", size, this.audience);
	link_begin(page, &this, is_chosen(&page->choice, this.audience, size));
	g_string_append(page->out, "<span class=\"size\">");
	html_text(page->out, size_in(this.unit, this.audience, size));
	g_string_append(page->out, "</span><span class=\"low\">");
	html_text(page->out, low);
	g_string_append(page->out, "</span></a></li>\n");
}

/* The sizes of each audience: a shoe may be offered in those of several. */
static void
sizes_write(const struct page *page)
{
	static const char *const headings[][2] = { { "men", "Men’s sizes" },
		{ "women", "Women’s sizes" }, { "youth", "Youth sizes" },
		{ "unisex", "Unisex sizes" } };
	const char *before = "";

	for (const struct json *row = json_first_element(json_get(page->shoe, "sizes"));
		row != NULL; row = json_next_element(row)) {
		const char *audience = offer_text(row, "audience");

		if (strcmp(audience, before) != 0) {
			g_string_append(page->out, *before == '\0' ? "" : "</ul>\n");
			for (size_t i = 0; i < G_N_ELEMENTS(headings); i++)
				if (strcmp(headings[i][0], audience) == 0)
					html_element(page->out, "h3", headings[i][1]);
			g_string_append(page->out, "<ul class=\"grid\">\n");
		}
		before = audience;
		size_write(page, row);
	}
	g_string_append(page->out, *before == '\0' ? "" : "</ul>\n");
}

static void
pick_write(const struct page *page)
{
	g_string_append(page->out,
		"<section id=\"pick\" aria-labelledby=\"pick-title\">\n"
		"<h2 id=\"pick-title\">Choose your size</h2>\n");
	units_write(page);
	sizes_write(page);
	if (page->choice.unit != SIZE_US)
		g_string_append(page->out,
			"<p class=\"hint\">As most brands convert US sizes. Some differ by half a "
			"size.</p>\n");
	g_string_append(page->out, "<p id=\"mine\" class=\"hint\" hidden></p>\n</section>\n");
}

/* ---- offers ---- */

/* "Men's US 9.5: 3 offers". */
static void
offers_title_write(const struct page *page)
{
	const struct choice *choice = &page->choice;
	int64_t n = offer_integer(page->shoe, "chosen");
	g_autofree char *size = choice->size == NULL
		? g_strdup("Any size")
		: offer_size_words(choice->audience == NULL ? "" : choice->audience, choice->size,
			  choice->unit);

	g_string_append(page->out, "<h2 id=\"offers-title\" tabindex=\"-1\">");
	html_text(page->out, size);
	g_string_append_printf(
		page->out, ": %" G_GINT64_FORMAT " offer%s</h2>\n", n, n == 1 ? "" : "s");
	if (choice->size == NULL && choice->audience == NULL)
		return;
	g_string_append(page->out, "<p>");
	link_begin(page, &(struct choice){ .unit = choice->unit }, false);
	g_string_append(page->out, "All sizes</a></p>\n");
}

/* Those beyond the ones that are shown: the search has them, page by page. */
static void
more_write(const struct page *page, size_t n_shown)
{
	int64_t n = offer_integer(page->shoe, "chosen");

	if (n <= (int64_t)n_shown)
		return;
	g_string_append_printf(page->out,
		"<p class=\"more\"><a class=\"button quiet\" href=\"/?shoe_id=%" G_GINT64_FORMAT,
		offer_integer(page->shoe, "shoe_id"));
	if (page->choice.audience != NULL)
		g_string_append_printf(page->out, "&amp;audience=%s", page->choice.audience);
	if (page->choice.size != NULL)
		g_string_append_printf(page->out, "&amp;size=%s", page->choice.size);
	g_string_append_printf(
		page->out, "&amp;sort=price\">All %" G_GINT64_FORMAT " offers</a></p>\n", n);
}

static void
offers_write(const struct page *page)
{
	size_t n = 0;

	g_string_append(page->out, "<section id=\"offers\" aria-labelledby=\"offers-title\">\n");
	offers_title_write(page);
	if (offer_integer(page->shoe, "chosen") == 0)
		g_string_append(page->out,
			"<p class=\"notice\">No shop has this right now. Take another size, or put "
			"the shoe on your wishlist.</p>\n");
	g_string_append(page->out, "<ol class=\"offers\">\n");
	for (const struct json *offer = json_first_element(json_get(page->shoe, "shown"));
		offer != NULL; offer = json_next_element(offer)) {
		offer_write(page->out, offer, page->choice.unit, page->choice.size == NULL);
		n++;
	}
	g_string_append(page->out, "</ol>\n");
	more_write(page, n);
	g_string_append(page->out, "</section>\n");
}

/* ---- the cheapest ---- */

static bool
is_shipped(const struct json *offer)
{
	const struct json *listing = json_get(offer, "listing");

	return json_kind(json_get(listing, "shipping_cents")) == JSON_KIND_NUMBER;
}

/* The lowest whole price of all; the form to buy is there once a size is chosen. */
static void
lowest_write(const struct page *page)
{
	g_autofree char *low = money_words(offer_integer(page->shoe, "low_cents"));
	const struct json *first = json_first_element(json_get(page->shoe, "shown"));
	bool ships = page->choice.audience != NULL || first == NULL || is_shipped(first);

	g_string_append(page->out, "<div><p class=\"price\"><span class=\"hint\">from</span> ");
	html_text(page->out, low);
	g_string_append_printf(page->out,
		" <span class=\"hint\">%s</span></p><p class=\"hint\">Choose your size to "
		"buy.</p></div>\n",
		ships ? "with shipping" : "if you pick it up");
}

/* The cheapest offer of the chosen size, with its form. */
static void
cheapest_write(const struct page *page, const struct json *offer)
{
	const struct json *listing = json_get(offer, "listing");
	g_autofree char *price = money_words(offer_integer(offer, "total_cents"));

	g_string_append(page->out, "<div><p class=\"price\">");
	html_text(page->out, price);
	g_string_append_printf(page->out,
		" <span class=\"hint\">%s</span></p><p class=\"hint\">The cheapest in your size, "
		"%s, by ",
		is_shipped(offer) ? "with shipping" : "pick-up only",
		offer_text(listing, "condition"));
	html_typed(page->out, offer_text(listing, "shop_name"));
	g_string_append(page->out, "</p></div>\n");
	offer_write_form(page->out, listing);
}

static void
best_write(const struct page *page)
{
	const struct json *offer = page->choice.size == NULL
		? NULL
		: json_first_element(json_get(page->shoe, "shown"));

	g_string_append(page->out, "<section id=\"best\" aria-label=\"Price\">\n");
	if (offer == NULL)
		lowest_write(page);
	else
		cheapest_write(page, offer);
	g_string_append(page->out, "</section>\n");
}

/* ---- the page ---- */

static void
name_write(GString *out, const struct json *shoe)
{
	g_string_append(out, "<h1><span class=\"brand\">");
	html_typed(out, offer_text(shoe, "brand"));
	g_string_append(out, "</span> ");
	html_typed(out, offer_text(shoe, "style"));
	g_string_append(out, "</h1>\n");
}

/* "In blue. 14 offers by 9 shops." */
static void
summary_write(GString *out, const struct json *shoe)
{
	int n = (int)offer_integer(shoe, "offers");
	int shops = (int)offer_integer(shoe, "shops");

	g_string_append_printf(out, "<p class=\"lead\">In %s. ", offer_text(shoe, "color"));
	if (n == 0)
		g_string_append(out, "No shop has it right now.</p>\n");
	else
		g_string_append_printf(out, "%d offer%s by %d shop%s.</p>\n", n, n == 1 ? "" : "s",
			shops, shops == 1 ? "" : "s");
}

/* NULL: no offer has one. */
static const struct json *
photo_of(const struct json *shoe)
{
	const struct json *photo = json_get(shoe, "photo");

	return json_kind(photo) == JSON_KIND_OBJECT ? photo : NULL;
}

static void
shoe_begin(const struct page *page)
{
	g_string_append_printf(page->out,
		"<article id=\"shoe\" data-shoe=\"%" G_GINT64_FORMAT
		"\" data-unit=\"%s\" data-audience=\"%s\" data-size=\"%s\"",
		offer_integer(page->shoe, "shoe_id"), size_unit_names[page->choice.unit],
		page->choice.audience == NULL ? "" : page->choice.audience,
		page->choice.size == NULL ? "" : page->choice.size);
	html_attribute(page->out, "data-brand", offer_text(page->shoe, "brand"));
	html_attribute(page->out, "data-style", offer_text(page->shoe, "style"));
	html_attribute(page->out, "data-color", offer_text(page->shoe, "color"));
	g_string_append(page->out, ">\n");
}

static void
shoe_write(const struct page *page)
{
	g_autofree char *api = g_strdup_printf(
		"/api/shoes/%" G_GINT64_FORMAT, offer_integer(page->shoe, "shoe_id"));

	shoe_begin(page);
	g_string_append(page->out, "<div class=\"pair\">\n");
	offer_write_picture(page->out, page->shoe, photo_of(page->shoe));
	g_string_append(page->out, "<div>\n");
	name_write(page->out, page->shoe);
	summary_write(page->out, page->shoe);
	if (offer_integer(page->shoe, "offers") > 0)
		best_write(page);
	g_string_append_printf(page->out,
		"<p class=\"row\" id=\"wish\"><a class=\"button quiet\" href=\"%s\">"
		"Put it on my wishlist</a> <span id=\"wanted\"></span></p>\n",
		api);
	if (offer_integer(page->shoe, "offers") > 0)
		pick_write(page);
	g_string_append(page->out, "</div>\n</div>\n");
	if (offer_integer(page->shoe, "offers") > 0)
		offers_write(page);
	g_string_append(page->out, "<section id=\"prices\"></section>\n</article>\n");
}

static struct json *
answer_of(const struct answer *ans)
{
	enum json_fault fault;
	const char *why;

	return json_parse(ans->body->str, ans->body->len, &fault, &why);
}

/* Replaces the JSON of an answer by a page with this title, head and content. */
static void
become_page(struct answer *ans, const char *title, const char *head, const char *script,
	const GString *content)
{
	g_string_truncate(ans->body, 0);
	frame_begin(ans->body, title, head, script);
	g_string_append_len(ans->body, content->str, (gssize)content->len);
	frame_end(ans->body);
	ans->type = HTML_TYPE;
}

enum err
show_shoe_page(struct request *req, struct answer *ans)
{
	enum err e = answer_statement(req, ans);
	JSON_AUTO struct json *shoe = e == ERR_NONE ? answer_of(ans) : NULL;
	g_autoptr(GString) content = g_string_new(NULL);
	g_autofree char *url = request_site_url(req);
	g_autofree char *title = NULL;
	g_autofree char *facts = NULL;
	g_autofree char *head = NULL;
	struct page page = { .out = content,
		.shoe = shoe,
		.choice = { .audience = request_text(req, "audience"),
			.size = request_text(req, "size"),
			.unit = size_unit_of(request_text(req, "unit")) } };

	if (shoe == NULL)
		return e == ERR_NONE ? ERR_FAULT : e;
	title = shoe_head_title(shoe);
	facts = shoe_head_markup(shoe, photo_of(shoe), url);
	head = g_strconcat("<link rel=\"stylesheet\" href=\"/shoe.css\">\n"
			   "<link rel=\"stylesheet\" href=\"/plot.css\">\n",
		facts, NULL);
	shoe_write(&page);
	become_page(ans, title, head, "/js/shoe_page.js", content);
	return ERR_NONE;
}

/* The other photos, for who runs no scripts: the plain page has all of them. */
static void
photos_link_write(GString *out, const struct json *listing)
{
	size_t n = json_count(json_get(listing, "photos"));

	if (n > 1)
		g_string_append_printf(out,
			"<p><a href=\"/api/listings/%" G_GINT64_FORMAT
			"\">All %zu photos</a></p>\n",
			offer_integer(listing, "listing_id"), n);
}

enum err
show_listing_page(struct request *req, struct answer *ans)
{
	enum err e = answer_statement(req, ans);
	JSON_AUTO struct json *listing = e == ERR_NONE ? answer_of(ans) : NULL;
	g_autoptr(GString) out = g_string_new(NULL);
	g_autofree char *url = request_site_url(req);
	g_autofree char *title = NULL;
	g_autofree char *facts = NULL;
	g_autofree char *head = NULL;

	if (listing == NULL)
		return e == ERR_NONE ? ERR_FAULT : e;
	title = listing_head_title(listing);
	facts = listing_head_markup(listing, url);
	head = g_strconcat("<link rel=\"stylesheet\" href=\"/shoe.css\">\n", facts, NULL);
	g_string_append(out, "<div id=\"page\">\n<div class=\"pair\">\n");
	offer_write_picture(out, listing, offer_photo(listing));
	g_string_append(out, "<div>\n");
	name_write(out, listing);
	g_string_append_printf(out,
		"<p><a href=\"/shoes/%" G_GINT64_FORMAT "\">All offers of this shoe</a></p>\n",
		offer_integer(listing, "shoe_id"));
	offer_write_facts(out, listing, SIZE_US);
	photos_link_write(out, listing);
	offer_write_form(out, listing);
	g_string_append(out, "</div>\n</div>\n</div>\n");
	become_page(ans, title, head, "/js/listing.js", out);
	return ERR_NONE;
}
