// SPDX-License-Identifier: GPL-2.0
#include "load.h"

#include <err.h>
#include <fcntl.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "flood.h"
#include "lib/clock.h"
#include "run.h"

#define FAIR_HOGS	16
#define FIFO_PRIORITY	60	/* above keepalived's 50, below the loop's 90 */
#define SPARE_KIB	24576	/* memory that pressure leaves, in page cache */

static pid_t children[FAIR_HOGS];
static int n_children;

static void children_end(void)
{
	while (n_children)
		run_end(children[--n_children]);
}

static void nothing_begin(const struct load_place *places, size_t n_places)
{
}

static void nothing_end(const struct load_place *places, size_t n_places, double seconds,
			char *fact)
{
}

static void hog(void *data)
{
	for (;;)
		__asm__ volatile ("" ::: "memory");
}

static void fifo_hog(void *data)
{
	struct sched_param priority = { .sched_priority = FIFO_PRIORITY };

	if (sched_setscheduler(0, SCHED_FIFO, &priority))
		err(1, "SCHED_FIFO");
	hog(NULL);
}

static void fair_begin(const struct load_place *places, size_t n_places)
{
	while (n_children < FAIR_HOGS)
		children[n_children++] = run_child(-1, hog, NULL);
}

static void fifo_begin(const struct load_place *places, size_t n_places)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);

	while (n_children < cpus && n_children < FAIR_HOGS)
		children[n_children++] = run_child(-1, fifo_hog, NULL);
}

static void hogs_end(const struct load_place *places, size_t n_places, double seconds, char *fact)
{
	snprintf(fact, LOAD_FACT, "hogs=%d", n_children);
	children_end();
}

/* A number of /proc/meminfo or /proc/vmstat. */
static unsigned long proc_number(const char *path, const char *name)
{
	FILE *file = fopen(path, "r");
	size_t length = strlen(name);
	unsigned long number = 0;
	char line[256];
	bool found = false;

	if (!file)
		err(1, "%s", path);
	while (!found && fgets(line, sizeof(line), file)) {
		found = !strncmp(line, name, length) &&
			(line[length] == ' ' || line[length] == ':');
		number = strtoul(line + length + 1, NULL, 10);
	}
	fclose(file);
	if (!found)
		errx(1, "%s has no %s", path, name);
	return number;
}

/* Stalls of allocations that had to reclaim memory themselves, in any zone. */
static unsigned long direct_reclaims(void)
{
	return proc_number("/proc/vmstat", "allocstall_dma32") +
	       proc_number("/proc/vmstat", "allocstall_normal") +
	       proc_number("/proc/vmstat", "allocstall_movable");
}

static unsigned long reclaims_before, stolen_before;

/*
 * Takes all memory but a little, then reads the disk through the page cache
 * and touches fresh memory by turns: each page has to be reclaimed first.
 */
static void squeeze(void *data)
{
	static char block[1 << 20];
	int disk = open("/dev/vda", O_RDONLY | O_CLOEXEC);
	const size_t gulp = 8 << 20;
	char *fresh;

	if (disk < 0)
		err(1, "/dev/vda");
	file_write("/proc/self/oom_score_adj", "1000\n");
	while (proc_number("/proc/meminfo", "MemAvailable") > SPARE_KIB) {
		char *taken = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE,
				   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		if (taken == MAP_FAILED)
			err(1, "memory");
		memset(taken, 1, 1 << 20);
	}
	for (;;) {
		fresh = mmap(NULL, gulp, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			     -1, 0);
		if (fresh != MAP_FAILED) {
			memset(fresh, 1, gulp);
			munmap(fresh, gulp);
		}
		for (int i = 0; i < 16; i++)
			if (read(disk, block, sizeof(block)) <= 0)
				lseek(disk, 0, SEEK_SET);
	}
}

static void memory_begin(const struct load_place *places, size_t n_places)
{
	children[n_children++] = run_child(-1, squeeze, NULL);
	if (!WAIT_FOR(proc_number("/proc/meminfo", "MemAvailable") < 2 * SPARE_KIB, 60 * SECOND))
		errx(1, "memory does not get scarce");
	reclaims_before = direct_reclaims();
	stolen_before = proc_number("/proc/vmstat", "pgsteal_direct") +
			proc_number("/proc/vmstat", "pgsteal_kswapd");
}

static void memory_end(const struct load_place *places, size_t n_places, double seconds,
		       char *fact)
{
	snprintf(fact, LOAD_FACT, "direct-reclaims/s=%.1f pages-reclaimed/s=%.0f",
		 (direct_reclaims() - reclaims_before) / seconds,
		 (proc_number("/proc/vmstat", "pgsteal_direct") +
		  proc_number("/proc/vmstat", "pgsteal_kswapd") - stolen_before) / seconds);
	children_end();
}

static uint64_t sent_before;

static void flood_place(const struct load_place *place, bool others)
{
	struct flood flood = { .ns = place->from, .device = place->device, .to = place->to,
			       .forged = place->node };

	memcpy(flood.mac, place->mac, sizeof(flood.mac));
	if (others)
		memcpy(flood.ports, place->ports, sizeof(flood.ports));
	children[n_children++] = flood_start(&flood);
	sent_before = flood_sent();
}

static void junk_begin(const struct load_place *places, size_t n_places)
{
	flood_place(places, false);
}

static void junk_everywhere_begin(const struct load_place *places, size_t n_places)
{
	flood_place(places, true);
}

static void junk_end(const struct load_place *places, size_t n_places, double seconds, char *fact)
{
	snprintf(fact, LOAD_FACT, "kpps=%.1f", (flood_sent() - sent_before) / seconds / 1000);
	children_end();
}

static void netem(const struct load_place *places, size_t n_places, const char *loss)
{
	for (; n_places; n_places--, places++)
		run_must(places->from, (const char *const[]){
			"tc", "qdisc", loss ? "replace" : "del", "dev", places->device, "root",
			loss ? "netem" : NULL, "limit", "100000", "loss", loss, NULL });
}

static void loss1_begin(const struct load_place *places, size_t n_places)
{
	netem(places, n_places, "1%");
}

static void loss10_begin(const struct load_place *places, size_t n_places)
{
	netem(places, n_places, "10%");
}

static void loss_end(const struct load_place *places, size_t n_places, double seconds, char *fact)
{
	netem(places, n_places, NULL);
}

static const struct load loads[] = {
	{ "idle", nothing_begin, nothing_end },
	{ "paused", nothing_begin, nothing_end },	/* the host does it */
	{ "fair-hogs", fair_begin, hogs_end },
	{ "fifo-hog", fifo_begin, hogs_end },
	{ "memory", memory_begin, memory_end },
	{ "junk", junk_begin, junk_end },		/* on our port */
	{ "junk-everywhere", junk_everywhere_begin, junk_end },
	{ "loss-1", loss1_begin, loss_end },
	{ "loss-10", loss10_begin, loss_end },
};

const struct load *load_find(const char *name)
{
	const struct load *load;

	for (load = loads; load < loads + sizeof(loads) / sizeof(loads[0]); load++)
		if (!strcmp(load->name, name))
			return load;
	return NULL;
}
