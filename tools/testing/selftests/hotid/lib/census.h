/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the kernel holds: objects of the slab allocator by who asked for them,
 * which the boot parameter slub_debug=U makes it remember, memory per CPU and
 * of vmalloc, and BPF maps and programs.
 */
#ifndef SELFTEST_CENSUS_H
#define SELFTEST_CENSUS_H

#include <stdbool.h>
#include <stddef.h>

#define CENSUS_MAX	8192

/**
 * struct holding - objects of one kind
 * @cache: slab cache
 * @caller: function that asked for them, without offset; an address when its
 *	module is gone
 */
struct holding {
	char cache[32];
	char caller[64];
	long count;
};

struct census {
	size_t n;
	struct holding holdings[CENSUS_MAX];
	long percpu_kb;
	long maps, programs;
	long orphans;		/* areas of vmalloc of a module that is gone */
};

void census_take(struct census *census);

/* Objects of one cache. */
long census_of(const struct census *census, const char *cache);

/*
 * What there are at least so many more of in the second census, or, of what
 * the kernel keeps none in store, any more; NULL after the last one. Starts at
 * *from, which goes on counting.
 */
const struct holding *census_grown(const struct census *before, const struct census *after,
				   long by, size_t *from);

/* Objects that a module asked for which is gone; NULL after the last one. */
const struct holding *census_orphan(const struct census *census, size_t *from);

#endif /* SELFTEST_CENSUS_H */
