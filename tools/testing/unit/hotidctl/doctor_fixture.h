/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A node to be examined by the doctor: what the module knows is made up here; /proc and
 * /sys are files below a directory. For one source of a program, after its _GNU_SOURCE.
 */
#ifndef HOTID_UNIT_DOCTOR_FIXTURE_H
#define HOTID_UNIT_DOCTOR_FIXTURE_H

#include <ftw.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "doctor.h"
#include "ktap.h"

#define SECOND 1000000000ull

static char root[] = "/tmp/hotid-doctor-XXXXXX";
static struct overview overview;
static struct hotid_probe probes[2];
static struct hotid_peer peers[2];
static struct hotid_identity identities[2];
static struct doctor doctor;

static void path_made(char path[512], const char *name)
{
	char *slash;

	snprintf(path, 512, "%s%s", root, name);
	for (slash = path + sizeof(root); (slash = strchr(slash, '/')); slash++) {
		*slash = '\0';
		mkdir(path, 0700);
		*slash = '/';
	}
}

static void put(const char *name, const char *text)
{
	char path[512];
	FILE *file;

	path_made(path, name);
	file = fopen(path, "w");
	if (!file || fputs(text, file) < 0 || fclose(file))
		abort();
}

static void put_link(const char *name, const char *target)
{
	char path[512];

	path_made(path, name);
	if (symlink(target, path))
		abort();
}

static void drop(const char *name)
{
	char path[512];

	snprintf(path, sizeof(path), "%s%s", root, name);
	if (unlink(path))
		abort();
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *ftw)
{
	return remove(path);
}

/* Gaps of all paths of a peer: the longest, in ms. */
static void gaps_of(struct hotid_peer *peer, unsigned int longest_ms)
{
	size_t i;

	peer->interval_us = 10000;
	peer->multiplier = 3;
	peer->gaps_since_ns = 400 * SECOND;	/* ten minutes ago */
	for (i = 0; i < peer->n_paths; i++) {
		peer->paths[i].longest_gap_ns = longest_ms * (SECOND / 1000);
		peer->paths[i].gaps[7] = 60000;
	}
}

/* A node that is well: two peers, watched and told, each on two paths. */
static void begin(void)
{
	size_t i, j;

	strcpy(root + sizeof(root) - 7, "XXXXXX");
	if (!mkdtemp(root))
		abort();
	memset(&overview, 0, sizeof(overview));
	memset(peers, 0, sizeof(peers));
	memset(identities, 0, sizeof(identities));
	overview.node = (struct hotid_node){
		.id = {0xaa},
		.name = "spare",
		.version = HOTID_VERSION,
		.key_set = true,
		.key_generation = 1,
		.interval_us = 10000,
		.user_limit_ms = 500,
		.health = HOTID_HEALTH_USERSPACE | HOTID_HEALTH_AUDIT,
		.now_ns = 1000 * SECOND,
		.probes = probes,
		.n_probes = 2,
	};
	for (i = 0; i < 2; i++) {
		probes[i] = (struct hotid_probe){.ifindex = 1, .mode = HOTID_PROBE_MODE_NATIVE};
		peers[i] = (struct hotid_peer){
			.id = {i + 1},
			.flags = HOTID_PEER_FLAGS_WATCH | HOTID_PEER_FLAGS_TELL,
			.state = HOTID_PEER_STATE_UP,
			.n_paths = 2,
		};
		strcpy(peers[i].name, i ? "third" : "active");
		for (j = 0; j < 2; j++)
			peers[i].paths[j] = (struct hotid_path){
				.index = j,
				.address = {10, 77 + j, 0, i + 1},
				.address_len = 4,
				.state = HOTID_PEER_STATE_UP,
				.gasp = HOTID_GASP_STATE_READY,
			};
		gaps_of(&peers[i], 12);
		identities[i] = (struct hotid_identity){
			.flags = HOTID_IDENTITY_FLAGS_AUTO,
			.state = HOTID_IDENTITY_STATE_ARMED,
			.has_holder = true,
			.holder = {1},
			.clean = true,
		};
		strcpy(identities[i].name, i ? "mail" : "web");
	}
	overview.peers = peers;
	overview.n_peers = 2;
	overview.identities = identities;
	overview.n_identities = 2;
	doctor = (struct doctor){.overview = &overview, .root = root};
}

static void end(void)
{
	doctor_clear(&doctor);
	nftw(root, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

/* Run one check; how many findings it leaves. */
static size_t look(void (*check)(struct doctor *doctor))
{
	doctor_clear(&doctor);
	doctor.check = "this";
	check(&doctor);
	return doctor.n;
}

/* The check finds one thing, with that verdict and these words in what and fix. */
#define ONE(check, verdict_, what_, fix_)                                     \
	do {                                                                   \
		if (!CHECK(look(check) == 1))                                  \
			break;                                                 \
		CHECK_STR(doctor_verdict_name(doctor.findings[0].verdict),     \
			  doctor_verdict_name(verdict_));                      \
		if (!CHECK(strstr(doctor.findings[0].what, what_)))            \
			printf("#   says \"%s\"\n", doctor.findings[0].what);  \
		if (!CHECK(*(fix_) ? !!strstr(doctor.findings[0].fix, fix_) \
				    : !*doctor.findings[0].fix))              \
			printf("#   fix \"%s\"\n", doctor.findings[0].fix);  \
	} while (0)

static const struct finding *finding_of(const char *check)
{
	size_t i;

	for (i = 0; i < doctor.n; i++)
		if (!strcmp(doctor.findings[i].check, check))
			return &doctor.findings[i];
	abort();
}

#endif /* HOTID_UNIT_DOCTOR_FIXTURE_H */
