// SPDX-License-Identifier: GPL-2.0
/*
 * The state machine of identities: every input in every state, and what its epochs
 * and its fence mean.
 */
#include "machine_inputs.h"

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
};

KTAP_MAIN(tests)
