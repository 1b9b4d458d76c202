/* What a person reads: progress, the table, the verdict. Eighty columns are enough for it. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "stage.h"

enum {
	BAR_WIDTH = 44,
	NAMES_MAX = 10, /* of those who got the discount */
};

/* ---- lines ---- */

static bool line_is_open; /* progress stands in it */

bool
told_to_terminal(void)
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
told_progress(const char *format, ...)
{
	va_list arguments;

	if (!told_to_terminal())
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
told_line(const char *format, ...)
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

/* The next one of a few buffers: one line names several numbers. */
static char *
next_buffer(void)
{
	static char buffers[16][40];
	static unsigned next;

	return buffers[next++ % G_N_ELEMENTS(buffers)];
}

const char *
told_count(gint64 number)
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
told_money(gint64 cents)
{
	const char *whole = told_count(ABS(cents) / 100);
	char *out = next_buffer();

	g_snprintf(out, 40, "%s$%s.%02d", cents < 0 ? "-" : "", whole, (int)(ABS(cents) % 100));
	return out;
}

/* ---- the figures behind the table ---- */

struct figures {
	int at_discount, at_full_price;
	gint64 told_cents;     /* sum of the orders that buyers were told of */
	gint64 recorded_cents; /* sum of the orders in the database, and of their pairs */
	gint64 pairs, discounts;
	int foreign_pairs; /* bought by somebody who is none of the storm's */
	bool all_recorded; /* each order told is there once, as it was told, and no other of a buyer */
	bool in_order;     /* no discount after somebody who paid in full */
};

static const struct buyer *
buyer_of(const struct crowd *c, gint64 account_id)
{
	for (int i = 0; i < c->count; i++)
		if (c->buyers[i].person->account_id == account_id)
			return &c->buyers[i];
	return NULL;
}

static int
number_of(const struct crowd *c, const struct buyer *b)
{
	return (int)(b - c->buyers) + 1;
}

static struct figures
figures_of(const struct outcome *o)
{
	struct figures f = { .all_recorded = true, .in_order = true };
	bool paid_in_full = false;
	int recorded = 0;

	for (int i = 0; i < o->crowd->count; i++) {
		const struct buyer *b = &o->crowd->buyers[i];

		if (b->fate != BOUGHT)
			continue;
		f.at_discount += b->discounted == 1;
		f.at_full_price += b->discounted == 0;
		f.told_cents += b->total_cents;
	}
	for (guint i = 0; i < o->sold->len; i++) {
		const struct sold *s = &g_array_index(o->sold, struct sold, i);
		const struct buyer *b = buyer_of(o->crowd, s->account_id);

		f.recorded_cents += s->total_cents;
		f.pairs += s->quantity;
		f.discounts += s->discounted;
		f.in_order = f.in_order && !(paid_in_full && s->discounted > 0);
		paid_in_full = paid_in_full || s->discounted < s->quantity;
		if (b == NULL) {
			f.foreign_pairs += s->quantity;
			continue;
		}
		recorded++;
		/* One order each: two rows of one buyer cannot both be the one that was told, and then the numbers differ. */
		f.all_recorded = f.all_recorded && b->fate == BOUGHT &&
			b->order_id == s->order_id && b->total_cents == s->total_cents &&
			b->discounted == s->discounted && s->quantity == 1;
	}
	f.all_recorded = f.all_recorded && recorded == o->crowd->bought;
	return f;
}

/* ---- the table ---- */

static void
tell_who(const struct outcome *o, const struct figures *f)
{
	const struct crowd *c = o->crowd;
	int shown = 0;

	told_line("\nWHO GOT WHAT");
	told_line("  %s buyers wanted one of %s pairs at the same moment (within %.0f ms).\n",
		told_count(c->count), told_count(o->plan->pairs), c->last_ms - c->first_ms);
	if (o->plan->discounts > 0)
		told_line("  %8s  bought at the discount, for %s", told_count(f->at_discount),
			told_money(o->shop->sale_price_cents));
	told_line("  %8s  bought at the full price, for %s", told_count(f->at_full_price),
		told_money(PRICE_CENTS));
	told_line("  %8s  were told \"sold out\"", told_count(c->sold_out));
	if (f->foreign_pairs > 0)
		told_line("  %8s  pairs went to somebody who came by and bought, too",
			told_count(f->foreign_pairs));
	for (guint i = 0; i < o->sold->len && shown < NAMES_MAX; i++) {
		const struct sold *s = &g_array_index(o->sold, struct sold, i);
		const struct buyer *b = buyer_of(c, s->account_id);

		if (b == NULL || s->discounted == 0)
			continue;
		printf("%s %d",
			shown++ == 0 ? "            The discounts went to Storm buyers\n           "
				     : ",",
			number_of(c, b));
	}
	if (shown > 0)
		told_line("%s", f->at_discount > shown ? ", ..." : "");
	for (guint i = 0; i < o->sold->len; i += MAX(o->sold->len - 1, 1)) {
		const struct sold *s = &g_array_index(o->sold, struct sold, i);
		const struct buyer *b = buyer_of(c, s->account_id);

		if (b != NULL)
			told_line(
				"            The %s pair went to Storm buyer %d, order %" G_GINT64_FORMAT
				", %s",
				i == 0 ? "first" : "last", number_of(c, b), s->order_id,
				told_money(s->total_cents));
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
tell_answers(const struct crowd *c)
{
	told_line("\nANSWERS");
	for (guint i = 0; i < c->tallies->len; i++) {
		const struct tally *t = &g_array_index(c->tallies, struct tally, i);
		const char *sentence = t->detail == NULL ? "(without words)" : t->detail;

		for (size_t m = 0; m < G_N_ELEMENTS(meanings); m++)
			if (meanings[m].status == t->status &&
				g_strcmp0(meanings[m].code, t->code) == 0)
				sentence = meanings[m].sentence;
		told_line("  %8s  %3d %-13s %.*s", told_count(t->count), t->status,
			t->code == NULL ? "" : t->code, 300, sentence);
	}
	if (c->lost > 0)
		told_line(
			"  %8s  connections ended without an answer; their buyers asked again,\n            with the same key, so that nobody buys twice",
			told_count(c->lost));
	if (c->told < c->count)
		told_line("  %8s  buyers had no answer when time was up",
			told_count(c->count - c->told));
}

static int
by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static const char *
told_wait(double ms)
{
	char *out = next_buffer();

	if (ms < 1000)
		g_snprintf(out, 40, "%.0f ms", ms);
	else
		g_snprintf(out, 40, "%.1f s", ms / 1000);
	return out;
}

/* From the moment at which a buyer asked to the word that settled it, whatever came between. Steps of 1, 2, 5. */
static void
tell_waits(const struct crowd *c)
{
	static const double steps[] = { 0, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000,
		20000, 50000, 100000 };
	g_autofree double *waits = g_new(double, (gsize)c->count);
	int count = 0, counts[G_N_ELEMENTS(steps)] = { 0 }, most = 1;
	size_t from = G_N_ELEMENTS(steps), to = 0;
	char bar[BAR_WIDTH + 1];

	for (int i = 0; i < c->count; i++)
		if (c->buyers[i].fate != UNTOLD)
			waits[count++] = c->buyers[i].told_ms - c->buyers[i].asked_ms;
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
	told_line("\nHOW LONG THEY WAITED TO BE TOLD");
	for (size_t step = from; step <= to; step++) {
		int length = (int)(((gint64)counts[step] * BAR_WIDTH + most - 1) / most);

		memset(bar, '#', (size_t)length);
		bar[length] = '\0';
		if (step + 1 < G_N_ELEMENTS(steps))
			told_line("  %7s to %7s %7s  %s", told_wait(steps[step]),
				told_wait(steps[step + 1]), told_count(counts[step]), bar);
		else
			told_line("  %7s or more   %7s  %s", told_wait(steps[step]),
				told_count(counts[step]), bar);
	}
	told_line("  half of them at most %s, 99 of 100 at most %s, the last one %s",
		told_wait(waits[(count - 1) / 2]), told_wait(waits[(gint64)(count - 1) * 99 / 100]),
		told_wait(waits[count - 1]));
}

/* What the buyers' pairs cost by the prices that were announced. */
static gint64
cents_due(const struct outcome *o, const struct figures *f)
{
	return f->at_discount * o->shop->sale_price_cents + (gint64)f->at_full_price * PRICE_CENTS;
}

static void
tell_money(const struct outcome *o, const struct figures *f)
{
	told_line("\nMONEY");
	told_line("  %12s  what the shop's balance grew by",
		told_money(o->after.balance_cents - o->shop->balance_cents));
	told_line("  %12s  the %s orders in the database, added up", told_money(f->recorded_cents),
		told_count(o->sold->len));
	told_line("  %12s  the %s orders that buyers were told of, added up",
		told_money(f->told_cents), told_count(o->crowd->bought));
	told_line("  %12s  %s x %s + %s x %s", told_money(cents_due(o, f)),
		told_count(f->at_discount), told_money(o->shop->sale_price_cents),
		told_count(f->at_full_price), told_money(PRICE_CENTS));
}

/* ---- the verdict ---- */

/* One line of it; false where it does not hold. */
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
tell_verdict(const struct outcome *o, const struct figures *f)
{
	const struct crowd *c = o->crowd;
	gint64 pairs = MIN((gint64)c->count, MAX(o->plan->pairs - f->foreign_pairs, 0));
	gint64 discounts = MIN((gint64)o->plan->discounts, f->pairs);
	bool good = true;

	told_line("\nCHECKED");
	good &= check(c->bought + c->sold_out == c->count, "every buyer was told clearly: %s of %s",
		told_count(c->bought + c->sold_out), told_count(c->count));
	good &= check(c->bought == pairs && f->pairs == pairs + f->foreign_pairs,
		"pairs sold: %s, to be sold: %s", told_count(f->pairs),
		told_count(pairs + f->foreign_pairs));
	good &= check(o->after.available == o->plan->pairs - f->pairs,
		"pairs left on the shelf: %s", told_count(o->after.available));
	good &= check(f->discounts == discounts, "discounts given: %s, to be given: %s",
		told_count(f->discounts), told_count(discounts));
	good &= check(f->in_order, "they went to the first; nobody who came later got one");
	good &= check(o->after.discounts_left == o->plan->discounts - f->discounts,
		"discounts left: %s", told_count(o->after.discounts_left));
	good &= check(f->all_recorded,
		"each of the %s orders is in the database once, as told; no other is",
		told_count(c->bought));
	good &= check(f->told_cents == cents_due(o, f) &&
			(f->foreign_pairs > 0 || f->told_cents == f->recorded_cents),
		"the orders cost what pairs and discounts cost, to the cent");
	good &= check(o->after.balance_cents - o->shop->balance_cents == f->recorded_cents,
		"the shop got what its orders say");
	good &= check(o->audit_is_clean, "shoetopia --audit: %s", o->audit);
	told_line("\n%s",
		good ? "Everything adds up." : "It does NOT add up: see the lines with NO.");
	return good;
}

bool
told_outcome(const struct outcome *o)
{
	struct figures f = figures_of(o);

	tell_who(o, &f);
	tell_answers(o->crowd);
	tell_waits(o->crowd);
	tell_money(o, &f);
	return tell_verdict(o, &f);
}
