/* build/storm: the command line, and the order of events. See demo.h. */
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "demo.h"

enum {
	WAIT_SECONDS_MAX = 600,
	WAIT_DEFAULT_SECONDS = 8, /* if standard output is a terminal */
	WRONG_USAGE = 2,
};

static const char usage[] =
	"Usage: build/storm [--buyers N] [--pairs N] [--discounts N] [--percent-off N] [--wait "
	"SECONDS]\n"
	"\n"
	"Stages a flash sale in the marketplace that ./start runs, with buyers who all ask at the "
	"same\n"
	"moment, and ends in a table: who got what, the answers, how long they took, the money, "
	"and\n"
	"whether everything adds up.\n"
	"\n"
	"  --buyers N       how many, 1,000 if not given; up to 10,000. Each wants one pair\n"
	"  --pairs N        how many there are, 100 if not given; up to 100,000\n"
	"  --discounts N    how many of them are cheaper: the first that are sold. 10 if not "
	"given\n"
	"  --percent-off N  by how much, 1 to 99; 25 if not given\n"
	"  --wait SECONDS   between the opening of the shop and the buyers, so that you can watch "
	"its\n"
	"                   page; 8 if not given, 0 if the output goes to no terminal; up to 600\n"
	"\n"
	"The marketplace is found as ./start keeps it: SHOETOPIA_STATE names its folder, if it is "
	"another\n"
	"one than usual. Run this as the user who runs ./start.\n"
	"\n"
	"What stays: the accounts \"Storm seller\" and \"Storm buyer 1\" and so on "
	"(storm.N@example.com;\n"
	"nobody can sign in as them, and the next storm uses them again), \"Storm Shop\", and the "
	"orders.\n"
	"\n"
	"It ends with 0 if everything adds up, with 1 if not or if it could not be staged, with 2 "
	"if it\n"
	"was asked for in a way it does not understand.\n";

static int
read_number(const char *name, const char *text, int min, int max)
{
	char *end;
	gint64 number = g_ascii_strtoll(text, &end, 10);

	if (!g_ascii_isdigit(*text) || *end != '\0' || number < min || number > max) {
		fprintf(stderr, "storm: --%s is a number from %s to %s, not \"%s\"\n", name,
			format_count(min), format_count(max), text);
		exit(WRONG_USAGE);
	}
	return (int)number;
}

static struct plan
read_plan(int argc, char **argv)
{
	struct plan plan = { .buyers = 1000, .pairs = 100, .discounts = 10, .percent_off = 25 };
	const struct {
		const char *name;
		int *number, min, max;
	} known[] = {
		{ "buyers", &plan.buyers, 1, BUYERS_MAX },
		{ "pairs", &plan.pairs, 1, PAIRS_MAX },
		{ "discounts", &plan.discounts, 0, PAIRS_MAX },
		{ "percent-off", &plan.percent_off, 1, 99 },
		{ "wait", &plan.wait_seconds, 0, WAIT_SECONDS_MAX },
	};
	struct option options[G_N_ELEMENTS(known) + 2] = { 0 };
	int at, option;

	plan.wait_seconds = report_is_terminal() ? WAIT_DEFAULT_SECONDS : 0;
	for (size_t i = 0; i < G_N_ELEMENTS(known); i++)
		options[i] = (struct option){ known[i].name, required_argument, NULL, 'n' };
	options[G_N_ELEMENTS(known)] = (struct option){ "help", no_argument, NULL, 'h' };
	while ((option = getopt_long(argc, argv, "h", options, &at)) != -1) {
		if (option == 'h') {
			fputs(usage, stdout);
			exit(EXIT_SUCCESS);
		}
		if (option != 'n')
			exit(WRONG_USAGE);
		*known[at].number =
			read_number(known[at].name, optarg, known[at].min, known[at].max);
	}
	if (optind < argc) {
		fprintf(stderr, "storm: I do not understand \"%s\"; see storm --help\n",
			argv[optind]);
		exit(WRONG_USAGE);
	}
	return plan;
}

static void
announce(const struct market *market, const struct shop *shop, const struct plan *plan)
{
	g_autofree char *sale = g_strdup_printf(
		", the first %s at %d %% off", format_count(plan->discounts), plan->percent_off);

	report_line("Storm Shop opens: %s pairs at %s%s. Watch:", format_count(plan->pairs),
		format_cents(PRICE_CENTS), plan->discounts > 0 ? sale : "");
	report_line("  %s/listing.html?id=%" G_GINT64_FORMAT, market_url(market), shop->listing_id);
	report_line("  %s/shop.html?id=%" G_GINT64_FORMAT, market_url(market), shop->shop_id);
}

/* Gives a person time to open the page. */
static void
wait_before_sale(int seconds)
{
	for (; seconds > 0; seconds--) {
		report_progress("the buyers come in %d s", seconds);
		sleep(1);
	}
}

static double
seconds_since(double began_ms)
{
	return (now_ms() - began_ms) / 1000;
}

int
main(int argc, char **argv)
{
	struct plan plan = read_plan(argc, argv);
	struct market *market;
	struct user *users;
	struct buyers *buyers;
	struct shop shop;
	g_autofree char *audit = NULL;
	g_autoptr(GArray) sold = NULL;
	struct result result;
	double began_ms;
	bool good;

	signal(SIGPIPE, SIG_IGN);
	if (!secret_init())
		die("there is no randomness to be had");
	buyers_reserve_files(plan.buyers);
	market = market_open();
	users = market_create_users(market, plan.buyers);
	shop = shop_open(market_port(market), &users[0], &plan);
	announce(market, &shop, &plan);
	wait_before_sale(plan.wait_seconds);

	began_ms = now_ms();
	buyers = buyers_connect(market_port(market), users, plan.buyers);
	report_line("%s buyers are at the door and signed in (%.1f s). It opens.",
		format_count(plan.buyers), seconds_since(began_ms));
	began_ms = now_ms();
	buyers_buy(buyers, shop.listing_id);
	report_line("The sale is over (%.2f s): bought %s, sold out %s.", seconds_since(began_ms),
		format_count(buyers->bought), format_count(buyers->sold_out));

	sold = market_sold_lines(market, shop.listing_id);
	result = (struct result){ &plan, &shop, buyers, sold,
		.after = shop_read_state(market_port(market), &users[0], &shop, &plan) };
	report_progress("the audit counts everything");
	result.audit_is_clean = market_audit(market, &audit);
	result.audit = audit;
	market_end_sessions(market);
	good = report_result(&result);
	buyers_free(buyers);
	secret_wipe(users, ((gsize)plan.buyers + 1) * sizeof *users);
	g_free(users);
	market_close(market);
	return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
