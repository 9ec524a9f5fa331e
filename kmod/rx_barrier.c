// SPDX-License-Identifier: GPL-2.0
/*
 * The receive barrier.
 *
 * Each CPU is asked by an interrupt, and answers from a tasklet of normal
 * priority. Softirqs run in order of their number, network receive before
 * tasklets, so what waited on that CPU has been received by then and its
 * stamps count. When its network softirq stopped with work left, the tasklet
 * runs again, up to MOST_TURNS times.
 *
 * The state of a CPU that owes an answer holds the number of the last round that
 * asked it. The tasklet reads that before it looks for work, and answers no other:
 * what it saw before a later one began is no answer to that. A CPU whose
 * interrupt of an earlier round is pending still needs no other: the tasklet
 * that follows from it reads the newest number.
 *
 * Timer: one hrtimer, in hard irq, ends the patience of the round that is on.
 */
#include "rx_barrier.h"

#include <linux/delay.h>
#include <linux/percpu.h>
#include <linux/smp.h>

#include "compat.h"
#include "softirq.h"

#define MOST_TURNS	16

/**
 * struct hotid_rx_barrier_cpu - what one CPU shows of its receiving
 * @barrier: of which this is a part
 * @owes: number of the round whose answer it owes, 0 for none
 * @pending: its interrupt was sent and has not been served
 * @ask: that interrupt
 * @answer: the tasklet that answers
 * @turns: runs of the tasklet since it was asked
 */
struct hotid_rx_barrier_cpu {
	struct hotid_rx_barrier *barrier;
	atomic_t owes;
	atomic_t pending;
	call_single_data_t ask;
	struct tasklet_struct answer;
	unsigned int turns;
};

static void rx_barrier_answered(struct hotid_rx_barrier *barrier)
{
	if (atomic_dec_and_test(&barrier->owed))
		hotid_tasklet_schedule(barrier->ended);
}

static void rx_barrier_answer(struct tasklet_struct *tasklet)
{
	struct hotid_rx_barrier_cpu *state = from_tasklet(state, tasklet, answer);
	int asked = atomic_read_acquire(&state->owes);

	if ((local_softirq_pending() & BIT(NET_RX_SOFTIRQ)) && ++state->turns < MOST_TURNS)
		hotid_tasklet_schedule(tasklet);
	else if (asked && atomic_cmpxchg(&state->owes, asked, 0) == asked)
		rx_barrier_answered(state->barrier);
}

static void rx_barrier_schedule(struct hotid_rx_barrier_cpu *state)
{
	state->turns = 0;
	hotid_tasklet_schedule(&state->answer);
}

/* On the CPU that is asked, in its interrupt. */
static void rx_barrier_interrupt(void *data)
{
	struct hotid_rx_barrier_cpu *state = data;

	rx_barrier_schedule(state);
	/*
	 * The last touch: the state may be freed when nothing is pending. Orders
	 * as rx_barrier_ask() does: either it sends again, or the tasklet, which comes
	 * after this interrupt, reads the number that it wrote.
	 */
	atomic_xchg(&state->pending, 0);
}

static enum hrtimer_restart rx_barrier_timeout(struct hrtimer *timer)
{
	struct hotid_rx_barrier *barrier = container_of(timer, struct hotid_rx_barrier, patience);

	hotid_tasklet_schedule(barrier->ended);
	return HRTIMER_NORESTART;
}

/* A CPU that is offline owes nothing. The round that begins is owed more. */
static void rx_barrier_excuse(struct hotid_rx_barrier *barrier, struct hotid_rx_barrier_cpu *state)
{
	if (atomic_xchg(&state->owes, 0))
		atomic_dec(&barrier->owed);
}

static void rx_barrier_ask(struct hotid_rx_barrier *barrier, int cpu)
{
	struct hotid_rx_barrier_cpu *state = per_cpu_ptr(barrier->cpus, cpu);

	/* One more owed, unless it owes the answer to an earlier round. */
	if (!atomic_xchg(&state->owes, barrier->number))
		atomic_inc(&barrier->owed);
	if (cpu == smp_processor_id()) {
		rx_barrier_schedule(state);
	} else if (!atomic_xchg(&state->pending, 1) &&
		   smp_call_function_single_async(cpu, &state->ask)) {
		/* It just went offline. */
		atomic_set(&state->pending, 0);
		rx_barrier_excuse(barrier, state);
	}
}

void hotid_rx_barrier_begin(struct hotid_rx_barrier *barrier, u64 now, u64 patience)
{
	int cpu;

	barrier->number = barrier->number == INT_MAX ? 1 : barrier->number + 1;
	barrier->end_ns = now + patience;
	/* One more than are asked, so that the round cannot be over while we ask. */
	atomic_inc(&barrier->owed);
	for_each_possible_cpu(cpu) {
		if (cpu_online(cpu))
			rx_barrier_ask(barrier, cpu);
		else
			rx_barrier_excuse(barrier, per_cpu_ptr(barrier->cpus, cpu));
	}
	hrtimer_start(&barrier->patience, ns_to_ktime(barrier->end_ns),
		      HRTIMER_MODE_ABS_PINNED_HARD);
	rx_barrier_answered(barrier);
}

bool hotid_rx_barrier_over(const struct hotid_rx_barrier *barrier, u64 now)
{
	return !atomic_read(&barrier->owed) || now >= barrier->end_ns;
}

bool hotid_rx_barrier_pending(const struct hotid_rx_barrier *barrier, struct cpumask *pending)
{
	bool changed = false;
	int cpu;

	for_each_possible_cpu(cpu) {
		if (atomic_read(&per_cpu_ptr(barrier->cpus, cpu)->owes))
			changed |= !cpumask_test_and_set_cpu(cpu, pending);
		else
			changed |= cpumask_test_and_clear_cpu(cpu, pending);
	}
	return changed;
}

int hotid_rx_barrier_init(struct hotid_rx_barrier *barrier, struct tasklet_struct *ended)
{
	int cpu;

	barrier->cpus = alloc_percpu(struct hotid_rx_barrier_cpu);
	if (!barrier->cpus)
		return -ENOMEM;
	for_each_possible_cpu(cpu) {
		struct hotid_rx_barrier_cpu *state = per_cpu_ptr(barrier->cpus, cpu);

		state->barrier = barrier;
		INIT_CSD(&state->ask, rx_barrier_interrupt, state);
		tasklet_setup(&state->answer, rx_barrier_answer);
	}
	hrtimer_setup(&barrier->patience, rx_barrier_timeout, CLOCK_MONOTONIC,
		      HRTIMER_MODE_ABS_PINNED_HARD);
	barrier->ended = ended;
	return 0;
}

/*
 * An interrupt that a pending CPU has not served refers to its state: nothing can
 * be freed before that CPU is back, as nothing that waits for a grace period can.
 */
void hotid_rx_barrier_exit(struct hotid_rx_barrier *barrier)
{
	int cpu;

	hrtimer_cancel(&barrier->patience);
	for_each_possible_cpu(cpu) {
		struct hotid_rx_barrier_cpu *state = per_cpu_ptr(barrier->cpus, cpu);

		while (atomic_read_acquire(&state->pending))
			usleep_range(1000, 20000);
		tasklet_kill(&state->answer);
	}
	free_percpu(barrier->cpus);
}
