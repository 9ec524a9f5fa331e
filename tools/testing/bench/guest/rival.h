/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Packaged detectors beside ours, at their best settings for 10 ms x 3, and
 * how often each was wrong, read from outside where that can be.
 */
#ifndef BENCH_RIVAL_H
#define BENCH_RIVAL_H

#include <stdbool.h>
#include <stdint.h>

/**
 * struct rivals - where they run
 * @active: namespace of those that are watched, @active_device in it
 * @observer: namespace of those that watch, @observer_device in it
 * @active_address, @observer_address: IPv4, of the devices
 */
struct rivals {
	int active, observer;
	const char *active_device, *observer_device;
	const char *active_address, *observer_address;
};

/* keepalived with and without vrrp_rt_priority, and FRR's bfdd. */
void rivals_start(const struct rivals *rivals);

/* Wait until all think that all is well. */
void rivals_settle(const struct rivals *rivals);

/* Times that the observer's keepalived took the address: seen in the kernel. */
uint64_t rival_keepalived(bool real_time);

/* Times that the observer's BFD session went down: as bfdd counts. */
uint64_t rival_bfdd(const struct rivals *rivals);

#endif /* BENCH_RIVAL_H */
