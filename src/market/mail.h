/*
 * Mails: what they tell (mail_text.h), and how they are sent: by SMTP, or as files in a folder.
 *
 * A mail is a row of the outbox. The worker sends it at least once, with the same Message-ID each
 * time. Its token, if it has a link with one, is made when it is sent, and only its digest is kept.
 */
#ifndef SHOETOPIA_MARKET_MAIL_H
#define SHOETOPIA_MARKET_MAIL_H

#include <stdbool.h>

/*
 * Reads the settings of the environment: SHOETOPIA_SMTP_URL and so on (see --help). Without
 * SHOETOPIA_SMTP_URL and SHOETOPIA_MAIL_FOLDER no mails are sent. False, with the reason logged,
 * if they are set halfway. Call it once, before the first request.
 */
bool mail_set_up(void);

/* Whether mails are sent. */
bool mail_is_on(void);

#endif
