/* What a person reads: progress, the report and its checks, in 80 columns. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "demo.h"

enum {
	BAR_WIDTH = 44,
	NAMES_MAX = 10, /* of buyers who got the discount */
};

/* ---- lines ---- */

static bool line_is_open; /* it shows progress and is overwritten */

bool
report_is_terminal(void)
{
	return isatty(STDOUT_FILENO) == 1;
}

static void
close_line(void)
{
	if (line_is_open)
		fputs("\r\033[K", stdout);
	line_is_open = false;
	fflush(stdout);
}

void
report_progress(const char *format, ...)
{
	va_list arguments;

	if (!report_is_terminal())
		return;
	close_line();
	va_start(arguments, format);
	fputs("  ... ", stdout);
	vprintf(format, arguments);
	va_end(arguments);
	line_is_open = true;
	fflush(stdout);
}

void
report_line(const char *format, ...)
{
	va_list arguments;

	close_line();
	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
	putchar('\n');
	fflush(stdout);
}

void
die(const char *format, ...)
{
	va_list arguments;

	close_line();
	fputs("storm: ", stderr);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputc('\n', stderr);
	exit(EXIT_FAILURE);
}

/* ---- numbers ---- */

/* The next of a few static buffers: one line prints several numbers. */
static char *
next_buffer(void)
{
	static char buffers[16][40];
	static unsigned next;

	return buffers[next++ % G_N_ELEMENTS(buffers)];
}

const char *
format_count(gint64 number)
{
	char digits[32], *out = next_buffer(), *at = out;
	int length = g_snprintf(digits, sizeof digits, "%" G_GINT64_FORMAT, ABS(number));

	if (number < 0)
		*at++ = '-';
	for (int i = 0; i < length; i++) {
		if (i > 0 && (length - i) % 3 == 0)
			*at++ = ',';
		*at++ = digits[i];
	}
	*at = '\0';
	return out;
}

const char *
format_cents(gint64 cents)
{
	const char *whole = format_count(ABS(cents) / 100);
	char *out = next_buffer();

	g_snprintf(out, 40, "%s$%s.%02d", cents < 0 ? "-" : "", whole, (int)(ABS(cents) % 100));
	return out;
}

/* ---- the figures behind the table ---- */

struct figures {
	int at_discount, at_full_price;
	gint64 reported_cents; /* sum of the orders in the responses */
	gint64 recorded_cents; /* sum of the orders in the database, and of their pairs */
	gint64 pairs, discounts;
	int other_pairs;   /* sold to accounts that are not of this run */
	bool all_recorded; /* the orders of the buyers are exactly those of the responses */
	bool in_order;     /* no discount after a pair at the full price */
};

static const struct buyer *
buyer_of(const struct buyers *c, gint64 account_id)
{
	for (int i = 0; i < c->count; i++)
		if (c->buyers[i].user->account_id == account_id)
			return &c->buyers[i];
	return NULL;
}

static int
number_of(const struct buyers *c, const struct buyer *b)
{
	return (int)(b - c->buyers) + 1;
}

static struct figures
figures_of(const struct result *o)
{
	struct figures f = { .all_recorded = true, .in_order = true };
	bool paid_in_full = false;
	int recorded = 0;

	for (int i = 0; i < o->buyers->count; i++) {
		const struct buyer *b = &o->buyers->buyers[i];

		if (b->outcome != BOUGHT)
			continue;
		f.at_discount += b->discounted == 1;
		f.at_full_price += b->discounted == 0;
		f.reported_cents += b->total_cents;
	}
	for (guint i = 0; i < o->sold->len; i++) {
		const struct sold_line *s = &g_array_index(o->sold, struct sold_line, i);
		const struct buyer *b = buyer_of(o->buyers, s->account_id);

		f.recorded_cents += s->total_cents;
		f.pairs += s->quantity;
		f.discounts += s->discounted;
		f.in_order = f.in_order && !(paid_in_full && s->discounted > 0);
		paid_in_full = paid_in_full || s->discounted < s->quantity;
		if (b == NULL) {
			f.other_pairs += s->quantity;
			continue;
		}
		recorded++;
		/*
		 * A second order of one buyer differs from that of the response, and the count
		 * differs.
		 */
		f.all_recorded = f.all_recorded && b->outcome == BOUGHT &&
			b->order_id == s->order_id && b->total_cents == s->total_cents &&
			b->discounted == s->discounted && s->quantity == 1;
	}
	f.all_recorded = f.all_recorded && recorded == o->buyers->bought;
	return f;
}

/* ---- the table ---- */

static void
report_sales(const struct result *o, const struct figures *f)
{
	const struct buyers *c = o->buyers;
	int shown = 0;

	report_line("\nWHO GOT WHAT");
	report_line("  %s buyers wanted one of %s pairs at the same moment (within %.0f ms).\n",
		format_count(c->count), format_count(o->plan->pairs), c->last_ms - c->first_ms);
	if (o->plan->discounts > 0)
		report_line("  %8s  bought at the discount, for %s", format_count(f->at_discount),
			format_cents(o->shop->sale_price_cents));
	report_line("  %8s  bought at the full price, for %s", format_count(f->at_full_price),
		format_cents(PRICE_CENTS));
	report_line("  %8s  were told \"sold out\"", format_count(c->sold_out));
	if (f->other_pairs > 0)
		report_line("  %8s  pairs went to somebody who came by and bought, too",
			format_count(f->other_pairs));
	for (guint i = 0; i < o->sold->len && shown < NAMES_MAX; i++) {
		const struct sold_line *s = &g_array_index(o->sold, struct sold_line, i);
		const struct buyer *b = buyer_of(c, s->account_id);

		if (b == NULL || s->discounted == 0)
			continue;
		printf("%s %d",
			shown++ == 0 ? "            The discounts went to Storm buyers\n           "
				     : ",",
			number_of(c, b));
	}
	if (shown > 0)
		report_line("%s", f->at_discount > shown ? ", ..." : "");
	for (guint i = 0; i < o->sold->len; i += MAX(o->sold->len - 1, 1)) {
		const struct sold_line *s = &g_array_index(o->sold, struct sold_line, i);
		const struct buyer *b = buyer_of(c, s->account_id);

		if (b != NULL)
			report_line("            The %s pair went to Storm buyer %d, "
				    "order %" G_GINT64_FORMAT ", %s",
				i == 0 ? "first" : "last", number_of(c, b), s->order_id,
				format_cents(s->total_cents));
	}
}

static const struct meaning {
	int status;
	const char *code;
	const char *sentence;
} meanings[] = {
	{ 201, NULL, "Bought: here is your order." },
	{ 409, "out_of_stock", "Sold out. Nothing was bought." },
	{ 503, "busy", "Too many at once; come again in a moment. (They did.)" },
	{ 401, "unauthenticated", "Who are you? The session is over." },
	{ 429, "too_many_requests", "You ask too often." },
	{ 0, "not HTTP", "Something that is no answer." },
};

static void
report_answers(const struct buyers *c)
{
	report_line("\nANSWERS");
	for (guint i = 0; i < c->tallies->len; i++) {
		const struct tally *t = &g_array_index(c->tallies, struct tally, i);
		const char *sentence = t->detail == NULL ? "(without words)" : t->detail;

		for (size_t m = 0; m < G_N_ELEMENTS(meanings); m++)
			if (meanings[m].status == t->status &&
				g_strcmp0(meanings[m].code, t->code) == 0)
				sentence = meanings[m].sentence;
		report_line("  %8s  %3d %-13s %.*s", format_count(t->count), t->status,
			t->code == NULL ? "" : t->code, 300, sentence);
	}
	if (c->lost > 0)
		report_line(
			"  %8s  connections ended without an answer; their buyers asked again,\n"
			"            with the same key, so that nobody buys twice",
			format_count(c->lost));
	if (c->done < c->count)
		report_line("  %8s  buyers had no answer when time was up",
			format_count(c->count - c->done));
}

static int
by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static const char *
format_wait(double ms)
{
	char *out = next_buffer();

	if (ms < 1000)
		g_snprintf(out, 40, "%.0f ms", ms);
	else
		g_snprintf(out, 40, "%.1f s", ms / 1000);
	return out;
}

/* From the first request of a buyer to its final response, retries included. Steps of 1, 2, 5. */
static void
report_waits(const struct buyers *c)
{
	static const double steps[] = { 0, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000,
		20000, 50000, 100000 };
	g_autofree double *waits = g_new(double, (gsize)c->count);
	int count = 0, counts[G_N_ELEMENTS(steps)] = { 0 }, most = 1;
	size_t from = G_N_ELEMENTS(steps), to = 0;
	char bar[BAR_WIDTH + 1];

	for (int i = 0; i < c->count; i++)
		if (c->buyers[i].outcome != PENDING)
			waits[count++] = c->buyers[i].done_ms - c->buyers[i].sent_ms;
	if (count == 0)
		return;
	qsort(waits, (size_t)count, sizeof *waits, by_size);
	for (int i = 0; i < count; i++) {
		size_t step = 0;

		while (step + 1 < G_N_ELEMENTS(steps) && waits[i] >= steps[step + 1])
			step++;
		counts[step]++;
		most = MAX(most, counts[step]);
		from = MIN(from, step);
		to = MAX(to, step);
	}
	report_line("\nHOW LONG THEY WAITED TO BE TOLD");
	for (size_t step = from; step <= to; step++) {
		int length = (int)(((gint64)counts[step] * BAR_WIDTH + most - 1) / most);

		memset(bar, '#', (size_t)length);
		bar[length] = '\0';
		if (step + 1 < G_N_ELEMENTS(steps))
			report_line("  %7s to %7s %7s  %s", format_wait(steps[step]),
				format_wait(steps[step + 1]), format_count(counts[step]), bar);
		else
			report_line("  %7s or more   %7s  %s", format_wait(steps[step]),
				format_count(counts[step]), bar);
	}
	report_line("  half of them at most %s, 99 of 100 at most %s, the last one %s",
		format_wait(waits[(count - 1) / 2]),
		format_wait(waits[(gint64)(count - 1) * 99 / 100]), format_wait(waits[count - 1]));
}

/* The price of the buyers' pairs by the plan. */
static gint64
cents_due(const struct result *o, const struct figures *f)
{
	return f->at_discount * o->shop->sale_price_cents + (gint64)f->at_full_price * PRICE_CENTS;
}

static void
report_money(const struct result *o, const struct figures *f)
{
	report_line("\nMONEY");
	report_line("  %12s  what the shop's balance grew by, with what is not paid yet",
		format_cents(o->after.won_cents - o->shop->won_cents));
	report_line("  %12s  the %s orders in the database, added up",
		format_cents(f->recorded_cents), format_count(o->sold->len));
	report_line("  %12s  the %s orders that buyers were told of, added up",
		format_cents(f->reported_cents), format_count(o->buyers->bought));
	report_line("  %12s  %s x %s + %s x %s", format_cents(cents_due(o, f)),
		format_count(f->at_discount), format_cents(o->shop->sale_price_cents),
		format_count(f->at_full_price), format_cents(PRICE_CENTS));
}

/* ---- the checks ---- */

/* Prints one check. Whether it holds. */
static bool check(bool holds, const char *format, ...) G_GNUC_PRINTF(2, 3);

static bool
check(bool holds, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	fputs(holds ? "  ok  " : "  NO  ", stdout);
	vprintf(format, arguments);
	va_end(arguments);
	putchar('\n');
	return holds;
}

static bool
report_checks(const struct result *o, const struct figures *f)
{
	const struct buyers *c = o->buyers;
	gint64 pairs = MIN((gint64)c->count, MAX(o->plan->pairs - f->other_pairs, 0));
	gint64 discounts = MIN((gint64)o->plan->discounts, f->pairs);
	bool good = true;

	report_line("\nCHECKED");
	good &= check(c->bought + c->sold_out == c->count, "every buyer was told clearly: %s of %s",
		format_count(c->bought + c->sold_out), format_count(c->count));
	good &= check(c->bought == pairs && f->pairs == pairs + f->other_pairs,
		"pairs sold: %s, to be sold: %s", format_count(f->pairs),
		format_count(pairs + f->other_pairs));
	good &= check(o->after.available == o->plan->pairs - f->pairs,
		"pairs left on the shelf: %s", format_count(o->after.available));
	good &= check(f->discounts == discounts, "discounts given: %s, to be given: %s",
		format_count(f->discounts), format_count(discounts));
	good &= check(f->in_order, "they went to the first; nobody who came later got one");
	good &= check(o->after.discounts_left == o->plan->discounts - f->discounts,
		"discounts left: %s", format_count(o->after.discounts_left));
	good &= check(f->all_recorded,
		"each of the %s orders is in the database once, as told; no other is",
		format_count(c->bought));
	good &= check(f->reported_cents == cents_due(o, f) &&
			(f->other_pairs > 0 || f->reported_cents == f->recorded_cents),
		"the orders cost what pairs and discounts cost, to the cent");
	good &= check(o->after.won_cents - o->shop->won_cents == f->recorded_cents,
		"the shop got what its orders say");
	good &= check(o->audit_is_clean, "shoetopia --audit: %s", o->audit);
	report_line("\n%s",
		good ? "Everything adds up." : "It does NOT add up: see the lines with NO.");
	return good;
}

bool
report_result(const struct result *o)
{
	struct figures f = figures_of(o);

	report_sales(o, &f);
	report_answers(o->buyers);
	report_waits(o->buyers);
	report_money(o, &f);
	return report_checks(o, &f);
}
