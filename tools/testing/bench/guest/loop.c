// SPDX-License-Identifier: GPL-2.0
#include "loop.h"

#include <arpa/inet.h>
#include <err.h>
#include <poll.h>
#include <sched.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/clock.h"
#include "run.h"

static const char hello[] = "the loop's beat";

static struct sockaddr_in remote;

/* As good as userspace gets without a kernel of its own. */
static void be_urgent(void)
{
	struct sched_param priority = { .sched_priority = LOOP_PRIORITY };
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(0, &cpus);
	if (sched_setaffinity(0, sizeof(cpus), &cpus) ||
	    sched_setscheduler(0, SCHED_FIFO, &priority) || mlockall(MCL_CURRENT | MCL_FUTURE))
		err(1, "loop: real-time priority");
}

static void send_beats(void *data)
{
	int out = socket(AF_INET, SOCK_DGRAM, 0);
	struct timespec next;

	if (out < 0 || connect(out, (struct sockaddr *)&remote, sizeof(remote)))
		err(1, "loop: sender");
	be_urgent();
	clock_gettime(CLOCK_MONOTONIC, &next);
	for (;;) {
		uint64_t then = next.tv_sec * SECOND + next.tv_nsec + LOOP_INTERVAL_NS;

		send(out, hello, sizeof(hello), MSG_DONTWAIT);
		/* Beats that were missed are not made up for. */
		if (then < now_ns())
			then = now_ns();
		next.tv_sec = then / SECOND;
		next.tv_nsec = then % SECOND;
		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &next, NULL);
	}
}

/* Whether a beat is in the socket; what is none is passed over. */
static bool beat_came(int in)
{
	char packet[sizeof(hello) + 1];
	ssize_t length;

	while ((length = recv(in, packet, sizeof(packet), MSG_DONTWAIT)) >= 0)
		if (length == sizeof(hello) && !memcmp(packet, hello, sizeof(hello)))
			return true;
	return false;
}

static void watch(void *data)
{
	struct sockaddr_in any = { .sin_family = AF_INET, .sin_port = htons(LOOP_PORT) };
	int in = socket(AF_INET, SOCK_DGRAM, 0);
	struct pollfd readable = { .fd = in, .events = POLLIN };
	struct loop *loop = data;
	uint64_t deadline = 0;

	if (in < 0 || bind(in, (struct sockaddr *)&any, sizeof(any)))
		err(1, "loop: watcher");
	be_urgent();
	for (;;) {
		uint64_t now = now_ns(), left = deadline > now ? deadline - now : 0;
		struct timespec limit = { .tv_nsec = left };

		ppoll(&readable, 1, loop->up ? &limit : NULL, NULL);
		/* Also after the deadline it looks once before it accuses. */
		if (beat_came(in)) {
			deadline = now_ns() + LOOP_MULTIPLIER * LOOP_INTERVAL_NS;
			loop->up = 1;
		} else if (loop->up && now_ns() >= deadline) {
			loop->up = 0;
			loop->down_ns = now_ns();
			loop->alarms++;
		}
	}
}

struct loop *loop_start(int from_ns, int watch_ns, const char *address)
{
	struct loop *loop = mmap(NULL, sizeof(*loop), PROT_READ | PROT_WRITE,
				 MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (loop == MAP_FAILED)
		err(1, "loop");
	remote.sin_family = AF_INET;
	remote.sin_port = htons(LOOP_PORT);
	if (inet_pton(AF_INET, address, &remote.sin_addr) != 1)
		errx(1, "address %s", address);
	run_child(watch_ns, watch, loop);
	run_child(from_ns, send_beats, NULL);
	return loop;
}
