// SPDX-License-Identifier: GPL-2.0
/* The doctor's check of voters: who gives a lease, and how many may be lost. */
#include "doctor.h"
#include "ktap.h"

#define NOW	1000000000ull

static struct hotid_peer peers[2];
static struct hotid_identity identity;
static struct overview overview;
static struct doctor doctor;

/* This node holds the identity; its two peers are voters, too, and give a lease. */
static void begin(void)
{
	memset(peers, 0, sizeof(peers));
	memset(&identity, 0, sizeof(identity));
	strcpy(identity.name, "web");
	identity.state = HOTID_IDENTITY_STATE_HELD;
	identity.guard.n_ports = 1;
	identity.guard.n_voters = 3;
	for (uint8_t i = 0; i < 3; i++)
		identity.guard.voters[i].id[0] = i + 1;
	for (uint8_t i = 0; i < 2; i++) {
		peers[i].id[0] = i + 2;
		peers[i].lease_ns = NOW + 1;
		strcpy(peers[i].name, i ? "storage" : "spare");
	}
	overview = (struct overview){
		.node = { .id = { 1 }, .name = "active", .now_ns = NOW },
		.peers = peers, .n_peers = 2, .identities = &identity, .n_identities = 1,
	};
}

static void finding(enum verdict verdict, const char *what)
{
	doctor = (struct doctor){ .overview = &overview, .root = "", .check = "voters" };
	doctor_voters(&doctor);
	if (CHECK(doctor.n == 1)) {
		CHECK_INT(doctor.findings[0].verdict, verdict);
		CHECK_STR(doctor.findings[0].what, what);
		CHECK_INT(!*doctor.findings[0].fix, verdict <= VERDICT_OK);
	}
	doctor_clear(&doctor);
}

static void all_agree(void)
{
	begin();
	finding(VERDICT_OK, "web: all 3 voters give a lease");
}

static void one_is_missing(void)
{
	begin();
	peers[0].lease_ns = NOW;	/* over */
	finding(VERDICT_WARN, "web: no lease from spare; 2 of 3 voters are left, and 2 are needed");
}

static void too_few(void)
{
	begin();
	peers[0].lease_ns = 0;
	overview.n_peers = 1;		/* the other one is no peer any more */
	finding(VERDICT_BAD, "web: its ports are blocked, since 1 of 3 voters give a lease and "
			     "2 are needed; none comes from spare, "
			     "03000000000000000000000000000000");
}

static void not_here(void)
{
	begin();
	identity.state = HOTID_IDENTITY_STATE_ARMED;
	finding(VERDICT_NONE, "no identity with voters is held here");
	identity.state = HOTID_IDENTITY_STATE_HELD;
	identity.guard.n_voters = 0;
	finding(VERDICT_NONE, "no identity with voters is held here");
}

static const struct ktap_test tests[] = {
	{ "all_agree", all_agree },
	{ "one_is_missing", one_is_missing },
	{ "too_few", too_few },
	{ "not_here", not_here },
};

KTAP_MAIN(tests)
