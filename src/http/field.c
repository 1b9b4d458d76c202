/*
 * Each check takes text (for an integer, the number), so that JSON, forms and queries get the same
 * verdicts and sentences.
 */
#include "http/field.h"

#include <math.h>
#include <pthread.h>
#include <string.h>

#include "base/common_password.h"
#include "base/json.h"
#include "base/text.h"
#include "base/unicode.h"
#include "http/money.h"

enum {
	ELEMENTS_MAX = 100 /* of a list that sets no limit of its own */
};

const char *
field_sentence(const char *format, ...)
{
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	static GHashTable *kept; /* of a bounded number of sentences: as many as the tables give */
	const char *known;
	va_list args;
	char *text;

	va_start(args, format);
	text = g_strdup_vprintf(format, args);
	va_end(args);
	pthread_mutex_lock(&lock);
	if (kept == NULL)
		kept = g_hash_table_new(g_str_hash, g_str_equal);
	known = g_hash_table_lookup(kept, text);
	if (known == NULL)
		g_hash_table_insert(kept, text, text);
	pthread_mutex_unlock(&lock);
	if (known == NULL)
		return text;
	g_free(text);
	return known;
}

static void
value_set(struct value *out, const char *text, bool quoted)
{
	out->text = g_strdup(text);
	out->json = quoted ? json_quote(text) : out->text;
}

void
value_clear(struct value *value)
{
	if (value->json != value->text)
		g_free(value->json);
	g_free(value->text);
	*value = (struct value){ 0 };
}

unsigned
field_at_most(const struct field *field)
{
	return field->at_most > 0 ? field->at_most : ELEMENTS_MAX;
}

const struct field *
field_find(const struct field *fields, const char *name)
{
	for (const struct field *f = fields; f != NULL && f->kind != FIELD_END; f++)
		if (strcmp(f->name, name) == 0)
			return f;
	return NULL;
}

/* Unicode's white space, and Braille without a dot, which looks the same. */
static bool
is_blank(gunichar c)
{
	return g_unichar_isspace(c) || c == 0x2800;
}

/* A copy without blanks at both ends. Free with g_free(). */
static char *
trim(const char *text)
{
	const char *end = text + strlen(text);

	while (*text != '\0' && is_blank(g_utf8_get_char(text)))
		text = g_utf8_next_char(text);
	while (end > text) {
		const char *before = g_utf8_find_prev_char(text, end);

		if (before == NULL || !is_blank(g_utf8_get_char(before)))
			break;
		end = before;
	}
	return g_strndup(text, (size_t)(end - text));
}

/* Whether any character of it can be seen; U+200B alone is no comment. */
static bool
is_visible(const char *text)
{
	for (; *text != '\0'; text = g_utf8_next_char(text)) {
		gunichar c = g_utf8_get_char(text);

		if (g_unichar_isgraph(c) && !g_unichar_iszerowidth(c) && !is_blank(c) &&
			!unicode_is_invisible(c))
			return true;
	}
	return false;
}

/* Whether it has a control character that is not one of the ASCII characters in `allowed`. */
static bool
has_control(const char *text, const char *allowed)
{
	for (; *text != '\0'; text = g_utf8_next_char(text)) {
		gunichar c = g_utf8_get_char(text);

		if (g_unichar_iscntrl(c) && !(c < 0x80 && strchr(allowed, (int)c) != NULL))
			return true;
	}
	return false;
}

/* Makes each CRLF, as browsers send it, and each lone CR one LF. */
static void
join_newlines(char *text)
{
	char *to = text;

	for (const char *p = text; *p != '\0'; p++) {
		if (p[0] == '\r' && p[1] == '\n')
			p++;
		*to++ = *p == '\r' ? '\n' : *p;
	}
	*to = '\0';
}

static const char *const has_invisible =
	"It holds a character that cannot be seen. Please type it instead of pasting it.";

static const char *
check_text(const struct field *field, const char *text, struct value *out)
{
	g_autofree char *clean = trim(text);
	glong length;

	if (field->kind == FIELD_LINES)
		join_newlines(clean);
	length = g_utf8_strlen(clean, -1);
	if (has_control(clean, field->kind == FIELD_LINES ? "\n\t" : ""))
		return "It holds a control character.";
	if (field->kind == FIELD_TEXT && unicode_has_invisible(clean))
		return has_invisible;
	if (length > field->max)
		return field_sentence("At most %d characters.", (int)field->max);
	if (field->min > 0 && !is_visible(clean))
		return "Please fill this in.";
	if (length < field->min)
		return field_sentence("At least %d characters.", (int)field->min);
	value_set(out, clean, true);
	return NULL;
}

/* Counted and compared in the normal form C, as it is hashed; the value is what was typed. */
static const char *
check_password(const struct field *field, const char *text, struct value *out)
{
	g_autofree char *composed = unicode_compose(text);
	glong length = g_utf8_strlen(composed, -1);

	if (has_control(composed, ""))
		return "It holds a control character.";
	if (length > field->max)
		return field_sentence("At most %d characters.", (int)field->max);
	if (length == 0)
		return "Please fill this in.";
	if (length < field->min)
		return field_sentence("At least %d characters.", (int)field->min);
	if (field->new_password && password_is_common(composed))
		return "This is one of the most common passwords. Please choose another one.";
	value_set(out, text, true);
	return NULL;
}

/* Whether it has the form of an address. Only a message sent there could tell whether it is one. */
static const char *
check_email(const char *text, struct value *out)
{
	static const char *const wrong = "Please give an e-mail address, such as name@example.com.";
	g_autofree char *clean = trim(text);
	const char *at = strrchr(clean, '@');

	if (*clean == '\0')
		return "Please fill this in.";
	if (unicode_has_invisible(clean))
		return has_invisible;
	if (strlen(clean) > 254)
		return "At most 254 bytes.";
	if (at == NULL || at == clean || at[1] == '\0' || at - clean > 64 ||
		memchr(clean, '@', (size_t)(at - clean)) != NULL)
		return wrong;
	if (at[1] == '.' || at[1] == '-' || clean[strlen(clean) - 1] == '.' ||
		strstr(at, "..") != NULL || clean[0] == '.')
		return wrong;
	for (const char *p = clean; *p != '\0'; p = g_utf8_next_char(p)) {
		gunichar c = g_utf8_get_char(p);

		if (!g_unichar_isgraph(c) || (c < 0x80 && strchr("<>()[],;:\\\"", (int)c) != NULL))
			return wrong;
	}
	value_set(out, clean, true);
	return NULL;
}

static const char *
check_choice(const struct field *field, const char *text, struct value *out)
{
	for (const char *const *choice = field->choices; *choice != NULL; choice++)
		if (strcmp(*choice, text) == 0) {
			value_set(out, text, true);
			return NULL;
		}
	{
		g_autofree char *all = g_strjoinv(", ", (char **)(uintptr_t)field->choices);

		return field_sentence("One of: %s.", all);
	}
}

static const char *
range_sentence(const struct field *field)
{
	return field_sentence("A whole number from %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT "%s.",
		field->min, field->max, field->not_zero ? ", but not 0" : "");
}

static const char *
set_integer(const struct field *field, int64_t number, struct value *out)
{
	char digits[INTEGER_SIZE];

	if (number < field->min || number > field->max || (field->not_zero && number == 0))
		return range_sentence(field);
	value_set(out, text_of_integer(number, digits), false);
	return NULL;
}

static const char *
check_integer(const struct field *field, const char *text, struct value *out)
{
	gint64 number;
	const char *digits = text[0] == '-' ? text + 1 : text;

	if (!g_ascii_isdigit(digits[0]) ||
		!g_ascii_string_to_signed(text, 10, field->min, field->max, &number, NULL))
		return range_sentence(field);
	return set_integer(field, number, out);
}

const char *
field_check_dollars(const struct field *field, const char *text, struct value *out)
{
	int64_t cents;

	if (!money_parse(text, &cents) || set_integer(field, cents, out) != NULL) {
		g_autofree char *least = money_text(field->min);
		g_autofree char *most = money_text(field->max);

		return field_sentence("An amount from $%s to $%s, such as 19.99.", least, most);
	}
	return NULL;
}

static const char *
half_steps_sentence(const struct field *field)
{
	return field_sentence(
		"A number from %d to %d in steps of 0.5.", (int)field->min, (int)field->max);
}

static const char *
check_half_steps(const struct field *field, const char *text, struct value *out)
{
	size_t length = strlen(text);
	double number;
	char plain[G_ASCII_DTOSTR_BUF_SIZE];

	if (length == 0 || length > 8 || strspn(text, "0123456789.") != length ||
		!g_ascii_isdigit(text[0]) || text[length - 1] == '.' ||
		strchr(text, '.') != strrchr(text, '.'))
		return half_steps_sentence(field);
	number = g_ascii_strtod(text, NULL);
	if (number < (double)field->min || number > (double)field->max ||
		number * 2 != (double)(int)(number * 2))
		return half_steps_sentence(field);
	value_set(out, g_ascii_formatd(plain, sizeof plain, "%g", number), false);
	return NULL;
}

static const char *
check_bool(const char *text, struct value *out)
{
	if (strcmp(text, "true") == 0 || strcmp(text, "1") == 0)
		value_set(out, "true", false);
	else if (strcmp(text, "false") == 0 || strcmp(text, "0") == 0)
		value_set(out, "false", false);
	else
		return "true or false.";
	return NULL;
}

static const char bad_time[] = "A time such as 2026-12-24T18:00:00Z.";

/* "2026-12-24T18:00": the least that a time has. */
enum { MINUTES_LENGTH = 16 };

static bool
time_has_zone(const char *text)
{
	return strlen(text) > MINUTES_LENGTH && strpbrk(text + MINUTES_LENGTH, "Zz+-") != NULL;
}

/*
 * RFC 3339. Without a zone, and without seconds where they are 0, as an input of type
 * datetime-local gives it, it is UTC.
 */
static const char *
check_time(const char *text, struct value *out)
{
	size_t length = strlen(text);
	g_autofree char *full = NULL;
	g_autoptr(GDateTime) given = NULL;
	g_autoptr(GDateTime) utc = NULL;
	g_autofree char *plain = NULL;

	if (length < MINUTES_LENGTH || length > 40 || text[4] != '-' || text[7] != '-' ||
		strchr("Tt ", text[10]) == NULL || text[13] != ':')
		return bad_time;
	full = g_strconcat(
		text, length == MINUTES_LENGTH ? ":00" : "", time_has_zone(text) ? "" : "Z", NULL);
	full[10] = 'T';
	g_strdelimit(full, "z", 'Z');
	given = g_date_time_new_from_iso8601(full, NULL);
	if (given == NULL)
		return bad_time;
	utc = g_date_time_to_utc(given);
	if (utc == NULL || g_date_time_get_year(utc) < 2000 || g_date_time_get_year(utc) > 9000)
		return bad_time;
	plain = g_date_time_format(utc, "%Y-%m-%dT%H:%M:%S.%fZ");
	value_set(out, plain, true);
	return NULL;
}

/* The codes that ISO 3166 has assigned to countries. */
static const char countries[] =
	"AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN "
	"BO BQ BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ "
	"DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL "
	"GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM "
	"JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME "
	"MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP "
	"NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD "
	"SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO "
	"TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW ";

static const char *
check_country(const char *text, struct value *out)
{
	g_autofree char *clean = trim(text);
	g_autofree char *upper = g_ascii_strup(clean, -1);

	if (strlen(upper) != 2 || !g_ascii_isupper(upper[0]) || !g_ascii_isupper(upper[1]) ||
		strstr(countries, upper) == NULL)
		return "The two letters of a country, such as US or DE.";
	value_set(out, upper, true);
	return NULL;
}

const char *
field_check(const struct field *field, const char *text, struct value *out)
{
	switch (field->kind) {
	case FIELD_TEXT:
	case FIELD_LINES:
		return check_text(field, text, out);
	case FIELD_PASSWORD:
		return check_password(field, text, out);
	case FIELD_EMAIL:
		return check_email(text, out);
	case FIELD_CHOICE:
		return check_choice(field, text, out);
	case FIELD_INTEGER:
	case FIELD_MONEY:
		return check_integer(field, text, out);
	case FIELD_HALF_STEPS:
		return check_half_steps(field, text, out);
	case FIELD_BOOL:
		return check_bool(text, out);
	case FIELD_TIME:
		return check_time(text, out);
	case FIELD_COUNTRY:
		return check_country(text, out);
	default:
		return "This cannot be given here.";
	}
}

const char *
field_check_json(const struct field *field, const struct json *value, struct value *out)
{
	enum json_kind kind = json_kind(value);
	g_autofree char *plain = NULL;
	int64_t number;

	switch (field->kind) {
	case FIELD_INTEGER:
	case FIELD_MONEY:
		return json_int64(value, &number) ? set_integer(field, number, out)
						  : range_sentence(field);
	case FIELD_HALF_STEPS:
		/* compared as a number: as text, 9.500000000000001 would be rounded to 9.5 */
		if (kind != JSON_KIND_NUMBER ||
			json_number(value) * 2 != trunc(json_number(value) * 2))
			return half_steps_sentence(field);
		break;
	case FIELD_BOOL:
		if (kind != JSON_KIND_BOOL)
			return "true or false.";
		break;
	default:
		if (kind != JSON_KIND_TEXT)
			return "This must be a text.";
		break;
	}
	plain = json_plain(value);
	/* programs give the zone with the seconds; only an input of a page has none */
	if (field->kind == FIELD_TIME && strlen(plain) > MINUTES_LENGTH && !time_has_zone(plain))
		return bad_time;
	return field_check(field, plain, out);
}
