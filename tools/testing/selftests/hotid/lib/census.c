// SPDX-License-Identifier: GPL-2.0
#include "census.h"

#include <bpf/bpf.h>
#include <ctype.h>
#include <dirent.h>
#include <err.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SLABS	"/sys/kernel/debug/slab"

/* Those that the driver has the allocator watch. */
static const char *const prefixes[] = {
	"kmalloc-", "net_namespace", "UDP", "sock_inode_cache", "skbuff_", "arp_cache",
	"ndisc_cache", "ip_dst_cache", "ip6_dst_cache",
};

static bool wanted(const char *cache)
{
	size_t i;

	for (i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
		if (!strncmp(cache, prefixes[i], strlen(prefixes[i])))
			return true;
	return false;
}

/* What a census itself, and receiving packets, keep in store. */
static bool noise(const char *caller)
{
	return !strcmp(caller, "debugfs_file_get") || !strcmp(caller, "napi_skb_cache_get");
}

static struct holding *holding_of(struct census *census, const char *cache, const char *caller)
{
	struct holding *holding;
	size_t i;

	for (i = 0; i < census->n; i++) {
		holding = &census->holdings[i];
		if (!strcmp(holding->cache, cache) && !strcmp(holding->caller, caller))
			return holding;
	}
	if (census->n == CENSUS_MAX)
		errx(1, "more callers than this census can hold");
	holding = &census->holdings[census->n++];
	snprintf(holding->cache, sizeof(holding->cache), "%s", cache);
	snprintf(holding->caller, sizeof(holding->caller), "%s", caller);
	holding->count = 0;
	return holding;
}

/*
 * Sockets and namespaces are gone with whoever had them. Of other memory the
 * kernel keeps some for later, so there is always a little more or less of it.
 */
static bool is_exact(const char *cache)
{
	static const char *const exact[] = { "net_namespace", "UDP", "UDPv6", "sock_inode_cache" };
	size_t i;

	for (i = 0; i < sizeof(exact) / sizeof(exact[0]); i++)
		if (!strcmp(cache, exact[i]))
			return true;
	return false;
}

/* An address, where a function should be. */
static bool nobody(const char *caller)
{
	return !strncmp(caller, "0x", 2);
}

/*
 * Lines begin with a count and a caller; stack traces below them do not. The
 * initialiser of a module is gone once it ran, with what it asked for in use.
 */
static void count_cache(struct census *census, const char *cache)
{
	char path[128], line[512], caller[64];
	struct holding *holding = NULL;
	long count, asked = 0;
	FILE *file;

	snprintf(path, sizeof(path), SLABS "/%s/alloc_traces", cache);
	file = fopen(path, "r");
	if (!file)
		err(1, "%s; boot with slub_debug=U", path);
	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%ld %63[^+ \n]", &count, caller) == 2 && count) {
			holding = noise(caller) ? NULL : holding_of(census, cache, caller);
			asked = count;
			if (holding)
				holding->count += asked;
		} else if (holding && nobody(holding->caller) && strstr(line, "do_init_module")) {
			holding->count -= asked;
			holding = NULL;
		}
	}
	fclose(file);
}

static void count_slabs(struct census *census)
{
	DIR *directory = opendir(SLABS);
	struct dirent *entry;

	if (!directory)
		err(1, SLABS "; boot with slub_debug=U");
	while ((entry = readdir(directory)))
		if (wanted(entry->d_name))
			count_cache(census, entry->d_name);
	closedir(directory);
	if (census->n < 100)
		errx(1, "the slab allocator tells of hardly anything; boot with slub_debug=U");
}

static long meminfo_kb(const char *field)
{
	FILE *file = fopen("/proc/meminfo", "r");
	char line[128];
	long kb = -1;

	while (file && kb < 0 && fgets(line, sizeof(line), file))
		if (!strncmp(line, field, strlen(field)))
			kb = atol(line + strlen(field));
	if (!file || kb < 0)
		errx(1, "/proc/meminfo has no %s", field);
	fclose(file);
	return kb;
}

static long count_ids(int (*next)(uint32_t from, uint32_t *id))
{
	uint32_t id = 0;
	long count = 0;

	while (!next(id, &id))
		count++;
	return count;
}

static long count_orphans(void)
{
	FILE *file = fopen("/proc/vmallocinfo", "r");
	char line[512], caller[128];
	long count = 0;

	if (!file)
		err(1, "/proc/vmallocinfo");
	while (fgets(line, sizeof(line), file))
		if (sscanf(line, "%*s %*s %127s", caller) == 1 && nobody(caller) &&
		    strstr(line, "pages="))
			count++;
	fclose(file);
	return count;
}

void census_take(struct census *census)
{
	census->n = 0;
	count_slabs(census);
	census->percpu_kb = meminfo_kb("Percpu:");
	census->maps = count_ids(bpf_map_get_next_id);
	census->programs = count_ids(bpf_prog_get_next_id);
	census->orphans = count_orphans();
}

long census_of(const struct census *census, const char *cache)
{
	long count = 0;
	size_t i;

	for (i = 0; i < census->n; i++)
		if (!strcmp(census->holdings[i].cache, cache))
			count += census->holdings[i].count;
	return count;
}

static long count_in(const struct census *census, const struct holding *like)
{
	size_t i;

	for (i = 0; i < census->n; i++)
		if (!strcmp(census->holdings[i].cache, like->cache) &&
		    !strcmp(census->holdings[i].caller, like->caller))
			return census->holdings[i].count;
	return 0;
}

/*
 * What the kernel keeps for itself: one for each file of debugfs that was opened,
 * of which a census opens many; and free packets for two CPUs, 64 at most each,
 * which newer kernels take from the allocator in bulk.
 */
static long kernels_own(const char *caller)
{
	if (!strcmp(caller, "__debugfs_file_get"))
		return LONG_MAX;
	return strncmp(caller, "kmem_cache_alloc_bulk", 21) ? 0 : 2 * 64;
}

const struct holding *census_grown(const struct census *before, const struct census *after,
				   long by, size_t *from)
{
	while (*from < after->n) {
		const struct holding *holding = &after->holdings[(*from)++];
		long more = holding->count - count_in(before, holding);

		if (more >= (is_exact(holding->cache) ? 1 : by) &&
		    more > kernels_own(holding->caller))
			return holding;
	}
	return NULL;
}

const struct holding *census_orphan(const struct census *census, size_t *from)
{
	while (*from < census->n) {
		const struct holding *holding = &census->holdings[(*from)++];

		if (holding->count && nobody(holding->caller))
			return holding;
	}
	return NULL;
}
