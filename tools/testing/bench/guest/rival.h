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

/*
 * Two pairs of keepalived, each with vrrp_rt_priority: one whose backup is as
 * quick as can be, at priority 253, and one whose backup is as patient as can
 * be, at 100. And FRR's bfdd.
 */
enum keepalived {
	KEEPALIVED_QUICK, KEEPALIVED_PATIENT, KEEPALIVEDS
};

void rivals_start(const struct rivals *rivals);

/* Wait until all think that all is well. Without a load: under one some never do. */
void rivals_settle(const struct rivals *rivals);

/* Whether one of them thinks so now. */
bool rival_keepalived_calm(const struct rivals *rivals, enum keepalived which);
bool rival_bfdd_calm(const struct rivals *rivals);

/* Times that the observer's keepalived took the address: seen in the kernel. */
uint64_t rival_keepalived(enum keepalived which);

/*
 * Times that the observer's BFD session went down, as bfdd counts: also those
 * that its peer told it of.
 */
uint64_t rival_bfdd(const struct rivals *rivals);

/**
 * struct rival_ear - when rivals saw a death, CLOCK_MONOTONIC; 0: not yet
 * @keepalived: its kernel got the address
 * @bfdd: the first packet that says "down" left the observer
 *
 * Written by a child that no load keeps from running.
 */
struct rival_ear {
	volatile uint64_t keepalived[KEEPALIVEDS];
	volatile uint64_t bfdd;
	int pid;
};

/* Listen for what follows a death that comes now. */
struct rival_ear *rival_ear_open(const struct rivals *rivals);
void rival_ear_close(struct rival_ear *ear);

#endif /* BENCH_RIVAL_H */
