/*
 * Any bytes as a FastCGI connection, read by libfcgi as the program has it read: the process must
 * not abort, and what is accepted does not depend on how the bytes are cut.
 */
#include "fuzz.h"

#include <fcgiapp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "http/fcgi_record.h"

enum { REQUESTS_MAX = 8 }; /* of one connection */

static void
check_cuts(const uint8_t *data, size_t size)
{
	struct fcgi_check whole = { 0 };
	struct fcgi_check cut = { 0 };
	bool fine = fcgi_check_bytes(&whole, data, size);
	bool fine_cut = true;

	for (size_t i = 0; i < size; i++)
		fine_cut = fcgi_check_bytes(&cut, data + i, 1);
	MUST(fine == fine_cut, "%zu bytes", size);
}

/* Reads one request with its body; false at the end of the connection. */
static bool
read_request(FCGX_Request *request)
{
	char buffer[512];

	fcgi_check_reads();
	FCGX_Detach(request);
	if (FCGX_Accept_r(request) != 0)
		return false;
	for (char **p = request->envp; *p != NULL; p++)
		MUST(strlen(*p) <= FCGI_PAIRS_MAX + 1, "%s", *p);
	while (FCGX_GetStr(buffer, sizeof buffer, request->in) > 0)
		;
	FCGX_PutS("Status: 200 OK\r\n\r\n", request->out);
	FCGX_Finish_r(request);
	return request->ipcFd >= 0;
}

static void
serve_bytes(const uint8_t *data, size_t size)
{
	FCGX_Request request;
	int fds[2];

	MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, fds) == 0, "socketpair");
	MUST(write(fds[1], data, size) == (ssize_t)size, "%zu bytes", size);
	shutdown(fds[1], SHUT_WR);
	FCGX_InitRequest(&request, -1, 0);
	request.ipcFd = fds[0];
	request.keepConnection = 1;
	for (int i = 0; i < REQUESTS_MAX && read_request(&request); i++)
		;
	FCGX_Free(&request, 1);
	close(fds[1]);
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	return FCGX_Init();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size > 16384)
		return 0;
	check_cuts(data, size);
	serve_bytes(data, size);
	return 0;
}
