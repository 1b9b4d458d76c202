/* What the sandbox does on its own when the time has come: sessions expire, refunds end. */
#ifndef SHOETOPIA_SANDBOX_DUE_H
#define SHOETOPIA_SANDBOX_DUE_H

#include "sandbox/sandbox.h"

/* Does all that is due. Call it at the beginning of each transaction. */
void due_run(struct sandbox *sandbox);

#endif
