// SPDX-License-Identifier: GPL-2.0
/* The order of hotidd's plans, and what a run does when steps fail or somebody ends it. */
#include <errno.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/memory.h"
#include "ktap.h"
#include "plan/runner.h"
#include "recording_kinds.h"

static struct plan *plan;
static struct run run;
static atomic_bool halt;
static struct pulse pulse = { .name = "test" };
static char reports[16384];
static int refuse_after;	/* reports until one is refused as stale; negative for never */

static int on_report(const struct hotid_step *step, void *data)
{
	size_t used = strlen(reports);

	snprintf(reports + used, sizeof(reports) - used, "%u %s %s %s%s%s\n", step->index,
		 step->name, hotid_verb_name(step->verb), hotid_status_name(step->status),
		 *step->message ? ": " : "", step->message);
	CHECK(step->start_ns);
	CHECK(step->status == HOTID_STEP_STATUS_RUNNING ? !step->end_ns :
	      step->end_ns >= step->start_ns);
	return refuse_after >= 0 && !refuse_after-- ? -ESTALE : 0;
}

/* An identity with one or two of everything. */
static struct identity_config *identity_new(enum fence_policy fence)
{
	struct identity_config *identity = must_calloc(1, sizeof(*identity));

	strcpy(identity->name, "web");
	identity->path = must_strdup("web.yaml");
	identity->fence = fence;
	identity->step_timeout_ms = 1000;
	identity->ports = must_calloc(1, sizeof(identity->ports[0]));
	identity->n_ports = 1;
	identity->ports[0].mac[0] = 2;
	identity->ports[0].mac[5] = 0x10;
	identity->iscsi = must_calloc(1, sizeof(identity->iscsi[0]));
	identity->n_iscsi = 1;
	identity->iscsi[0].target = must_strdup("iqn.2026-01.hotid:store");
	identity->disks = must_calloc(1, sizeof(identity->disks[0]));
	identity->n_disks = 1;
	identity->disks[0].name = must_strdup("data");
	identity->mounts = must_calloc(1, sizeof(identity->mounts[0]));
	identity->n_mounts = 1;
	identity->mounts[0].where = must_strdup("/srv/web");
	identity->units = must_calloc(2, sizeof(identity->units[0]));
	identity->n_units = 2;
	identity->units[0] = must_strdup("a.service");
	identity->units[1] = must_strdup("b.service");
	return identity;
}

static void begin(enum fence_policy fence)
{
	plan = plan_compile(identity_new(fence));
	recording_reset();
	reports[0] = '\0';
	refuse_after = -1;
	halt = false;
	run = (struct run){
		.plan = plan,
		.node_id = (const uint8_t *)"0123456789abcdef",
		.run_dir = "/nowhere",
		.epoch = 7,
		.cancel_fd = eventfd(0, EFD_NONBLOCK),
		.report = on_report,
		.halt = &halt,
		.pulse = &pulse,
	};
}

static void end(void)
{
	CHECK_INT(pulse.step_ns, 0);
	close(run.cancel_fd);
	plan_free(plan);
}

#define LOGIN	"log in to iqn.2026-01.hotid:store"
#define PORT	"port 02:00:00:00:00:10"
#define ANNOUNCE "announce 02:00:00:00:00:10"

static void order(void)
{
	static const char *const names[] = {
		LOGIN, "reserve data", PORT, "disk data", "mount /srv/web", "start a.service",
		"start b.service", ANNOUNCE
	};
	uint32_t stage = 0;

	begin(FENCE_RESERVATION);
	CHECK_INT(plan->n_steps, 8);
	for (size_t i = 0; i < plan->n_steps; i++) {
		CHECK_STR(plan->steps[i].name, names[i]);
		CHECK(plan->steps[i].kind->stage >= stage);
		stage = plan->steps[i].kind->stage;
	}
	CHECK_INT(plan->steps[6].item, 1);
	end();

	begin(FENCE_NONE);
	CHECK_INT(plan->n_steps, 7);
	for (size_t i = 0; i < plan->n_steps; i++)
		CHECK(plan->steps[i].kind != &kind_reservation);
	end();
}

static void long_names(void)
{
	struct identity_config *identity = identity_new(FENCE_RESERVATION);
	char where[201];

	memset(where, 'd', 200);
	memcpy(where, "/srv/", 5);
	strcpy(where + 196, "/end");
	free(identity->mounts[0].where);
	identity->mounts[0].where = must_strdup(where);
	plan = plan_compile(identity);
	CHECK_INT(strlen(plan->steps[4].name), HOTID_NAME_MAX);
	CHECK(!strncmp(plan->steps[4].name, "mount ...d", 10));
	CHECK_STR(plan->steps[4].name + HOTID_NAME_MAX - 4, "/end");
	plan_free(plan);
}

static void arm(void)
{
	begin(FENCE_RESERVATION);
	CHECK_INT(run_arm(&run), 0);
	CHECK_STR(recording,
		  "validate " LOGIN "\nvalidate reserve data\nvalidate " PORT "\nvalidate disk data\n"
		  "validate mount /srv/web\nvalidate start a.service\nvalidate start b.service\n"
		  "validate " ANNOUNCE "\n"
		  "stage " LOGIN "\nstage reserve data\nstage " PORT "\nstage disk data\n"
		  "stage mount /srv/web\nstage start a.service\nstage start b.service\n"
		  "stage " ANNOUNCE "\n");
	CHECK(!strncmp(reports, "1 " LOGIN " validate running\n1 " LOGIN " validate done: validate done\n",
		       80));
	end();
}

static void arm_not_valid(void)
{
	begin(FENCE_RESERVATION);
	recording_fail("validate", PORT, -ENODEV, "matches no device");
	CHECK_INT(run_arm(&run), -ENODEV);
	CHECK(run.clean);
	CHECK_STR(run.message, PORT ": matches no device");
	/* Nothing was done, so nothing is undone. */
	CHECK_STR(recording, "validate " LOGIN "\nvalidate reserve data\nvalidate " PORT "\n");
	CHECK(strstr(reports, "3 " PORT " validate failed: matches no device\n"));
	end();
}

static void arm_not_staged(void)
{
	begin(FENCE_RESERVATION);
	recording_fail("stage", "disk data", -EIO, "no");
	CHECK_INT(run_arm(&run), -EIO);
	CHECK(run.clean);
	CHECK(strstr(recording, "stage disk data\nundo disk data\nundo " PORT "\nundo reserve data\n"
				"undo " LOGIN "\n"));
	CHECK(!strstr(recording, "(taken)"));
	end();
}

static void takeover(void)
{
	begin(FENCE_RESERVATION);
	CHECK_INT(run_takeover(&run), 0);
	CHECK_STR(recording,
		  "take " LOGIN "\nverify " LOGIN "\ntake reserve data\nverify reserve data\n"
		  "take " PORT "\nverify " PORT "\ntake disk data\nverify disk data\n"
		  "take mount /srv/web\nverify mount /srv/web\ntake start a.service\n"
		  "verify start a.service\ntake start b.service\nverify start b.service\n"
		  "take " ANNOUNCE "\nverify " ANNOUNCE "\n");
	/* What take did is what a person reads, over the time of both verbs. */
	CHECK(strstr(reports, "2 reserve data take running\n2 reserve data verify done: take done\n3 "));
	end();
}

static void takeover_fails(void)
{
	begin(FENCE_RESERVATION);
	recording_fail("take", "mount /srv/web", -EINVAL, "wrong fs type");
	CHECK_INT(run_takeover(&run), -EINVAL);
	CHECK(run.clean);
	CHECK_STR(run.message, "mount /srv/web: wrong fs type");
	/* In reverse; what came after was only staged. */
	CHECK(strstr(recording,
		     "take mount /srv/web\nundo " ANNOUNCE "\nundo start b.service\n"
		     "undo start a.service\nundo mount /srv/web (taken)\nundo disk data (taken)\n"
		     "undo " PORT " (taken)\nundo reserve data (taken)\nundo " LOGIN " (taken)\n"));
	/* The record of the step that failed stays to be read. */
	CHECK(strstr(reports, "5 mount /srv/web take failed: wrong fs type\n"));
	CHECK(!strstr(reports, "5 mount /srv/web undo"));
	CHECK(strstr(reports, "4 disk data undo done"));
	end();
}

static void takeover_repeated_fails(void)
{
	begin(FENCE_RESERVATION);
	run.taken = true;
	recording_fail("verify", LOGIN, -ENODEV, "gone");
	CHECK_INT(run_takeover(&run), -ENODEV);
	/* A daemon that was killed may have come further than this one. */
	CHECK(strstr(recording, "undo start b.service (taken)\n"));
	CHECK(strstr(recording, "undo mount /srv/web (taken)\n"));
	end();
}

static void not_fenced(void)
{
	begin(FENCE_RESERVATION);
	recording_fail("verify", "reserve data", -EPERM, "the old key is still there");
	CHECK_INT(run_takeover(&run), -EPERM);
	CHECK(!strstr(recording, "take " PORT));
	CHECK(!strstr(recording, "take mount"));
	end();

	/* A plan that somehow lost its fence is not run either. */
	begin(FENCE_NONE);
	plan->identity->fence = FENCE_RESERVATION;
	CHECK_INT(run_takeover(&run), -EPERM);
	CHECK(!strstr(recording, "take " PORT));
	CHECK(strstr(run.message, "not fenced"));
	CHECK(strstr(recording, "undo " LOGIN " (taken)"));
	end();

	begin(FENCE_NONE);
	CHECK_INT(run_takeover(&run), 0);
	CHECK(strstr(recording, "take " ANNOUNCE));
	end();
}

static void undo_fails(void)
{
	begin(FENCE_RESERVATION);
	run.taken = true;
	recording_fail("undo", "start a.service", -ETIMEDOUT, "does not stop");
	CHECK_INT(run_undo(&run), -ETIMEDOUT);
	CHECK(!run.clean);
	CHECK_STR(run.message, "start a.service: does not stop");
	/* All the rest is undone all the same. */
	CHECK(strstr(recording, "undo start a.service (taken)\nundo mount /srv/web (taken)\n"
				"undo disk data (taken)\nundo " PORT " (taken)\n"
				"undo reserve data (taken)\nundo " LOGIN " (taken)\n"));
	end();
}

/* Nothing of it may be on the wire any more: ports go before services, which may take long. */
static void superseded(void)
{
	begin(FENCE_RESERVATION);
	run.taken = run.superseded = true;
	CHECK_INT(run_undo(&run), 0);
	CHECK(run.clean);
	CHECK_STR(recording,
		  "undo " PORT " (taken)\nundo " ANNOUNCE " (taken)\nundo start b.service (taken)\n"
		  "undo start a.service (taken)\nundo mount /srv/web (taken)\n"
		  "undo disk data (taken)\nundo reserve data (taken)\nundo " LOGIN " (taken)\n");
	end();

	begin(FENCE_RESERVATION);
	run.taken = run.superseded = true;
	recording_fail("undo", PORT, -EBUSY, "does not go");
	CHECK_INT(run_undo(&run), -EBUSY);
	CHECK(!run.clean);
	CHECK(strstr(recording, "undo mount /srv/web (taken)\nundo disk data (taken)\n"
				"undo reserve data (taken)\nundo " LOGIN " (taken)\n"));
	end();
}

static void mounted_keeps_its_disk(void)
{
	begin(FENCE_RESERVATION);
	run.taken = true;
	recording_fail("undo", "mount /srv/web", -EBUSY, "target is busy");
	CHECK_INT(run_undo(&run), -EBUSY);
	CHECK(!run.clean);
	CHECK_STR(run.message, "mount /srv/web: target is busy");
	CHECK(!strstr(recording, "undo disk data"));
	CHECK(!strstr(recording, "undo reserve data"));
	CHECK(!strstr(recording, "undo " LOGIN));
	/* But the address goes: another node may have it by now. */
	CHECK(strstr(recording, "undo " PORT " (taken)\n"));
	CHECK(strstr(reports, "1 " LOGIN " undo failed: kept, since a file system on it may still "
			      "be mounted\n"));
	end();
}

static void failure_and_undo_fail(void)
{
	begin(FENCE_RESERVATION);
	recording_fail("take", "start b.service", -EIO, "failed to start");
	recording_fail("undo", "start a.service", -EIO, "does not stop");
	CHECK_INT(run_takeover(&run), -EIO);
	CHECK(!run.clean);
	/* The first cause is what is told. */
	CHECK_STR(run.message, "start b.service: failed to start");
	end();
}

static void cancel(struct step_env *env)
{
	CHECK(env->cancel_fd >= 0);
	eventfd_write(run.cancel_fd, 1);
}

static void check_no_cancel(struct step_env *env)
{
	CHECK_INT(env->cancel_fd, -1);
}

static void cancelled(void)
{
	begin(FENCE_RESERVATION);
	recording_call("take", PORT, cancel);
	recording_fail("take", PORT, -ECANCELED, "cancelled");
	CHECK_INT(run_takeover(&run), -ECANCELED);
	CHECK(!strstr(recording, "undo"));
	CHECK(!strstr(recording, "take disk"));
	CHECK(!strstr(reports, "failed"));
	/* The undo that follows is not cancelled by what is still in the eventfd. */
	recording_reset();
	run.taken = true;
	recording_call("undo", "disk data", check_no_cancel);
	CHECK_INT(run_undo(&run), 0);
	CHECK(strstr(recording, "undo " LOGIN));
	end();

	/* Between two steps, too. */
	begin(FENCE_RESERVATION);
	recording_call("verify", "reserve data", cancel);
	CHECK_INT(run_takeover(&run), -ECANCELED);
	CHECK(!strstr(recording, "take " PORT));
	end();

	/* A step that calls itself cancelled when nobody did has failed. */
	begin(FENCE_RESERVATION);
	recording_fail("take", PORT, -ECANCELED, "cancelled");
	CHECK_INT(run_takeover(&run), -EINTR);
	CHECK(strstr(recording, "undo " LOGIN));
	end();
}

static void stale(void)
{
	begin(FENCE_RESERVATION);
	refuse_after = 5;		/* the end of the third step */
	CHECK_INT(run_takeover(&run), -ECANCELED);
	CHECK(strstr(recording, "take " PORT));
	CHECK(!strstr(recording, "take disk"));
	CHECK(!strstr(recording, "undo"));
	end();
}

static void halt_now(struct step_env *env)
{
	halt = true;
}

static void halted(void)
{
	begin(FENCE_RESERVATION);
	run.taken = true;
	recording_call("undo", "start a.service", halt_now);
	CHECK_INT(run_undo(&run), -ECANCELED);
	CHECK(!strstr(recording, "undo mount"));
	end();

	begin(FENCE_RESERVATION);
	recording_call("take", "disk data", halt_now);
	recording_fail("take", "disk data", -EIO, "no");
	CHECK_INT(run_takeover(&run), -ECANCELED);
	CHECK(!strstr(recording, "undo"));
	end();
}

/* What announces is taken again, and nothing else; nobody is told, and nothing undone. */
static void announce_again(void)
{
	begin(FENCE_RESERVATION);
	CHECK_INT(run_announce(&run), 0);
	CHECK_STR(recording, "take " ANNOUNCE "\n");
	CHECK_STR(reports, "");
	end();

	begin(FENCE_RESERVATION);
	recording_fail("take", ANNOUNCE, -ENETDOWN, "no link");
	CHECK_INT(run_announce(&run), -ENETDOWN);
	CHECK_STR(run.message, ANNOUNCE ": no link");
	CHECK_STR(recording, "take " ANNOUNCE "\n");
	end();

	begin(FENCE_RESERVATION);
	eventfd_write(run.cancel_fd, 1);
	CHECK_INT(run_announce(&run), -ECANCELED);
	CHECK_STR(recording, "");
	end();
}

/* All is asked, what failed is told, and nothing is undone. */
static void audit(void)
{
	begin(FENCE_RESERVATION);
	recording_fail("verify", PORT, -ENOENT, "an address is gone");
	recording_fail("verify", "start a.service", -EIO, "it is dead");
	CHECK_INT(run_audit(&run, HOTID_VERB_VERIFY), -ENOENT);
	CHECK_STR(run.message, PORT ": an address is gone");
	CHECK_STR(recording, "verify " LOGIN "\nverify reserve data\nverify " PORT "\n"
		  "verify disk data\nverify mount /srv/web\nverify start a.service\n"
		  "verify start b.service\nverify " ANNOUNCE "\n");
	CHECK(strstr(reports, "3 " PORT " verify failed: an address is gone\n"));
	CHECK(strstr(reports, "7 start b.service verify done"));
	end();
}

/* What would have to ask a device that is not there might not come back. */
static void audit_without_storage(void)
{
	begin(FENCE_RESERVATION);
	recording_fail("verify", LOGIN, -ENOTCONN, "the session is gone");
	CHECK_INT(run_audit(&run, HOTID_VERB_VERIFY), -ENOTCONN);
	CHECK_STR(recording, "verify " LOGIN "\nverify " PORT "\nverify start a.service\n"
		  "verify start b.service\nverify " ANNOUNCE "\n");
	end();

	begin(FENCE_RESERVATION);
	eventfd_write(run.cancel_fd, 1);
	CHECK_INT(run_audit(&run, HOTID_VERB_VALIDATE), -ECANCELED);
	CHECK_STR(recording, "");
	end();
}

static void odd_errors(void)
{
	begin(FENCE_RESERVATION);
	/* A raw SCSI status, 0x18, is a failure with a sign like any other. */
	recording_fail("take", "reserve data", 0x18, "");
	CHECK_INT(run_takeover(&run), -0x18);
	CHECK(strstr(run.message, "reserve data: ") && strlen(run.message) > strlen("reserve data: "));
	end();
}

static const struct ktap_test tests[] = {
	{ "order", order },
	{ "long_names", long_names },
	{ "arm", arm },
	{ "arm_not_valid", arm_not_valid },
	{ "arm_not_staged", arm_not_staged },
	{ "takeover", takeover },
	{ "takeover_fails", takeover_fails },
	{ "takeover_repeated_fails", takeover_repeated_fails },
	{ "not_fenced", not_fenced },
	{ "undo_fails", undo_fails },
	{ "superseded", superseded },
	{ "mounted_keeps_its_disk", mounted_keeps_its_disk },
	{ "failure_and_undo_fail", failure_and_undo_fail },
	{ "cancelled", cancelled },
	{ "stale", stale },
	{ "halted", halted },
	{ "announce_again", announce_again },
	{ "audit", audit },
	{ "audit_without_storage", audit_without_storage },
	{ "odd_errors", odd_errors },
};

KTAP_MAIN(tests)
