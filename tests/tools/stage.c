/* build/storm: what is asked for, and the order of events. See stage.h. */
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "stage.h"

enum {
	WAIT_SECONDS_MAX = 600,
	WAIT_ON_TERMINAL_SECONDS = 8, /* time to open the page */
	WRONG_USAGE = 2,
};

static const char usage[] =
	"Usage: build/storm [--buyers N] [--pairs N] [--discounts N] [--percent-off N] [--wait SECONDS]\n"
	"\n"
	"Stages a flash sale in the marketplace that ./start runs, with buyers who all ask at the same\n"
	"moment, and ends in a table: who got what, the answers, how long they took, the money, and\n"
	"whether everything adds up.\n"
	"\n"
	"  --buyers N       how many, 1,000 if not given; up to 10,000. Each wants one pair\n"
	"  --pairs N        how many there are, 100 if not given; up to 100,000\n"
	"  --discounts N    how many of them are cheaper: the first that are sold. 10 if not given\n"
	"  --percent-off N  by how much, 1 to 99; 25 if not given\n"
	"  --wait SECONDS   between the opening of the shop and the buyers, so that you can watch its\n"
	"                   page; 8 if not given, 0 if the output goes to no terminal; up to 600\n"
	"\n"
	"The marketplace is found as ./start keeps it: SHOETOPIA_STATE names its folder, if it is another\n"
	"one than usual. Run this as the user who runs ./start.\n"
	"\n"
	"What stays: the accounts \"Storm seller\" and \"Storm buyer 1\" and so on (storm.N@example.com;\n"
	"nobody can sign in as them, and the next storm uses them again), \"Storm Shop\", and the orders.\n"
	"\n"
	"It ends with 0 if everything adds up, with 1 if not or if it could not be staged, with 2 if it\n"
	"was asked for in a way it does not understand.\n";

static int
read_number(const char *name, const char *text, int min, int max)
{
	char *end;
	gint64 number = g_ascii_strtoll(text, &end, 10);

	if (!g_ascii_isdigit(*text) || *end != '\0' || number < min || number > max) {
		fprintf(stderr, "storm: --%s is a number from %s to %s, not \"%s\"\n", name,
			told_count(min), told_count(max), text);
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

	plan.wait_seconds = told_to_terminal() ? WAIT_ON_TERMINAL_SECONDS : 0;
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
announce(const struct place *place, const struct shop *shop, const struct plan *plan)
{
	g_autofree char *sale = g_strdup_printf(
		", the first %s at %d %% off", told_count(plan->discounts), plan->percent_off);

	told_line("Storm Shop opens: %s pairs at %s%s. Watch:", told_count(plan->pairs),
		told_money(PRICE_CENTS), plan->discounts > 0 ? sale : "");
	told_line("  %s/listing.html?id=%" G_GINT64_FORMAT, place_url(place), shop->listing_id);
	told_line("  %s/shop.html?id=%" G_GINT64_FORMAT, place_url(place), shop->shop_id);
}

/* Time for a person to open the page. */
static void
wait_for_watchers(int seconds)
{
	for (; seconds > 0; seconds--) {
		told_progress("the buyers come in %d s", seconds);
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
	struct place *place;
	struct person *people;
	struct crowd *crowd;
	struct shop shop;
	g_autofree char *audit = NULL;
	g_autoptr(GArray) sold = NULL;
	struct outcome outcome;
	double began_ms;
	bool good;

	signal(SIGPIPE, SIG_IGN);
	if (!secret_init())
		die("there is no randomness to be had");
	crowd_must_fit(plan.buyers);
	place = place_find();
	people = place_people(place, plan.buyers);
	shop = shop_open(place_port(place), &people[0], &plan);
	announce(place, &shop, &plan);
	wait_for_watchers(plan.wait_seconds);

	began_ms = now_ms();
	crowd = crowd_gather(place_port(place), people, plan.buyers);
	told_line("%s buyers are at the door and signed in (%.1f s). It opens.",
		told_count(plan.buyers), seconds_since(began_ms));
	began_ms = now_ms();
	crowd_buy(crowd, shop.listing_id);
	told_line("The sale is over (%.2f s): bought %s, sold out %s.", seconds_since(began_ms),
		told_count(crowd->bought), told_count(crowd->sold_out));

	sold = place_sold(place, shop.listing_id);
	outcome = (struct outcome){ &plan, &shop, crowd, sold,
		.after = shop_look(place_port(place), &people[0], &shop, &plan) };
	told_progress("the audit counts everything");
	outcome.audit_is_clean = place_audit(place, &audit);
	outcome.audit = audit;
	place_sign_out(place);
	good = told_outcome(&outcome);
	crowd_free(crowd);
	secret_wipe(people, ((gsize)plan.buyers + 1) * sizeof *people);
	g_free(people);
	place_close(place);
	return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
