/*
 * Hashes and checks passwords, with a limit on how many run at a time.
 *
 * One hash takes 19 MiB and some tens of milliseconds of a core, so at most as many run as there
 * are cores, over all processes of this user on the machine (plain CGI too). Other calls wait up to
 * 5 seconds, at most 256 of them in a process; beyond either limit a call returns ERR_BUSY.
 *
 * The limiter is a semaphore file with one lock byte for each core. The kernel releases the lock of
 * a process that dies.
 *
 * A server has requests answered by the threads of password_queue(), so that none holds a thread
 * that serves requests while it waits for a hash.
 */
#ifndef SHOETOPIA_BASE_PASSWORD_H
#define SHOETOPIA_BASE_PASSWORD_H

#include "base/err.h"
#include "base/work_queue.h"

/*
 * Hashes a password in Unicode's normal form C; free `*hash` with g_free(). ERR_BUSY: see above, or
 * not enough memory.
 */
enum err password_hash(const char *password, char **hash);

/*
 * ERR_NONE if `password` has this hash, ERR_WRONG_PASSWORD if not; ERR_BUSY as above. It does not
 * matter in which normal form either was typed; a password with letters that have more than one
 * takes up to three times as long. A NULL hash,
 * for an account that does not exist, never matches and takes the same time, so that the duration
 * does not reveal whether there is such an account.
 */
enum err password_check(const char *hash_or_null, const char *password);

/*
 * Waits for a turn of this thread: until password_turn_end() the functions above do not wait, and
 * what it does is done by at most as many threads of the machine as there are cores. ERR_BUSY as
 * above.
 */
enum err password_turn_begin(void);
void password_turn_end(void);

/*
 * The queue of this process for jobs that hash: as many threads as there are cores, at nice 5; 128
 * jobs wait. Free it when no request is in progress any more.
 */
struct work_queue *password_queue(void);
void password_queue_free(void);

#endif
