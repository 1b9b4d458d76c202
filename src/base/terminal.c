#include "base/terminal.h"

#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/secret.h"

bool
terminal_is_there(void)
{
	return isatty(STDIN_FILENO) == 1;
}

static bool
read_line(char *out, size_t size)
{
	size_t length;

	if (fgets(out, (int)size, stdin) == NULL)
		return false;
	length = strcspn(out, "\n");
	if (out[length] != '\n' || length == 0) {
		secret_wipe(out, size);
		return false;
	}
	out[length] = '\0';
	return true;
}

bool
terminal_ask_secret(const char *question, char *out, size_t size)
{
	struct termios shown;
	struct termios hidden;
	bool ok;

	if (!terminal_is_there() || tcgetattr(STDIN_FILENO, &shown) != 0)
		return read_line(out, size);
	hidden = shown;
	hidden.c_lflag &= ~(tcflag_t)ECHO;
	/* Before the question, since it drops what was typed: also a quick answer. */
	if (tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden) != 0)
		return false;
	fputs(question, stderr);
	fflush(stderr);
	ok = read_line(out, size);
	tcsetattr(STDIN_FILENO, TCSADRAIN, &shown);
	fputc('\n', stderr);
	return ok;
}
