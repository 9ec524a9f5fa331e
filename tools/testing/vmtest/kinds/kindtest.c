// SPDX-License-Identifier: GPL-2.0
/*
 * Runs verbs of single steps, without the module and the daemon, from a real
 * identity's file:
 *
 *	hotid-kind-test [-n NODE-ID] [-p PEER-ID]... [-e EPOCH] [-r DIR] [-t MS] [-a] FILE STEP VERB...
 *
 * STEP is a kind's name, "mount" or "mount.1" for its second item, or "all"
 * for the whole plan, undo in reverse. "settle" as a verb waits until udev has
 * done with what the ones before made it do. Each other verb gives one line,
 *
 *	ok take mount.0 12.3 ms /dev/sda is on /srv/web
 *	failed take mount.0 12.3 ms EBUSY /dev/sdb is mounted on /srv/web already...
 *
 * and the first that fails ends it with 1, except that undo goes on. With -a an
 * undo is told that the identity was only armed. SIGTERM cancels the verb that
 * runs, as a release in the middle of a takeover would.
 */
#define _GNU_SOURCE
#include <bpf/libbpf.h>
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "config/reader.h"
#include "net/peers.h"
#include "plan/plan.h"
#include "step/apart.h"

static int cancel_fd;

/* Without the module, which has them otherwise, the peers are those of the command line. */
#define MAX_PEERS	8
static struct hotid_peer peers[MAX_PEERS];
static size_t n_peers;

int peers_each(int (*fn)(const struct hotid_peer *peer, void *data), void *data,
	       struct step_env *env)
{
	int result = 0;

	for (size_t i = 0; i < n_peers && !result; i++)
		result = fn(&peers[i], data);
	return result;
}

static void on_term(int signal)
{
	eventfd_write(cancel_fd, 1);
}

struct options {
	uint8_t node_id[HOTID_ID_LEN];
	uint64_t epoch;
	const char *run_dir;
	unsigned int timeout_ms;	/* 0: as the file says */
	bool armed_only;
};

static int verb_of(const char *word)
{
	static const char *const words[] = {
		[HOTID_VERB_VALIDATE] = "validate", [HOTID_VERB_STAGE] = "stage",
		[HOTID_VERB_TAKE] = "take", [HOTID_VERB_VERIFY] = "verify", [HOTID_VERB_UNDO] = "undo",
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (!strcmp(word, words[i]))
			return (int)i;
	return -1;
}

static bool matches(const struct step *step, const char *wanted)
{
	char name[HOTID_KIND_MAX + 16];

	snprintf(name, sizeof(name), "%s.%zu", step->kind->name, step->item);
	return !strcmp(wanted, "all") || !strcmp(wanted, step->kind->name) ||
	       !strcmp(wanted, name);
}

static int run_one(struct step *step, const char *verb, const struct plan *plan,
		   const struct options *options)
{
	unsigned int timeout_ms = options->timeout_ms ? options->timeout_ms :
				  plan->identity->step_timeout_ms;
	uint64_t start_ns = clock_ns();
	struct step_env env = {
		.identity = plan->identity,
		.node_id = options->node_id,
		.epoch = options->epoch,
		.deadline_ns = start_ns + timeout_ms * 1000000ull,
		.cancel_fd = strcmp(verb, "undo") ? cancel_fd : -1,
		.taken = !options->armed_only,
		.run_dir = options->run_dir,
	};
	int error = verb_run(step, verb_of(verb), &env);

	printf("%s %s %s.%zu %.1f ms%s%s%s%s\n", error ? "failed" : "ok", verb, step->kind->name,
	       step->item, (double)(clock_ns() - start_ns) / 1e6, error ? " " : "",
	       error ? strerrorname_np(error < 0 ? -error : error) : "", *env.message ? " " : "",
	       env.message);
	fflush(stdout);
	return error;
}

/* One verb of all steps that match. Returns how many there were, or a negative errno. */
static int run_all(const char *wanted, const char *verb, struct plan *plan,
		   const struct options *options)
{
	bool undo = !strcmp(verb, "undo");
	int n = 0, first = 0;

	for (size_t i = 0; i < plan->n_steps; i++) {
		struct step *step = &plan->steps[undo ? plan->n_steps - 1 - i : i];
		int error;

		if (!matches(step, wanted))
			continue;
		n++;
		error = run_one(step, verb, plan, options);
		if (error && !first)
			first = error;
		if (error && !undo)
			break;
	}
	return first ? first : n;
}

static void settle(void)
{
	if (system("udevadm settle"))
		fprintf(stderr, "udevadm settle failed\n");
}

static int usage(void)
{
	fprintf(stderr, "Usage: hotid-kind-test [-n NODE-ID] [-p PEER-ID]... [-e EPOCH] [-r DIR] [-t MS] [-a] FILE STEP VERB...\n");
	return 2;
}

int main(int argc, char *argv[])
{
	struct options options = { .epoch = 1, .run_dir = "/run/hotid-kind-test" };
	struct identity_config *identity;
	char error[CONFIG_ERROR_MAX];
	struct plan *plan;
	int option, result = 0;

	hotid_id_parse("00000000000000000000000000000001", options.node_id);
	while ((option = getopt(argc, argv, "n:p:e:r:t:a")) != -1) {
		switch (option) {
		case 'n':
			if (hotid_id_parse(optarg, options.node_id))
				return usage();
			break;
		case 'p':
			if (n_peers == MAX_PEERS || hotid_id_parse(optarg, peers[n_peers++].id))
				return usage();
			break;
		case 'e':
			options.epoch = strtoull(optarg, NULL, 0);
			break;
		case 'r':
			options.run_dir = optarg;
			break;
		case 't':
			options.timeout_ms = (unsigned int)strtoul(optarg, NULL, 0);
			break;
		case 'a':
			options.armed_only = true;
			break;
		default:
			return usage();
		}
	}
	if (argc - optind < 3)
		return usage();
	for (int i = optind + 2; i < argc; i++)
		if (strcmp(argv[i], "settle") && verb_of(argv[i]) < 0)
			return usage();

	libbpf_set_print(NULL);
	cancel_fd = eventfd(0, EFD_CLOEXEC);
	signal(SIGTERM, on_term);
	identity = config_read_identity(argv[optind], error);
	if (!identity) {
		fprintf(stderr, "%s\n", error);
		return 2;
	}
	plan = plan_compile(identity);
	for (int i = optind + 2; i < argc && result >= 0; i++) {
		if (!strcmp(argv[i], "settle")) {
			settle();
			continue;
		}
		result = run_all(argv[optind + 1], argv[i], plan, &options);
		if (!result) {
			fprintf(stderr, "%s: no step %s\n", argv[optind], argv[optind + 1]);
			result = -ENOENT;
		}
	}
	plan_free(plan);
	return result < 0;
}
