// SPDX-License-Identifier: GPL-2.0
/*
 * Whom a target can tell from us, by what it says of its registrants. What it
 * does not say, or not in time, must not pass for "nobody is in the way". The
 * target is played here; a real one is asked in vmtest/kinds.
 */
#include <errno.h>

#include "config/prkey.h"
#include "ktap.h"
#include "storage/isid_slot.h"
#include "storage/nexus.h"
#include "storage/pr.h"

#define INITIATOR	"iqn.2026-01.hotid:web"

static const uint8_t our_id[HOTID_ID_LEN] = { 2 }, other_id[HOTID_ID_LEN] = { 1 };
static struct pr_registrant registrants[4];
static size_t n_registrants;
static int read_result;

static int play_read_registrants(int fd, struct pr_registrant *all, size_t max, size_t *n)
{
	memcpy(all, registrants, n_registrants * sizeof(*all));
	*n = n_registrants;
	return read_result;
}

const struct pr_ops pr_kernel = { .read_registrants = play_read_registrants };

/* Session numbers 4 to 7, modulo 64, are this node's. */
int isid_slot_of_node(struct step_env *env, struct isid_slot *slot)
{
	*slot = (struct isid_slot){ .number = 1, .slots = 16 };
	return 0;
}

static void registered(const uint8_t id[HOTID_ID_LEN], uint64_t epoch, unsigned int port,
		       const char *transport)
{
	struct pr_registrant *registrant = &registrants[n_registrants++];

	prkey_make(id, epoch, &registrant->key);
	registrant->target_port = port;
	snprintf(registrant->transport, sizeof(registrant->transport), "%s", transport);
}

static struct step_env env;

/* Of session 4, through port @port. */
static int check(bool lio, unsigned int port)
{
	struct session session = { .sid = 4, .initiator = INITIATOR };
	struct lun lun = { .lio = lio, .target_port = port };
	uint64_t key = 0;

	env = (struct step_env){ .node_id = our_id };
	prkey_make(our_id, 8, &key);
	return nexus_check(&(struct nexus){ .disk = "data", .lun = &lun, .session = &session }, key,
			   &env);
}

static void begin(int result)
{
	memset(registrants, 0, sizeof(registrants));
	n_registrants = 0;
	read_result = result;
}

static void not_told_is_refused(void)
{
	static const int errors[] = { -EIO, -ETIMEDOUT, -EBADE, -E2BIG, -ENODEV };

	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		begin(errors[i]);
		CHECK_INT(check(false, 1), errors[i]);
		CHECK_INT(check(true, 1), errors[i]);
		CHECK(strstr(env.message, "data: cannot read from the target (LIO) who is registered"));
	}
	/* There are targets that never tell. LIO does, and is known to mix nodes up. */
	begin(-EOPNOTSUPP);
	CHECK_INT(check(false, 1), 0);
	CHECK_INT(check(true, 1), -EOPNOTSUPP);
}

static void nobody_is_fine(void)
{
	begin(0);
	CHECK_INT(check(false, 0), 0);
	CHECK_INT(check(true, 1), 0);
}

static void another_node_is_told_apart(void)
{
	begin(0);
	registered(other_id, 7, 1, INITIATOR ",i,0x00023d000009");
	CHECK_INT(check(false, 1), 0);
	CHECK_INT(check(true, 2), 0);
}

static void one_that_would_be_us_is_refused(void)
{
	begin(0);
	registered(other_id, 7, 1, INITIATOR ",i,0x00023d000004");
	CHECK_INT(check(false, 1), -EPERM);
	CHECK(strstr(env.message, "the holder of epoch 7"));
	/* LIO looks at the first half of the ISID only, and does not tell them apart. */
	begin(0);
	registered(other_id, 7, 1, INITIATOR ",i,0x00023d000009");
	CHECK_INT(check(true, 1), -EPERM);
	CHECK_INT(check(true, 0), -EPERM);	/* which port is ours was not told */
}

static void own_sessions_are_fine(void)
{
	begin(0);
	registered(our_id, 8, 2, INITIATOR ",i,0x00023d000004");
	registered(our_id, 8, 2, INITIATOR ",i,0x00023d000046");	/* of before, in the same slot */
	registered(our_id, 7, 2, INITIATOR ",i,0x00023d000005");
	CHECK_INT(check(false, 2), 0);
	CHECK_INT(check(true, 2), 0);
}

static void own_key_of_another_node_is_refused(void)
{
	begin(0);
	registered(our_id, 8, 2, INITIATOR ",i,0x00023d000009");
	CHECK_INT(check(false, 2), -EEXIST);
	CHECK(strstr(env.message, "this node's own key"));
	begin(0);
	registered(our_id, 8, 1, INITIATOR ",i,0x00023d");
	CHECK_INT(check(true, 2), -EEXIST);
	begin(0);
	registered(our_id, 8, 2, "iqn.2026-01.hotid:other,i,0x00023d000004");
	CHECK_INT(check(false, 2), -EEXIST);
}

static const struct ktap_test tests[] = {
	{ "not_told_is_refused", not_told_is_refused },
	{ "nobody_is_fine", nobody_is_fine },
	{ "another_node_is_told_apart", another_node_is_told_apart },
	{ "one_that_would_be_us_is_refused", one_that_would_be_us_is_refused },
	{ "own_sessions_are_fine", own_sessions_are_fine },
	{ "own_key_of_another_node_is_refused", own_key_of_another_node_is_refused },
};

KTAP_MAIN(tests)
