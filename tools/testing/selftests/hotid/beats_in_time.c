// SPDX-License-Identifier: GPL-2.0
/*
 * A node's beats come in time, at every interval, and while no other task runs.
 * Runs in virtual time, where the time between them is exact. The fixture is drawn
 * in lib/beats_fixture.h.
 */
#include <sched.h>
#include <stdlib.h>

#include "lib/beats_fixture.h"
#include "lib/hog.h"

/* How far the time between beats is from the interval: over all, and over 99 %. */
struct jitter {
	uint64_t worst;
	uint64_t usual;
};

static int ascending(const void *a, const void *b)
{
	uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;

	return (left > right) - (left < right);
}

static struct jitter jitter_of(THIS, int capture, uint64_t interval_ns, int spans)
{
	uint64_t last = 0, first_seq = 0, off[500];
	struct datagram datagram;
	struct frame frame;
	int i;

	ASSERT_LE(spans, (int)ARRAY_SIZE(off)) {
		return (struct jitter){ 0 };
	}
	for (i = 0; i <= spans; i++) {
		struct packet packet = next_packet(_metadata, capture, &frame, &datagram,
						   interval_ns + SECOND);

		if (i) {
			uint64_t span = frame.ns - last;

			EXPECT_EQ(first_seq + i, packet.seq);
			off[i - 1] = span > interval_ns ? span - interval_ns : interval_ns - span;
		} else {
			first_seq = packet.seq;
		}
		last = frame.ns;
	}
	qsort(off, spans, sizeof(off[0]), ascending);
	return (struct jitter){ .worst = off[spans - 1], .usual = off[spans * 99 / 100 - 1] };
}

TEST_F(beats, intervals)
{
	static const uint32_t intervals[] = { 1000, 3000, 10000, 250000, 10000000 };
	struct hotid_node wanted = {};
	uint64_t before = 10000;
	size_t i;

	tell_observer(&self->sender, OBSERVER);
	for (i = 0; i < ARRAY_SIZE(intervals); i++) {
		struct jitter jitter;

		wanted.interval_us = intervals[i];
		MUST(self->sender.h, hotid_node_set(self->sender.h, &wanted, HOTID_SET_INTERVAL));
		/* A longer one is announced at the old pace first. */
		if (intervals[i] > before)
			sleep_ns((HOTID_MULTIPLIER_MAX + 3) * before * US);
		before = intervals[i];
		flush(self->captures[0]);
		/* The change is told at once, which is a beat out of its time. */
		jitter = jitter_of(_metadata, self->captures[0], intervals[i] * US,
				   intervals[i] < 10000 ? 500 : 4);
		/*
		 * The guest's disk answers in the host's time, also here: its
		 * interrupt may hold up a beat of hundreds.
		 */
		EXPECT_LT(jitter.usual, virtual_time() ? 100 * US : 300 * MS);
		EXPECT_LT(jitter.worst, virtual_time() ? 300 * US : 300 * MS) {
			TH_LOG("at %u us: up to %llu us off", intervals[i], jitter.worst / US);
		}
	}
}

static void hog(int cpu, uint64_t for_ns)
{
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	if (sched_setaffinity(0, sizeof(one), &one))
		err(1, "hog");
	hog_begin();
	hog_spin(for_ns);
}

/* No task that is not real-time runs meanwhile; beats do. */
TEST_F(beats, while_every_cpu_is_starved)
{
	uint64_t before, first = 0, last = 0, worst = 0;
	int cpu, cpus = sysconf(_SC_NPROCESSORS_ONLN), beats = 0;
	struct datagram datagram;
	struct frame frame;

	hog_allow(self->pair.sender, true);
	tell_observer(&self->sender, OBSERVER);
	next_packet(_metadata, self->captures[0], &frame, &datagram, SECOND);
	flush(self->captures[0]);
	before = node_read(&self->sender).beats_sent;
	for (cpu = 1; cpu <= cpus; cpu++)
		if (!fork())
			hog(cpu - 1, SECOND);
	while (wait(NULL) > 0)
		;
	EXPECT_GE(node_read(&self->sender).beats_sent - before, virtual_time() ? 100 : 50);
	while (beats < 100 && capture_datagram(self->captures[0], HOTID_DEFAULT_PORT, &frame,
					       &datagram, 1)) {
		if (!beats++)
			first = frame.ns;
		else if (frame.ns - last > worst)
			worst = frame.ns - last;
		last = frame.ns;
	}
	EXPECT_GE(beats, virtual_time() ? 100 : 50);
	EXPECT_LT(worst, virtual_time() ? 10100 * US : 500 * MS);
	EXPECT_GT(last - first, 900 * MS);
	hog_allow(self->pair.sender, false);
}

TEST_HARNESS_MAIN
