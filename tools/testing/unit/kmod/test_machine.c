// SPDX-License-Identifier: GPL-2.0
/*
 * The state machine of identities: every input in every state, then long
 * random lives of one machine, and of several that hear each other's claims.
 */
#include "ktap.h"

#include <errno.h>
#include <stdlib.h>

#include "machine.h"

#define OFFLINE		HOTID_IDENTITY_STATE_OFFLINE
#define ARMING		HOTID_IDENTITY_STATE_ARMING
#define ARMED		HOTID_IDENTITY_STATE_ARMED
#define TAKING		HOTID_IDENTITY_STATE_TAKING
#define HELD		HOTID_IDENTITY_STATE_HELD
#define RELEASING	HOTID_IDENTITY_STATE_RELEASING
#define FAILED		HOTID_IDENTITY_STATE_FAILED
#define UNCLEAN		(FAILED + 1)	/* failed, with something left behind */
#define FENCED		(FAILED + 2)	/* taking, with the fence proven */
#define STATES		(FENCED + 1)

#define EPOCH		100		/* of the machine before the input */
#define HIGHEST		((uint64_t)HOTID_EPOCH_MAX)
#define FARTHEST	(EPOCH + HOTID_EPOCH_JUMP)

enum input {
	ARM, DISARM,
	TAKE_NEXT, TAKE_HIGHER, TAKE_FARTHEST, TAKE_TOO_FAR, TAKE_TOO_HIGH, TAKE_SAME, TAKE_LOWER,
	RELEASE_ANY, RELEASE_SAME, RELEASE_LOWER, RELEASE_HIGHER,
	ARMING_DONE, ARMING_CLEAN, ARMING_UNCLEAN, ARMING_OLD, ARMING_NEW,
	TAKING_DONE, TAKING_CLEAN, TAKING_UNCLEAN, TAKING_OLD, TAKING_NEW,
	RELEASING_DONE, RELEASING_CLEAN, RELEASING_UNCLEAN, RELEASING_OLD, RELEASING_NEW,
	OFFLINE_DONE, ARMED_DONE, HELD_DONE, FAILED_DONE, NO_STATE_DONE,
	CLAIM_LOWER, CLAIM_TOO_HIGH,
	CLAIM_TAKING_JUNIOR, CLAIM_TAKING_SENIOR, CLAIM_HELD_JUNIOR, CLAIM_HELD_SENIOR,
	CLAIM_HIGHER_TAKING, CLAIM_HIGHER_HELD, CLAIM_HIGHEST,
	INPUTS
};

/**
 * struct outcome - what an input does
 * @result: 0, a negative errno, or enum hotid_advert_effect
 * @state: afterwards; UNCLEAN for a failed one that is not clean
 * @reason: of the change; NONE when there is none
 * @epoch: afterwards
 * @known: the highest one, afterwards
 */
struct outcome {
	bool told;
	int result;
	uint32_t state;
	uint32_t reason;
	uint64_t epoch, known;
};

#define TO(state, reason)	{ true, 0, state, HOTID_REASON_##reason, EPOCH, EPOCH }
#define TAKEN(epoch)		{ true, 0, TAKING, HOTID_REASON_ADMIN, epoch, epoch }
#define NO(error)		{ true, -error, STATES, HOTID_REASON_NONE, EPOCH, EPOCH }
#define CLAIM(effect, e)	{ true, HOTID_ADVERT_##effect, STATES, HOTID_REASON_NONE, e, e }
#define NOTED(k)		{ true, HOTID_ADVERT_NEWER, STATES, HOTID_REASON_NONE, EPOCH, k }
#define YIELD(epoch)		{ true, HOTID_ADVERT_SUPERSEDED, RELEASING,	\
				  HOTID_REASON_SUPERSEDED, epoch, epoch }

/* Inputs that mean the same in several states. */
#define NO_TAKEOVER								\
	[TAKE_NEXT] = NO(ENOTCONN), [TAKE_HIGHER] = NO(ENOTCONN),		\
	[TAKE_FARTHEST] = NO(ENOTCONN), [TAKE_TOO_FAR] = NO(ENOTCONN),		\
	[TAKE_TOO_HIGH] = NO(ENOTCONN),						\
	[TAKE_SAME] = NO(ENOTCONN), [TAKE_LOWER] = NO(ENOTCONN)
#define NO_RELEASE								\
	[RELEASE_ANY] = NO(ENOTCONN), [RELEASE_SAME] = NO(ENOTCONN),		\
	[RELEASE_LOWER] = NO(ENOTCONN), [RELEASE_HIGHER] = NO(ENOTCONN)
#define CAN_RELEASE								\
	[RELEASE_ANY] = TO(RELEASING, ADMIN), [RELEASE_SAME] = TO(RELEASING, ADMIN), \
	[RELEASE_LOWER] = NO(ESTALE), [RELEASE_HIGHER] = NO(ESTALE)
#define STALE(state)								\
	[state##_DONE] = NO(ESTALE), [state##_CLEAN] = NO(ESTALE),		\
	[state##_UNCLEAN] = NO(ESTALE), [state##_OLD] = NO(ESTALE), [state##_NEW] = NO(ESTALE)
#define REPORTS(state, next)							\
	[state##_DONE] = TO(next, STEPS_DONE), [state##_CLEAN] = TO(FAILED, STEP_FAILED), \
	[state##_UNCLEAN] = TO(UNCLEAN, UNDO_FAILED),				\
	[state##_OLD] = NO(ESTALE), [state##_NEW] = NO(ESTALE)
#define NOT_REPORTED								\
	[OFFLINE_DONE] = NO(EINVAL), [ARMED_DONE] = NO(EINVAL), [HELD_DONE] = NO(EINVAL), \
	[FAILED_DONE] = NO(EINVAL), [NO_STATE_DONE] = NO(EINVAL)
#define OLD_CLAIMS								\
	[CLAIM_LOWER] = CLAIM(OLD, EPOCH), [CLAIM_TOO_HIGH] = CLAIM(OLD, EPOCH)
#define SAME_CLAIMS								\
	[CLAIM_TAKING_JUNIOR] = CLAIM(KNOWN, EPOCH), [CLAIM_TAKING_SENIOR] = CLAIM(KNOWN, EPOCH), \
	[CLAIM_HELD_JUNIOR] = CLAIM(KNOWN, EPOCH), [CLAIM_HELD_SENIOR] = CLAIM(KNOWN, EPOCH)
/* What is on this node got there by its epoch, so it only notes another one. */
#define NOTES									\
	OLD_CLAIMS, SAME_CLAIMS, [CLAIM_HIGHER_TAKING] = NOTED(EPOCH + 7),	\
	[CLAIM_HIGHER_HELD] = NOTED(EPOCH + 7), [CLAIM_HIGHEST] = NOTED(HIGHEST)
#define LEARNS									\
	OLD_CLAIMS, SAME_CLAIMS,						\
	[CLAIM_HIGHER_TAKING] = CLAIM(NEWER, EPOCH + 7),			\
	[CLAIM_HIGHER_HELD] = CLAIM(NEWER, EPOCH + 7), [CLAIM_HIGHEST] = CLAIM(NEWER, HIGHEST)
#define YIELDS									\
	OLD_CLAIMS,								\
	[CLAIM_HIGHER_TAKING] = YIELD(EPOCH + 7), [CLAIM_HIGHER_HELD] = YIELD(EPOCH + 7), \
	[CLAIM_HIGHEST] = YIELD(HIGHEST)
/* Who holds, or has proven the fence, goes on while another one only tries. */
#define STANDS									\
	OLD_CLAIMS,								\
	[CLAIM_HIGHER_TAKING] = NOTED(EPOCH + 7), [CLAIM_HIGHER_HELD] = YIELD(EPOCH + 7), \
	[CLAIM_HIGHEST] = NOTED(HIGHEST),					\
	/* Nor can two hold it for one epoch, once they hear each other. */	\
	[CLAIM_TAKING_JUNIOR] = CLAIM(KNOWN, EPOCH), [CLAIM_TAKING_SENIOR] = CLAIM(KNOWN, EPOCH), \
	[CLAIM_HELD_JUNIOR] = CLAIM(KNOWN, EPOCH), [CLAIM_HELD_SENIOR] = YIELD(EPOCH)

static const struct outcome table[STATES][INPUTS] = {
	[OFFLINE] = {
		[ARM] = TO(ARMING, ADMIN), [DISARM] = NO(EALREADY), NO_TAKEOVER, NO_RELEASE,
		STALE(ARMING), STALE(TAKING), STALE(RELEASING), NOT_REPORTED, LEARNS },
	[ARMING] = {
		[ARM] = NO(EBUSY), [DISARM] = TO(RELEASING, ADMIN), NO_TAKEOVER, NO_RELEASE,
		REPORTS(ARMING, ARMED), STALE(TAKING), STALE(RELEASING), NOT_REPORTED, LEARNS },
	[ARMED] = {
		[ARM] = NO(EALREADY), [DISARM] = TO(RELEASING, ADMIN),
		[TAKE_NEXT] = TAKEN(EPOCH + 1), [TAKE_HIGHER] = TAKEN(EPOCH + 5),
		[TAKE_FARTHEST] = TAKEN(FARTHEST), [TAKE_TOO_FAR] = NO(ERANGE),
		[TAKE_TOO_HIGH] = NO(ERANGE),
		[TAKE_SAME] = NO(ESTALE), [TAKE_LOWER] = NO(ESTALE), NO_RELEASE,
		STALE(ARMING), STALE(TAKING), STALE(RELEASING), NOT_REPORTED, LEARNS },
	[TAKING] = {
		[ARM] = NO(EBUSY), [DISARM] = NO(EBUSY), NO_TAKEOVER, CAN_RELEASE,
		STALE(ARMING), REPORTS(TAKING, HELD), STALE(RELEASING), NOT_REPORTED, YIELDS,
		/* Of two that take it for one epoch the senior goes on, unless the other has it. */
		[CLAIM_TAKING_JUNIOR] = CLAIM(KNOWN, EPOCH), [CLAIM_TAKING_SENIOR] = YIELD(EPOCH),
		[CLAIM_HELD_JUNIOR] = YIELD(EPOCH), [CLAIM_HELD_SENIOR] = YIELD(EPOCH) },
	[HELD] = {
		[ARM] = NO(EBUSY), [DISARM] = NO(EBUSY), NO_TAKEOVER, CAN_RELEASE,
		STALE(ARMING), STALE(TAKING), STALE(RELEASING), NOT_REPORTED, STANDS },
	[FENCED] = {
		[ARM] = NO(EBUSY), [DISARM] = NO(EBUSY), NO_TAKEOVER, CAN_RELEASE,
		STALE(ARMING), REPORTS(TAKING, HELD), STALE(RELEASING), NOT_REPORTED, STANDS },
	[RELEASING] = {
		[ARM] = NO(EBUSY), [DISARM] = NO(EBUSY), NO_TAKEOVER, NO_RELEASE,
		STALE(ARMING), STALE(TAKING), REPORTS(RELEASING, OFFLINE), NOT_REPORTED, NOTES },
	[FAILED] = {
		[ARM] = TO(ARMING, ADMIN), [DISARM] = TO(RELEASING, ADMIN), NO_TAKEOVER, NO_RELEASE,
		STALE(ARMING), STALE(TAKING), STALE(RELEASING), NOT_REPORTED, LEARNS },
	[UNCLEAN] = {
		[ARM] = NO(EUCLEAN), [DISARM] = TO(RELEASING, ADMIN), NO_TAKEOVER, NO_RELEASE,
		STALE(ARMING), STALE(TAKING), STALE(RELEASING), NOT_REPORTED, NOTES },
};

static int report(struct hotid_machine *machine, enum input input, const char **why)
{
	static const uint32_t states[] = { ARMING, TAKING, RELEASING };
	unsigned int which = (input - ARMING_DONE) / 5, how = (input - ARMING_DONE) % 5;
	uint64_t epoch = machine->epoch - (how == 3) + (how == 4);
	bool ok = how != 1 && how != 2;

	return hotid_machine_report(machine, states[which], epoch, ok, how != 2, why);
}

static int feed(struct hotid_machine *machine, enum input input, const char **why)
{
	static const uint32_t others[] = { OFFLINE, ARMED, HELD, FAILED, 77 };
	uint64_t epoch = machine->epoch;

	switch (input) {
	case ARM:
		return hotid_machine_arm(machine, why);
	case DISARM:
		return hotid_machine_disarm(machine, why);
	case TAKE_NEXT:
		return hotid_machine_takeover(machine, 0, HOTID_REASON_ADMIN, why);
	case TAKE_HIGHER:
		return hotid_machine_takeover(machine, epoch + 5, HOTID_REASON_ADMIN, why);
	case TAKE_FARTHEST:
		return hotid_machine_takeover(machine, machine->known + HOTID_EPOCH_JUMP,
					      HOTID_REASON_ADMIN, why);
	case TAKE_TOO_FAR:
		return hotid_machine_takeover(machine, machine->known + HOTID_EPOCH_JUMP + 1,
					      HOTID_REASON_ADMIN, why);
	case TAKE_TOO_HIGH:
		return hotid_machine_takeover(machine, HIGHEST + 1, HOTID_REASON_ADMIN, why);
	case TAKE_SAME:
		return hotid_machine_takeover(machine, epoch, HOTID_REASON_ADMIN, why);
	case TAKE_LOWER:
		return hotid_machine_takeover(machine, epoch - 1, HOTID_REASON_ADMIN, why);
	case RELEASE_ANY:
		return hotid_machine_release(machine, 0, why);
	case RELEASE_SAME:
		return hotid_machine_release(machine, epoch, why);
	case RELEASE_LOWER:
		return hotid_machine_release(machine, epoch - 1, why);
	case RELEASE_HIGHER:
		return hotid_machine_release(machine, epoch + 1, why);
	case ARMING_DONE ... RELEASING_NEW:
		return report(machine, input, why);
	case OFFLINE_DONE ... NO_STATE_DONE:
		return hotid_machine_report(machine, others[input - OFFLINE_DONE], epoch, true, true,
					    why);
	case CLAIM_LOWER:
		return hotid_machine_advert(machine, epoch - 1, true, true);
	case CLAIM_TOO_HIGH:
		return hotid_machine_advert(machine, HIGHEST + 1, true, true);
	case CLAIM_TAKING_JUNIOR:
		return hotid_machine_advert(machine, epoch, false, false);
	case CLAIM_TAKING_SENIOR:
		return hotid_machine_advert(machine, epoch, false, true);
	case CLAIM_HELD_JUNIOR:
		return hotid_machine_advert(machine, epoch, true, false);
	case CLAIM_HELD_SENIOR:
		return hotid_machine_advert(machine, epoch, true, true);
	case CLAIM_HIGHER_TAKING:
		return hotid_machine_advert(machine, epoch + 7, false, false);
	case CLAIM_HIGHER_HELD:
		return hotid_machine_advert(machine, epoch + 7, true, false);
	case CLAIM_HIGHEST:
		return hotid_machine_advert(machine, HIGHEST, false, false);
	default:
		abort();
	}
}

static bool is_claim(enum input input)
{
	return input >= CLAIM_LOWER;
}

static bool same(const struct hotid_machine *a, const struct hotid_machine *b)
{
	return a->epoch == b->epoch && a->known == b->known && a->state == b->state &&
	       a->reason == b->reason && a->clean == b->clean && a->fenced == b->fenced;
}

static struct hotid_machine machine_in(uint32_t state)
{
	struct hotid_machine machine;

	hotid_machine_init(&machine);
	machine.epoch = machine.known = EPOCH;
	machine.state = state == UNCLEAN ? FAILED : state == FENCED ? TAKING : state;
	machine.clean = state != UNCLEAN;
	machine.fenced = state == FENCED;
	/* A reason that no input gives, to see that a refusal leaves it. */
	machine.reason = HOTID_REASON_PATH_BEAT;
	return machine;
}

/* One cell of the table; true when all of it is as it should be. */
static bool cell(uint32_t state, enum input input)
{
	struct hotid_machine machine = machine_in(state), before = machine;
	const struct outcome *want = &table[state][input];
	const char *why = NULL;
	int result = feed(&machine, input, &why);
	bool changes = want->state != STATES;

	if (!want->told || result != want->result || machine.epoch != want->epoch ||
	    machine.known != want->known)
		return false;
	if (!changes) {
		before.epoch = want->epoch;
		before.known = want->known;
		return same(&machine, &before) &&
		       (is_claim(input) || (result < 0 && why && strlen(why) > 15));
	}
	return !why && machine.reason == want->reason &&
	       machine.state == (want->state == UNCLEAN ? FAILED : want->state) &&
	       machine.clean == (want->state != UNCLEAN &&
				 (machine.state != RELEASING || before.clean));
}

static void every_state_and_every_input(void)
{
	int input, cells = 0;
	uint32_t state;

	for (state = 0; state < STATES; state++) {
		for (input = 0; input < INPUTS; input++) {
			if (!CHECK(cell(state, input)))
				printf("#   state %u, input %d\n", state, input);
			cells++;
		}
	}
	CHECK_INT(cells, 9 * 42);
}

static void begins_offline(void)
{
	struct hotid_machine machine;

	memset(&machine, 0xff, sizeof(machine));
	hotid_machine_init(&machine);
	CHECK_INT(machine.state, OFFLINE);
	CHECK_INT(machine.epoch, 0);
	CHECK_INT(machine.reason, HOTID_REASON_NONE);
	CHECK(machine.clean);
}

/* The first epoch is 1; 0 stands for none everywhere. */
static void first_epoch(void)
{
	struct hotid_machine machine;
	const char *why;

	hotid_machine_init(&machine);
	CHECK_INT(hotid_machine_arm(&machine, &why), 0);
	CHECK_INT(hotid_machine_report(&machine, ARMING, 0, true, true, &why), 0);
	CHECK_INT(hotid_machine_takeover(&machine, 0, HOTID_REASON_ADMIN, &why), 0);
	CHECK_INT(machine.epoch, 1);
}

/* Behind the highest epoch there is none: it can be held, and never taken again. */
static void last_epoch(void)
{
	struct hotid_machine machine = machine_in(ARMED);
	const char *why;

	machine.epoch = machine.known = HIGHEST - 1;
	CHECK_INT(hotid_machine_takeover(&machine, 0, HOTID_REASON_ADMIN, &why), 0);
	CHECK(machine.epoch == HIGHEST);
	machine.state = ARMED;
	CHECK(hotid_machine_takeover(&machine, 0, HOTID_REASON_ADMIN, &why) < 0);
	CHECK(machine.epoch == HIGHEST);
	CHECK_INT(machine.state, ARMED);
}

/* Known is more than what this node holds by: the next takeover goes beyond it. */
static void attempts_of_others_are_noted(void)
{
	struct hotid_machine machine = machine_in(HELD);
	const char *why;

	CHECK_INT(hotid_machine_advert(&machine, EPOCH + 7, false, true), HOTID_ADVERT_NEWER);
	CHECK_INT(hotid_machine_advert(&machine, EPOCH + 7, false, true), HOTID_ADVERT_KNOWN);
	CHECK_INT(hotid_machine_advert(&machine, EPOCH + 3, false, true), HOTID_ADVERT_KNOWN);
	/* A higher epoch that is held, even if one beyond it was tried. */
	CHECK_INT(hotid_machine_advert(&machine, EPOCH + 3, true, false), HOTID_ADVERT_SUPERSEDED);
	CHECK_INT(machine.epoch, EPOCH + 3);
	CHECK_INT(machine.known, EPOCH + 7);
	machine = machine_in(HELD);
	hotid_machine_advert(&machine, EPOCH + 7, false, true);
	CHECK_INT(hotid_machine_release(&machine, EPOCH, &why), 0);
	CHECK_INT(machine.epoch, EPOCH);
	CHECK_INT(hotid_machine_report(&machine, RELEASING, EPOCH, true, true, &why), 0);
	CHECK_INT(machine.epoch, EPOCH + 7);
	CHECK_INT(hotid_machine_arm(&machine, &why), 0);
	CHECK_INT(hotid_machine_report(&machine, ARMING, EPOCH + 7, true, true, &why), 0);
	CHECK_INT(hotid_machine_takeover(&machine, EPOCH + 7, HOTID_REASON_ADMIN, &why), -ESTALE);
	CHECK_INT(hotid_machine_takeover(&machine, 0, HOTID_REASON_ADMIN, &why), 0);
	CHECK_INT(machine.epoch, EPOCH + 8);
}

/* The fence is proven once per takeover, and only while it goes on. */
static void fence_is_proven_once(void)
{
	uint32_t state;

	for (state = 0; state <= FAILED; state++) {
		struct hotid_machine machine = machine_in(state);

		CHECK_INT(hotid_machine_proven(&machine), state == HELD);
		CHECK_INT(hotid_machine_fenced(&machine), state == TAKING);
		CHECK(!hotid_machine_fenced(&machine));
		CHECK_INT(hotid_machine_proven(&machine), state == HELD || state == TAKING);
	}
}

static void the_next_takeover_has_to_prove_it_again(void)
{
	struct hotid_machine machine = machine_in(FENCED);
	const char *why;

	CHECK_INT(hotid_machine_report(&machine, TAKING, EPOCH, false, true, &why), 0);
	CHECK_INT(hotid_machine_arm(&machine, &why), 0);
	CHECK_INT(hotid_machine_report(&machine, ARMING, EPOCH, true, true, &why), 0);
	CHECK_INT(hotid_machine_takeover(&machine, 0, HOTID_REASON_ADMIN, &why), 0);
	CHECK(!hotid_machine_proven(&machine));
}

static void in_use(void)
{
	uint32_t state;

	for (state = 0; state < STATES; state++) {
		struct hotid_machine machine = machine_in(state);

		CHECK_INT(hotid_machine_in_use(&machine), state != OFFLINE && state != FAILED);
	}
}

static void takeover_tells_its_reason(void)
{
	static const uint32_t reasons[] = { HOTID_REASON_PEER_SILENT, HOTID_REASON_PEER_GASP,
					    HOTID_REASON_PEER_REBOOTED, HOTID_REASON_USER_SILENT };
	const char *why;
	size_t i;

	for (i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
		struct hotid_machine machine = machine_in(ARMED);

		CHECK_INT(hotid_machine_takeover(&machine, 0, reasons[i], &why), 0);
		CHECK_INT(machine.reason, reasons[i]);
	}
}

/* What a disk tells: nothing changes but what the next takeover goes beyond. */
static void known_from_a_disk(void)
{
	uint32_t state;
	const char *why;

	for (state = 0; state <= FAILED; state++) {
		struct hotid_machine machine = machine_in(state), before = machine;
		bool borne = state == TAKING || state == HELD || state == RELEASING;

		CHECK(!hotid_machine_know(&machine, before.known));
		CHECK(!hotid_machine_know(&machine, 0));
		CHECK(!hotid_machine_know(&machine, (uint64_t)HOTID_EPOCH_MAX + 1));
		CHECK(!memcmp(&machine, &before, sizeof(machine)));
		CHECK(hotid_machine_know(&machine, before.known + 100));
		CHECK_INT(machine.known, before.known + 100);
		CHECK_INT(machine.state, state);
		if (borne)
			CHECK_INT(machine.epoch, before.epoch);
		if (state != ARMED)
			continue;
		CHECK_INT(machine.epoch, machine.known);
		CHECK_INT(hotid_machine_takeover(&machine, before.known + 100,
						 HOTID_REASON_ADMIN, &why), -ESTALE);
		CHECK_INT(hotid_machine_takeover(&machine, 0, HOTID_REASON_ADMIN, &why), 0);
		CHECK_INT(machine.epoch, before.known + 101);
	}
}

/* Steps belong to a plan that runs, or that an audit looks at. */
static void current(void)
{
	uint32_t state, asked;
	const char *why;

	for (state = 0; state <= FAILED; state++) {
		for (asked = 0; asked <= FAILED + 3; asked++) {
			struct hotid_machine machine = machine_in(state);
			bool reportable = asked == ARMING || asked == ARMED || asked == TAKING ||
					  asked == HELD || asked == RELEASING;
			int want = !reportable ? -EINVAL : asked == state ? 0 : -ESTALE;

			CHECK_INT(hotid_machine_current(&machine, asked, EPOCH, &why), want);
			CHECK_INT(hotid_machine_current(&machine, asked, EPOCH + 1, &why),
				  reportable ? -ESTALE : -EINVAL);
		}
	}
}

/* Which states may follow a state, whatever happens. */
static bool may_follow(uint32_t from, uint32_t to)
{
	static const uint32_t follow[] = {
		[OFFLINE] = 1 << ARMING,
		[ARMING] = 1 << ARMED | 1 << RELEASING | 1 << FAILED,
		[ARMED] = 1 << TAKING | 1 << RELEASING,
		[TAKING] = 1 << HELD | 1 << RELEASING | 1 << FAILED,
		[HELD] = 1 << RELEASING,
		[RELEASING] = 1 << OFFLINE | 1 << FAILED,
		[FAILED] = 1 << ARMING | 1 << RELEASING,
	};

	return follow[from] & 1 << to;
}

/* What must hold after any input, whatever was before. */
static bool sound(const struct hotid_machine *before, const struct hotid_machine *after,
		  enum input input, int result, const char *why)
{
	bool refused = !is_claim(input) && result;

	if (after->known < before->known || after->known > HIGHEST || after->epoch > after->known ||
	    after->epoch < before->epoch || after->state > FAILED)
		return false;
	if (refused)
		return result < 0 && why && same(before, after);
	if (before->state != after->state && !may_follow(before->state, after->state))
		return false;
	if (!is_claim(input) && before->state == after->state)
		return false;
	/* Only a takeover or a claim makes an epoch known, and a takeover always does. */
	if (after->state == TAKING && before->state != TAKING && after->epoch <= before->known)
		return false;
	if (after->known != before->known && after->state != TAKING && !is_claim(input))
		return false;
	/* What this node bears, it bears by the epoch that it took it with. */
	if (is_claim(input) && after->epoch != before->epoch &&
	    (after->state == TAKING || after->state == HELD))
		return false;
	/* Where nothing of it is, the epoch is the highest one. */
	if ((after->state == OFFLINE || after->state == ARMED) && after->epoch != after->known)
		return false;
	/* Something is left behind only after a failure, until it is undone. */
	return after->clean || after->state == FAILED || after->state == RELEASING;
}

static void random_lives(void)
{
	unsigned int seed, visits[STATES] = {};
	uint32_t state;

	for (seed = 1; seed <= 200; seed++) {
		struct hotid_machine machine;
		unsigned int random = seed;
		int step;

		hotid_machine_init(&machine);
		for (step = 0; step < 5000; step++) {
			enum input input = rand_r(&random) % INPUTS;
			struct hotid_machine before;
			const char *why = NULL;
			int result;

			/* The highest epoch would be the end of every life. */
			if (input == CLAIM_HIGHEST)
				continue;
			if (!(rand_r(&random) % 16))
				hotid_machine_fenced(&machine);
			/* An epoch before the first one is the wish for any. */
			if (!machine.epoch && (input == TAKE_LOWER || input == CLAIM_LOWER ||
					       input == RELEASE_LOWER || input == TAKE_SAME))
				continue;
			before = machine;
			result = feed(&machine, input, &why);
			if (!sound(&before, &machine, input, result, why)) {
				CHECK(!"sound");
				printf("#   seed %u, step %d, input %d: state %u to %u\n", seed,
				       step, input, before.state, machine.state);
				return;
			}
			visits[machine.state]++;
		}
	}
	for (state = 0; state <= FAILED; state++)
		CHECK(visits[state] > 1000);
}

#define NODES	4

/**
 * struct letter - a claim on its way
 * @from: index of the node; the lower one is the senior
 */
struct letter {
	unsigned int from, to;
	uint64_t epoch;
	bool proven;
};

static bool bears(const struct hotid_machine *machine)
{
	return machine->state == TAKING || machine->state == HELD;
}

/* Everyone tells everyone, in any order, until there is nothing new. */
static void hear_all(struct hotid_machine nodes[NODES], unsigned int *random)
{
	struct letter letters[NODES * NODES];
	unsigned int round, from, to, n;

	for (round = 0; round < 4; round++) {
		for (from = n = 0; from < NODES; from++)
			for (to = 0; to < NODES; to++)
				if (from != to && bears(&nodes[from]))
					letters[n++] = (struct letter) {
						from, to, nodes[from].epoch,
						hotid_machine_proven(&nodes[from]) };
		while (n) {
			unsigned int i = rand_r(random) % n;
			struct letter letter = letters[i];

			letters[i] = letters[--n];
			hotid_machine_advert(&nodes[letter.to], letter.epoch, letter.proven,
					     letter.from < letter.to);
		}
	}
}

/*
 * Several nodes that hear of each other late and out of order, and do what
 * they like meanwhile: once all claims have come, at most one of them is left
 * that holds the identity or has proven its fence, and at most one that tries
 * to take it, by a higher epoch. Whoever has proven it by the highest epoch is
 * never made to let go.
 */
static void one_holder(void)
{
	unsigned int seed, rivals = 0, winners = 0, attempts = 0;

	for (seed = 1; seed <= 3000; seed++) {
		unsigned int random = seed, i, firm, soft, before, before_firm;
		struct hotid_machine nodes[NODES];
		uint64_t highest = 0, attempt = 0, kept = 0;
		const char *why;
		int step;

		for (i = 0; i < NODES; i++)
			hotid_machine_init(&nodes[i]);
		for (step = 0; step < 60; step++) {
			struct hotid_machine *node = &nodes[rand_r(&random) % NODES];
			struct hotid_machine *other = &nodes[rand_r(&random) % NODES];

			if (!(rand_r(&random) % 8))
				hotid_machine_fenced(node);
			else if (rand_r(&random) % 4)
				feed(node, (enum input[]) { ARM, ARMING_DONE, TAKE_NEXT, TAKING_DONE,
					   RELEASING_DONE }[rand_r(&random) % 5], &why);
			else if (node != other && bears(other))
				hotid_machine_advert(node, other->epoch,
						     hotid_machine_proven(other), other < node);
		}
		for (i = before = before_firm = 0; i < NODES; i++) {
			before += bears(&nodes[i]);
			before_firm += hotid_machine_proven(&nodes[i]);
			if (hotid_machine_proven(&nodes[i]) && nodes[i].epoch > highest)
				highest = nodes[i].epoch;
		}
		hear_all(nodes, &random);
		for (i = firm = soft = 0; i < NODES; i++) {
			if (hotid_machine_proven(&nodes[i])) {
				firm++;
				kept = nodes[i].epoch;
			} else if (bears(&nodes[i])) {
				soft++;
				attempt = nodes[i].epoch;
			}
		}
		rivals += before > 1;
		winners += firm == 1;
		attempts += firm && soft;
		if (!CHECK(firm <= 1) || !CHECK(soft <= 1) || !CHECK(firm == !!before_firm) ||
		    !CHECK(!before == !(firm + soft)) || (firm && !CHECK(kept == highest)) ||
		    (firm && soft && !CHECK(attempt > kept))) {
			printf("#   seed %u: %u bore it, %u hold it, %u try\n", seed, before, firm, soft);
			return;
		}
	}
	/* That there was something to settle at all. */
	CHECK(rivals > 300);
	CHECK(winners > 300);
	CHECK(attempts > 30);
}

static const struct ktap_test tests[] = {
	{ "every_state_and_every_input", every_state_and_every_input },
	{ "begins_offline", begins_offline },
	{ "first_epoch", first_epoch },
	{ "last_epoch", last_epoch },
	{ "attempts_of_others_are_noted", attempts_of_others_are_noted },
	{ "fence_is_proven_once", fence_is_proven_once },
	{ "the_next_takeover_has_to_prove_it_again", the_next_takeover_has_to_prove_it_again },
	{ "in_use", in_use },
	{ "takeover_tells_its_reason", takeover_tells_its_reason },
	{ "known_from_a_disk", known_from_a_disk },
	{ "current", current },
	{ "random_lives", random_lives },
	{ "one_holder", one_holder },
};

KTAP_MAIN(tests)
