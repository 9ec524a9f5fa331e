// SPDX-License-Identifier: GPL-2.0
/*
 * Workers that are killed at every report, every change of the run directory
 * and every verb, and the daemons after them.
 *
 * The daemon is a process of its own with the real worker, plan, run directory
 * and epochs. This process is the module: it has the real state machine
 * (kmod/machine.c) and survives, as what the verbs did does (world.h). The verbs
 * check what a kind is promised, and this process what the module is promised.
 */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../../../kmod/machine.c"
#include "base/clock.h"
#include "epochs.h"
#include "hotid_daemon.h"
#include "killpoint.h"
#include "ktap.h"
#include "recording_kinds.h"
#include "step/rundir.h"
#include "worker.h"
#include "world.h"

#define LIVES		150		/* with several things that go wrong */
#define DAEMONS_MAX	20		/* of one life; each is killed once at most */
#define PATIENCE_MS	60000		/* then it is stuck: no bound that a slow host comes near */
#define POLL_MS		5
#define AUDIT_MS	3600000

/* Where fsync() costs nothing, since a daemon waits for it only so long. */
static char directory[] = "/dev/shm/hotid-test-worker-XXXXXX";
static char *run_dir, identities_dir[64], state_dir[64];

/* ---- between the daemon and the module ---- */

enum op { GET, REPORT_STEP, REPORT, KNOW, DISARM, ARM };

struct request {
	enum op op;
	uint32_t state, error;
	uint64_t epoch;
	bool clean;
	struct hotid_step step;
};

struct reply {
	int result;
	struct hotid_identity identity;
};

static int requests[2], events[2];	/* [0] is the module's end, [1] the daemon's */

/* In the daemon, in the place of libhotid. */
struct hotid {
	pthread_mutex_t lock;
};

static int request(struct hotid *h, struct request *request, struct reply *reply)
{
	killpoint();
	pthread_mutex_lock(&h->lock);
	if (send(requests[1], request, sizeof(*request), MSG_NOSIGNAL) != sizeof(*request) ||
	    recv(requests[1], reply, sizeof(*reply), 0) != sizeof(*reply))
		_exit(0);	/* the life is over */
	pthread_mutex_unlock(&h->lock);
	killpoint();
	return reply->result;
}

int hotid_open_sized(struct hotid **h, const struct hotid_sizes *sizes)
{
	*h = calloc(1, sizeof(**h));
	pthread_mutex_init(&(*h)->lock, NULL);
	return 0;
}

void hotid_close(struct hotid *h)
{
	free(h);
}

const char *hotid_strerror(const struct hotid *h, int error)
{
	return strerror(-error);
}

int hotid_identity_get(struct hotid *h, const char *name, struct hotid_identity *identity)
{
	struct reply reply;
	int result = request(h, &(struct request){ .op = GET }, &reply);

	*identity = reply.identity;
	return result;
}

void hotid_identity_clear(struct hotid_identity *identity)
{
}

int hotid_step_report(struct hotid *h, const char *name, uint32_t state, uint64_t epoch,
		      const struct hotid_step *step)
{
	struct reply reply;

	return request(h, &(struct request){ .op = REPORT_STEP, .state = state, .epoch = epoch,
					     .step = *step }, &reply);
}

int hotid_identity_report(struct hotid *h, const char *name, uint32_t state, uint64_t epoch,
			  uint32_t error, bool clean, const char *message)
{
	struct reply reply;

	return request(h, &(struct request){ .op = REPORT, .state = state, .epoch = epoch,
					     .error = error, .clean = clean }, &reply);
}

int hotid_identity_know(struct hotid *h, const char *name, uint64_t epoch)
{
	struct reply reply;

	return request(h, &(struct request){ .op = KNOW, .epoch = epoch }, &reply);
}

int hotid_identity_arm(struct hotid *h, const char *name)
{
	struct reply reply;

	return request(h, &(struct request){ .op = ARM }, &reply);
}

int hotid_identity_disarm(struct hotid *h, const char *name)
{
	struct reply reply;

	return request(h, &(struct request){ .op = DISARM }, &reply);
}

/* ---- the daemon, in a process of its own ---- */

static void daemon_main(void)
{
	struct worker_shared shared = {
		.identities_dir = identities_dir, .run_dir = run_dir, .audit_ms = AUDIT_MS,
	};
	struct hotid_identity identity;
	struct worker *worker;
	struct hotid *h;

	shared.epochs = epochs_new(state_dir, 0);
	worker = worker_start(&shared, NAME, ARM_MANUAL);
	hotid_open(&h);
	if (!shared.epochs || !worker || hotid_identity_get(h, NAME, &identity))
		_exit(1);
	do
		worker_order(worker, &identity);
	while (recv(events[1], &identity, sizeof(identity), 0) == sizeof(identity));
	worker_halt(worker);
	_exit(!worker_join(worker, clock_ns() + PATIENCE_MS * 1000000ULL));
}

/* ---- the module, which is this process ---- */

static struct hotid_machine machine;
static struct hotid_identity identity;	/* as it is told */
static pid_t daemon_pid;
static unsigned int daemons, reports;

static void tell(void)
{
	send(events[0], &identity, sizeof(identity), MSG_NOSIGNAL);
}

static void publish(const struct hotid_machine *before)
{
	bool changed = machine.state != before->state || machine.reason != before->reason ||
		       machine.epoch != before->epoch;

	if (!changed)
		return;
	if (machine.state != before->state) {
		identity.previous = before->state;
		identity.changed_ns++;
		world->stay++;
	}
	identity.state = machine.state;
	identity.reason = machine.reason;
	identity.epoch = machine.epoch;
	identity.known_epoch = machine.known;
	identity.clean = machine.clean;
	world_trace("module: %s, epoch %llu\n", hotid_state_name(machine.state),
	      (unsigned long long)machine.epoch);
	tell();
}

static void record(const struct hotid_step *step)
{
	static const enum verb_word recorded_as[] = {
		[HOTID_VERB_VALIDATE] = VALIDATE, [HOTID_VERB_STAGE] = STAGE, [HOTID_VERB_TAKE] = TAKE,
		[HOTID_VERB_VERIFY] = TAKE, [HOTID_VERB_UNDO] = UNDO,
	};
	enum verb_word verb = recorded_as[step->verb];

	/* The end of a takeover's step is reported with verify. */
	if (step->status == HOTID_STEP_STATUS_DONE)
		world->recorded[verb][step->index - 1] =
			(struct success){ world->stay, world->daemon };
	if (step->status == HOTID_STEP_STATUS_DONE && verb == TAKE &&
	    machine.state == HOTID_IDENTITY_STATE_TAKING &&
	    !strcmp(step->name, world_steps[1]))
		hotid_machine_fenced(&machine);
}

static int answer(const struct request *request)
{
	const char *why;
	int result;

	switch (request->op) {
	case GET:
		return 0;
	case REPORT_STEP:
		result = hotid_machine_current(&machine, request->state, request->epoch, &why);
		if (!result)
			record(&request->step);
		reports++;
		return result;
	case REPORT:
		world_trace("%u: reports the end of %s: %u\n", world->daemon,
		      hotid_state_name(request->state), request->error);
		return hotid_machine_report(&machine, request->state, request->epoch,
					    !request->error, request->clean, &why);
	case KNOW:
		hotid_machine_know(&machine, request->epoch);
		return 0;
	case ARM:
		return hotid_machine_arm(&machine, &why);
	default:
		return hotid_machine_disarm(&machine, &why);
	}
}

static void daemon_start(void)
{
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, requests) ||
	    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, events)) {
		perror("socketpair");
		exit(1);
	}
	daemons++;
	world->daemon = daemons;
	daemon_pid = killpoint_fork();
	if (!daemon_pid) {
		close(requests[0]);
		close(events[0]);
		daemon_main();
	}
	close(requests[1]);
	close(events[1]);
}

/* Also collects one that was killed at its point. */
static void daemon_end(bool by_force)
{
	if (by_force)
		kill(daemon_pid, SIGKILL);
	close(events[0]);
	close(requests[0]);
	killpoint_wait(daemon_pid);
}

/* ---- one life of an identity, from arming to the end ---- */

struct life {
	unsigned int kill_at, kill_again;	/* points */
	bool disarm;			/* instead of the takeover */
	bool crash_armed, crash_held;	/* the daemon is killed when it is idle in that state */
	bool wait;			/* until the one after it is idle */
	unsigned int interrupt_at;	/* after so many reports somebody changes their mind */
	bool supersede;			/* which is another node, if this one is taking */
	unsigned int reload_at;		/* with this daemon the module comes anew */
	enum verb_word fail_verb;
	size_t fail_step;
	unsigned int fail_times;
};

static void write_identity(const char *units)
{
	char path[128];
	FILE *file;

	snprintf(path, sizeof(path), "%s/" NAME ".yaml", identities_dir);
	file = fopen(path, "w");
	fprintf(file, "fence: reservation\n"
		"ports:\n- match: {INTERFACE: eth1}\n  mac: 02:00:00:77:00:10\n"
		"iscsi:\n- {initiator: 'iqn.2026-01.hotid:web', portal: '10.0.0.1:3260',"
		" target: 'iqn.2026-01.hotid:store', luns: [0]}\n"
		"disks:\n- {name: data, iscsi: 'iqn.2026-01.hotid:store', lun: 0,"
		" wwid: 360014056e4f7d001d1d4a779c1000000}\n"
		"mounts:\n- {disk: data, where: /srv/web, type: ext4}\n"
		"units: [%s]\n", units);
	fclose(file);
}

static bool is_up(void)
{
	for (size_t i = 0; i < STEPS; i++)
		if (!world->up[i])
			return false;
	return true;
}

static bool is_clean(void)
{
	for (size_t i = 0; i < STEPS; i++)
		if (world->up[i] || world->staged[i])
			return false;
	return true;
}

/* Nothing of what was acknowledged is lost. */
static void check_state(void)
{
	uint64_t kept = 0;

	if (machine.state == HOTID_IDENTITY_STATE_HELD) {
		if (!is_up())
			world_breach("it is held, and not all of it is there");
		if (epoch_load(state_dir, NAME, &kept) || kept < machine.epoch)
			world_breach("it is held by epoch %llu, and the disk has %llu",
			       (unsigned long long)machine.epoch, (unsigned long long)kept);
	}
	if (machine.state == HOTID_IDENTITY_STATE_FAILED && machine.clean && !is_clean())
		world_breach("it failed and left nothing behind, and something is there");
	if (machine.state == HOTID_IDENTITY_STATE_OFFLINE && !is_clean() && identity.changed_ns)
		world_breach("it is offline, and something is there");
}

/* What a person, an orchestrator or another node does now. */
static void decide(struct life *life)
{
	struct hotid_machine before = machine;
	const char *why;

	if (life->interrupt_at && reports >= life->interrupt_at) {
		life->interrupt_at = 0;
		if (machine.state == HOTID_IDENTITY_STATE_ARMING)
			hotid_machine_disarm(&machine, &why);
		else if (life->supersede)
			hotid_machine_advert(&machine, machine.known + 1, true, true);
		else if (machine.state == HOTID_IDENTITY_STATE_TAKING)
			hotid_machine_release(&machine, 0, &why);
	}
	switch (machine.state) {
	case HOTID_IDENTITY_STATE_ARMED:
		if (life->crash_armed || life->wait)
			break;
		/* From now on only the copy is right. */
		write_identity("other.service");
		if (life->disarm)
			hotid_machine_disarm(&machine, &why);
		else
			hotid_machine_takeover(&machine, 0, HOTID_REASON_ADMIN, &why);
		break;
	case HOTID_IDENTITY_STATE_HELD:
		if (!life->crash_held && !life->wait)
			hotid_machine_release(&machine, 0, &why);
		break;
	case HOTID_IDENTITY_STATE_FAILED:
		hotid_machine_disarm(&machine, &why);
		break;
	}
	publish(&before);
}

/* The daemon is gone: the next one, and a new module if that goes as well. */
static void begin_anew(struct life *life)
{
	if (daemons == life->reload_at) {
		world_trace("module: unloaded and loaded\n");
		hotid_machine_init(&machine);
		identity = (struct hotid_identity){ .name = NAME, .state = machine.state,
						    .clean = true };
		world->stay++;
	}
	check_state();
	daemon_start();
}

/* Does all that is to be done now. False when nobody wants anything for POLL_MS. */
static bool serve(struct life *life)
{
	struct pollfd pollfd = { .fd = requests[0], .events = POLLIN };
	struct hotid_machine before = machine;
	struct request request;
	struct reply reply;
	ssize_t got;

	if (poll(&pollfd, 1, POLL_MS) <= 0)
		return false;
	got = recv(requests[0], &request, sizeof(request), 0);
	if (got != sizeof(request)) {
		daemon_end(false);
		world_trace("%u: killed\n", world->daemon);
		if (daemons >= DAEMONS_MAX)
			world_breach("%u daemons were not enough", daemons);
		else
			begin_anew(life);
		return true;
	}
	reply = (struct reply){ .result = answer(&request) };
	reply.identity = identity;
	reply.identity.state = machine.state;
	reply.identity.epoch = machine.epoch;
	send(requests[0], &reply, sizeof(reply), MSG_NOSIGNAL);
	publish(&before);
	check_state();
	decide(life);
	return true;
}

static bool forgotten(void)
{
	return machine.state == HOTID_IDENTITY_STATE_OFFLINE && is_clean() &&
	       !rundir_has_copy(run_dir, NAME) && !rundir_is_taken(run_dir, NAME);
}

static void life_begin(const struct life *life)
{
	static uint64_t known;		/* of no life before */
	const char *why;

	memset(world, 0, sizeof(*world));
	world->fail_verb = life->fail_verb;
	world->fail_step = life->fail_step;
	world->fail_times = life->fail_times;
	daemons = reports = 0;
	rundir_forget(run_dir, NAME);
	write_identity("a.service, b.service");
	hotid_machine_init(&machine);
	known += 10;
	hotid_machine_know(&machine, known);
	hotid_machine_arm(&machine, &why);
	identity = (struct hotid_identity){
		.name = NAME, .state = machine.state, .reason = machine.reason,
		.epoch = machine.epoch, .clean = true, .changed_ns = 1,
	};
	world->stay = 1;
	killpoint_life(life->kill_at, life->kill_again);
}

/* Whether the daemon is to be killed now, which it is once in a state. */
static bool crash(struct life *life)
{
	bool *when = machine.state == HOTID_IDENTITY_STATE_ARMED ? &life->crash_armed :
		     machine.state == HOTID_IDENTITY_STATE_HELD ? &life->crash_held : NULL;

	if (!when || !*when)
		return false;
	*when = false;
	life->wait = true;
	return true;
}

static void live(struct life life)
{
	struct life plan = life;
	uint64_t late_ns;

	life_begin(&life);
	daemon_start();
	late_ns = clock_ns() + PATIENCE_MS * 1000000ULL;
	while (!*world->fault) {
		if (serve(&life)) {
			late_ns = clock_ns() + PATIENCE_MS * 1000000ULL;
		} else if (forgotten()) {
			break;
		} else if (crash(&life)) {
			world_trace("%u: killed when idle\n", world->daemon);
			daemon_end(true);
			begin_anew(&life);
		} else if (life.wait) {
			life.wait = false;
			decide(&life);
		} else if (clock_ns() > late_ns) {
			world_breach("nothing goes on any more");
		}
	}
	daemon_end(*world->fault);
	if (getenv("HOTID_TEST_LOG"))
		fprintf(stderr, "%s\n", world->trace);
	if (!CHECK(!*world->fault))
		printf("# %s\n# killed at %u and %u, fails: %s of %zu %u times, disarm %d, "
		       "crash_armed %d, crash_held %d, interrupt_at %u, supersede %d, reload_at %u\n"
		       "%s", world->fault, plan.kill_at, plan.kill_again, world_words[plan.fail_verb],
		       plan.fail_step, plan.fail_times, plan.disarm, plan.crash_armed,
		       plan.crash_held, plan.interrupt_at, plan.supersede, plan.reload_at, world->trace);
}

/* Without a kill it comes to where it should. */
static void left_alone(void)
{
	live((struct life){ 0 });
	CHECK_INT(daemons, 1);
	for (size_t i = 0; i < STEPS; i++)
		CHECK(world->recorded[TAKE][i].stay && world->recorded[UNDO][i].stay);
}

/* Arming, takeover, release, with one kill; at each point once. */
static void killed_at_every_point(void)
{
	unsigned int kill_at = 1;

	do {
		live((struct life){ .kill_at = kill_at });
	} while (kill_at++ < killpoint_passed() && !ktap_failed);
	printf("# %u points\n", kill_at);
	CHECK(kill_at > 8 * STEPS);
}

static void disarmed_at_every_point(void)
{
	unsigned int kill_at = 1;

	do {
		live((struct life){ .kill_at = kill_at, .disarm = true });
	} while (kill_at++ < killpoint_passed() && !ktap_failed);
}

/* More than one thing goes wrong. */
static void random_lives(void)
{
	unsigned int random = killpoint_seed();

	for (unsigned int i = 0; i < LIVES && !ktap_failed; i++) {
#define DRAW(n) ((unsigned int)rand_r(&random) % (n))
		struct life life = {
			.kill_at = DRAW(300),
			.kill_again = DRAW(400),
			.disarm = !DRAW(6),
			.crash_armed = !DRAW(3),
			.crash_held = !DRAW(3),
			.interrupt_at = DRAW(2) ? DRAW(80) : 0,
			.supersede = DRAW(2),
			.reload_at = DRAW(6) ? 0 : 1 + DRAW(2),
			.fail_verb = (enum verb_word)DRAW(VERBS),
			.fail_step = DRAW(STEPS),
			.fail_times = DRAW(3),
		};
#undef DRAW

		/* What fails to be undone there nobody asks to undo again. */
		if (life.reload_at)
			life.fail_times = 0;
		live(life);
	}
}

static const struct ktap_test tests[] = {
	{ "left_alone", left_alone },
	{ "killed_at_every_point", killed_at_every_point },
	{ "disarmed_at_every_point", disarmed_at_every_point },
	{ "random_lives", random_lives },
};

int main(void)
{
	int status;

	world = killpoint_memory(sizeof(*world));
	recording_verb = world_verb;
	if (!mkdtemp(directory))
		return 1;
	snprintf(identities_dir, sizeof(identities_dir), "%s/identities", directory);
	snprintf(state_dir, sizeof(state_dir), "%s/state", directory);
	mkdir(identities_dir, 0700);
	run_dir = rundir_open(directory);
	if (!run_dir)
		return 1;
	status = ktap_main(tests, sizeof(tests) / sizeof(tests[0]));
	free(run_dir);
	killpoint_remove(directory);
	return status;
}
