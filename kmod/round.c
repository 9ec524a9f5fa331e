// SPDX-License-Identifier: GPL-2.0
/*
 * Each CPU is asked by an interrupt, and answers from a tasklet of normal
 * priority. Softirqs run in order of their number, network receive before
 * tasklets, so what waited on that CPU has been received by then and its
 * stamps count. When its network softirq stopped with work left, the tasklet
 * runs again, up to MOST_TURNS times.
 *
 * An ear that owes an answer holds the number of the last round that asked it.
 * The tasklet reads that before it looks for work, and answers no other round:
 * what it saw before a later one began is no answer to that. A CPU whose
 * interrupt of an earlier round is pending still needs no other: the tasklet
 * that follows from it reads the newest number.
 *
 * Timer: one hrtimer, in hard irq, ends the patience of the round that is on.
 */
#include "round.h"

#include <linux/delay.h>
#include <linux/percpu.h>
#include <linux/smp.h>

#include "compat.h"
#include "softirq.h"

#define MOST_TURNS	16

/**
 * struct hotid_ear - what one CPU shows of its receiving
 * @round: that asks it
 * @owes: number of the round whose answer it owes, 0 for none
 * @pending: its interrupt was sent and has not been served
 * @ask: that interrupt
 * @answer: the tasklet that answers
 * @turns: runs of the tasklet since it was asked
 */
struct hotid_ear {
	struct hotid_round *round;
	atomic_t owes;
	atomic_t pending;
	call_single_data_t ask;
	struct tasklet_struct answer;
	unsigned int turns;
};

static void settle(struct hotid_round *round)
{
	if (atomic_dec_and_test(&round->owed))
		hotid_tasklet_schedule(round->ended);
}

static void answer(struct tasklet_struct *tasklet)
{
	struct hotid_ear *ear = from_tasklet(ear, tasklet, answer);
	int asked = atomic_read_acquire(&ear->owes);

	if ((local_softirq_pending() & BIT(NET_RX_SOFTIRQ)) && ++ear->turns < MOST_TURNS)
		hotid_tasklet_schedule(tasklet);
	else if (asked && atomic_cmpxchg(&ear->owes, asked, 0) == asked)
		settle(ear->round);
}

static void listen(struct hotid_ear *ear)
{
	ear->turns = 0;
	hotid_tasklet_schedule(&ear->answer);
}

/* On the CPU that is asked, in its interrupt. */
static void asked(void *data)
{
	struct hotid_ear *ear = data;

	listen(ear);
	/*
	 * The last touch: the ear may be freed when nothing is pending. Orders
	 * as ask() does: either it sends again, or the tasklet, which comes
	 * after this interrupt, reads the number that it wrote.
	 */
	atomic_xchg(&ear->pending, 0);
}

static enum hrtimer_restart lose_patience(struct hrtimer *timer)
{
	struct hotid_round *round = container_of(timer, struct hotid_round, patience);

	hotid_tasklet_schedule(round->ended);
	return HRTIMER_NORESTART;
}

/* A CPU that is offline owes nothing. The round that begins is owed more. */
static void excuse(struct hotid_round *round, struct hotid_ear *ear)
{
	if (atomic_xchg(&ear->owes, 0))
		atomic_dec(&round->owed);
}

static void ask(struct hotid_round *round, int cpu)
{
	struct hotid_ear *ear = per_cpu_ptr(round->ears, cpu);

	/* One more owed, unless it owes the answer to an earlier round. */
	if (!atomic_xchg(&ear->owes, round->number))
		atomic_inc(&round->owed);
	if (cpu == smp_processor_id()) {
		listen(ear);
	} else if (!atomic_xchg(&ear->pending, 1) &&
		   smp_call_function_single_async(cpu, &ear->ask)) {
		/* It just went offline. */
		atomic_set(&ear->pending, 0);
		excuse(round, ear);
	}
}

void hotid_round_begin(struct hotid_round *round, u64 now, u64 patience)
{
	int cpu;

	round->number = round->number == INT_MAX ? 1 : round->number + 1;
	round->end_ns = now + patience;
	/* One more than are asked, so that the round cannot be over while we ask. */
	atomic_inc(&round->owed);
	for_each_possible_cpu(cpu) {
		if (cpu_online(cpu))
			ask(round, cpu);
		else
			excuse(round, per_cpu_ptr(round->ears, cpu));
	}
	hrtimer_start(&round->patience, ns_to_ktime(round->end_ns), HRTIMER_MODE_ABS_PINNED_HARD);
	settle(round);
}

bool hotid_round_over(const struct hotid_round *round, u64 now)
{
	return !atomic_read(&round->owed) || now >= round->end_ns;
}

bool hotid_round_deaf(const struct hotid_round *round, struct cpumask *deaf)
{
	int cpu;

	cpumask_clear(deaf);
	for_each_possible_cpu(cpu)
		if (atomic_read(&per_cpu_ptr(round->ears, cpu)->owes))
			cpumask_set_cpu(cpu, deaf);
	return !cpumask_empty(deaf);
}

int hotid_round_init(struct hotid_round *round, struct tasklet_struct *ended)
{
	int cpu;

	round->ears = alloc_percpu(struct hotid_ear);
	if (!round->ears)
		return -ENOMEM;
	for_each_possible_cpu(cpu) {
		struct hotid_ear *ear = per_cpu_ptr(round->ears, cpu);

		ear->round = round;
		INIT_CSD(&ear->ask, asked, ear);
		tasklet_setup(&ear->answer, answer);
	}
	hrtimer_setup(&round->patience, lose_patience, CLOCK_MONOTONIC,
		      HRTIMER_MODE_ABS_PINNED_HARD);
	round->ended = ended;
	return 0;
}

/*
 * An interrupt that a deaf CPU has not served refers to its ear: nothing can
 * be freed before that CPU is back, as nothing that waits for a grace period can.
 */
void hotid_round_exit(struct hotid_round *round)
{
	int cpu;

	hrtimer_cancel(&round->patience);
	for_each_possible_cpu(cpu) {
		struct hotid_ear *ear = per_cpu_ptr(round->ears, cpu);

		while (atomic_read_acquire(&ear->pending))
			usleep_range(1000, 20000);
		tasklet_kill(&ear->answer);
	}
	free_percpu(round->ears);
}
