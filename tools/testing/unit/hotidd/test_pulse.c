// SPDX-License-Identifier: GPL-2.0
/* Who lives and who does not, by what each thread promised. */
#include "base/clock.h"
#include "base/pulse.h"
#include "ktap.h"

#define S	1000000000ULL

static struct pulse one = { .name = "one" }, other = { .name = "other" };

static void begin(void)
{
	pulse_join(&one);
	pulse_join(&other);
}

static void end(void)
{
	pulse_leave(&one);
	pulse_leave(&other);
	CHECK(pulses_look(UINT64_MAX).alive);
}

static void all_live(void)
{
	begin();
	CHECK(pulses_look(clock_ns()).alive);
	CHECK(pulses_look(clock_ns()).whole);
	end();
}

static void one_is_silent(void)
{
	uint64_t now = clock_ns();

	begin();
	pulse_until(&other, now + S);
	CHECK(pulses_look(now + S + PULSE_GRACE_NS).alive);
	CHECK(!pulses_look(now + S + PULSE_GRACE_NS + 1).alive);
	pulse_until(&other, now + 2 * S);
	CHECK(pulses_look(now + S + PULSE_GRACE_NS + 1).alive);
	end();
}

/* What asks the kernel may wait there for a lock that somebody keeps for long. */
static void slow_is_no_death(void)
{
	uint64_t now = clock_ns();

	begin();
	pulse_until(&one, now);
	pulse_slow(&one);
	CHECK(pulses_look(now + PULSE_SLOW_NS).alive);
	CHECK(!pulses_look(clock_ns() + PULSE_SLOW_NS + 1).alive);
	end();
}

/* A step past its time is a fault long before its thread counts as dead. */
static void step_is_overdue(void)
{
	uint64_t now = clock_ns(), over = now + 5 * S;

	begin();
	pulse_end(&other);
	pulse_step(&one, over);
	CHECK(pulses_look(over + PULSE_GRACE_NS).whole);
	CHECK(!pulses_look(over + PULSE_GRACE_NS + 1).whole);
	CHECK(pulses_look(over + PULSE_SLOW_NS).alive);
	CHECK(!pulses_look(over + PULSE_SLOW_NS + 1).alive);
	pulse_step_end(&one);
	CHECK(pulses_look(now + PULSE_SLOW_NS).whole);
	end();
}

static void fault_is_no_death(void)
{
	begin();
	one.fault = true;
	CHECK(pulses_look(clock_ns()).alive);
	CHECK(!pulses_look(clock_ns()).whole);
	one.fault = false;
	CHECK(pulses_look(clock_ns()).whole);
	end();
}

static void who_ended_is_not_missed(void)
{
	begin();
	pulse_step(&one, clock_ns());
	pulse_end(&one);
	pulse_leave(&other);
	CHECK(pulses_look(UINT64_MAX).alive);
	CHECK(pulses_look(UINT64_MAX).whole);
	end();
}

static const struct ktap_test tests[] = {
	{ "all_live", all_live },
	{ "one_is_silent", one_is_silent },
	{ "slow_is_no_death", slow_is_no_death },
	{ "step_is_overdue", step_is_overdue },
	{ "fault_is_no_death", fault_is_no_death },
	{ "who_ended_is_not_missed", who_ended_is_not_missed },
};

KTAP_MAIN(tests)
