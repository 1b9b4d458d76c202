/*
 * hello SOCKET THREADS: the least that a FastCGI program with libfcgi does. Its threads accept on a
 * socket and send a constant response. bench/hot.py compares with it.
 */
#include <fcgiapp.h>
#include <pthread.h>
#include <stdlib.h>

static void *
serve(void *arg)
{
	static const char answer[] =
		"Content-Type: application/json\r\nContent-Length: 15\r\n\r\n{\"status\":\"ok\"}";
	FCGX_Request request;
	char body[4096];

	FCGX_InitRequest(&request, *(int *)arg, 0);
	while (FCGX_Accept_r(&request) == 0) {
		while (FCGX_GetStr(body, (int)sizeof body, request.in) > 0)
			; /* libfcgi parses what is not read as the next request */
		FCGX_PutStr(answer, (int)sizeof answer - 1, request.out);
		FCGX_Finish_r(&request);
	}
	return NULL;
}

int
main(int argc, char **argv)
{
	pthread_t thread;
	int fd;

	if (argc != 3 || FCGX_Init() != 0 || (fd = FCGX_OpenSocket(argv[1], 4096)) < 0)
		return EXIT_FAILURE;
	for (int n = atoi(argv[2]); n > 1; n--)
		pthread_create(&thread, NULL, serve, &fd);
	serve(&fd);
	return EXIT_SUCCESS;
}
