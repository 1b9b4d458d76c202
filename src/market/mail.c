#include "market/mail.h"

#include <stdlib.h>
#include <string.h>

#include "market/outbox_worker.h"

/* Texts live as long as the process; NULL: not given. */
static struct {
	const char *smtp_url;
	const char *folder;
} settings;

/* NULL: not set, or empty. */
static const char *
setting(const char *name)
{
	const char *text = getenv(name);

	return text == NULL || *text == '\0' ? NULL : text;
}

/* Derives the mails of new orders. A step of the worker. */
static void
derive_mails(void)
{
	struct db_result row = { 0 };

	db_call(outbox_db(), SQL_mail_orders, NULL, 0, &row);
	db_result_clear(&row);
}

bool
mail_set_up(void)
{
	settings.smtp_url = setting("SHOETOPIA_SMTP_URL");
	settings.folder = setting("SHOETOPIA_MAIL_FOLDER");
	if (mail_is_on())
		outbox_add_step(derive_mails);
	return true;
}

bool
mail_is_on(void)
{
	return settings.smtp_url != NULL || settings.folder != NULL;
}
