/* SPDX-License-Identifier: Apache-2.0 */
/* The one process-wide flag: written by the command's signal handler only. */
#include "base/base.h"

#include <signal.h>

static volatile sig_atomic_t interrupted;

bool weft_interrupted(void) { return interrupted != 0; }
void weft_set_interrupted(void) { interrupted = 1; }
