// SPDX-License-Identifier: GPL-2.0
#include "soak.h"

#include <err.h>
#include <sched.h>
#include <sys/mman.h>

#include "run.h"

struct soak {
	volatile uint64_t turns;
};

static void turn(void *data)
{
	struct sched_param none = {};
	struct soak *soak = data;

	if (sched_setscheduler(0, SCHED_IDLE, &none))
		err(1, "SCHED_IDLE");
	for (;;)
		soak->turns++;
}

struct soak *soak_start(void)
{
	struct soak *soak = mmap(NULL, sizeof(*soak), PROT_READ | PROT_WRITE,
				 MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (soak == MAP_FAILED)
		err(1, "soak");
	run_child(-1, turn, soak);
	return soak;
}

uint64_t soak_turns(const struct soak *soak)
{
	return soak->turns;
}
