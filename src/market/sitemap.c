#include "market/sitemap.h"

#include <pthread.h>

#include "base/json.h"
#include "http/html.h"
#include "market/answer.h"

#define XML_BEGIN "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
#define NAMESPACE " xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n"

enum { PARTS_WAITING_MAX = 32 }; /* in a process */

static struct work_queue *queue;
static pthread_once_t queue_once = PTHREAD_ONCE_INIT;

/* A part reads some 10,000 rows of indexes: one at a time takes nothing from buyers. */
static void
queue_make(void)
{
	queue = work_queue_new("sitemap", 1, PARTS_WAITING_MAX, 0);
}

void
sitemap_queue_free(void)
{
	work_queue_free(queue);
	queue = NULL;
}

/* The plain pages repeat what others have; pages of accounts have nothing for a search engine. */
enum err
get_robots(struct request *req, struct answer *ans)
{
	g_autofree char *url = request_site_url(req);

	g_string_assign(ans->body,
		"User-agent: *\n"
		"Disallow: /api/\n"
		"Allow: /api/photos/\n"
		"Disallow: /account.html\n"
		"Disallow: /admin\n"
		"Disallow: /compare.html\n"
		"Disallow: /orders.html\n"
		"Disallow: /receipt.html\n"
		"Disallow: /slip.html\n"
		"Allow: /\n");
	if (*url != '\0')
		g_string_append_printf(ans->body, "\nSitemap: %s/sitemap.xml\n", url);
	ans->type = "text/plain; charset=utf-8";
	return ERR_NONE;
}

/* Appends an element for each number of an array, with the address `url``path`NUMBER. */
static void
locations_write(GString *out, const char *element, const char *url, const char *path,
	const struct json *numbers)
{
	g_autofree char *base = g_strconcat(url, path, NULL);

	for (const struct json *n = json_first_element(numbers); n != NULL;
		n = json_next_element(n)) {
		g_autofree char *number = json_plain(n);

		g_string_append_printf(out, "<%s><loc>", element);
		html_text(out, base);
		g_string_append_printf(out, "%s</loc></%s>\n", number, element);
	}
}

/* Takes the JSON of an answer, to put XML in its place; NULL: it is a fault. */
static struct json *
take_answer(struct answer *ans)
{
	enum json_fault fault;
	const char *why;
	struct json *root = json_parse(ans->body->str, ans->body->len, &fault, &why);

	g_string_assign(ans->body, XML_BEGIN);
	ans->type = "application/xml; charset=utf-8";
	return root;
}

enum err
get_sitemap(struct request *req, struct answer *ans)
{
	enum err e = answer_statement(req, ans);
	g_autofree char *url = request_site_url(req);
	JSON_AUTO struct json *parts = e == ERR_NONE ? take_answer(ans) : NULL;

	if (parts == NULL)
		return e == ERR_NONE ? ERR_FAULT : e;
	g_string_append(ans->body, "<sitemapindex" NAMESPACE);
	locations_write(ans->body, "sitemap", url, "/sitemaps/shoes/", json_get(parts, "shoes"));
	locations_write(ans->body, "sitemap", url, "/sitemaps/shops/", json_get(parts, "shops"));
	g_string_append(ans->body, "</sitemapindex>\n");
	return ERR_NONE;
}

static enum err
write_part(struct request *req, struct answer *ans, const char *path)
{
	enum err e = answer_statement(req, ans);
	g_autofree char *url = request_site_url(req);
	JSON_AUTO struct json *part = e == ERR_NONE ? take_answer(ans) : NULL;

	if (part == NULL)
		return e == ERR_NONE ? ERR_FAULT : e;
	g_string_append(ans->body, "<urlset" NAMESPACE);
	locations_write(ans->body, "url", url, path, json_get(part, "ids"));
	g_string_append(ans->body, "</urlset>\n");
	return ERR_NONE;
}

static enum err
write_shoes(struct request *req, struct answer *ans)
{
	return write_part(req, ans, "/shoes/");
}

static enum err
write_shops(struct request *req, struct answer *ans)
{
	return write_part(req, ans, "/shop.html?id=");
}

enum err
get_sitemap_shoes(struct request *req, struct answer *ans)
{
	pthread_once(&queue_once, queue_make);
	return answer_deferred(req, ans, queue, write_shoes);
}

enum err
get_sitemap_shops(struct request *req, struct answer *ans)
{
	pthread_once(&queue_once, queue_make);
	return answer_deferred(req, ans, queue, write_shops);
}
