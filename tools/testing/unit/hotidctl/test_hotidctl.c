// SPDX-License-Identifier: GPL-2.0
/* hotidctl without a module: durations, tables, lines, outcomes, JSON. */
#define _GNU_SOURCE
#include <errno.h>
#include <locale.h>
#include <stdlib.h>
#include <time.h>

#include "describe.h"
#include "duration.h"
#include "json.h"
#include "ktap.h"
#include "stages.h"
#include "table.h"
#include "text.h"
#include "wait.h"

static void test_duration_parse(void)
{
	static const struct {
		const char *text;
		uint64_t ns;
	} good[] = {
		{ "0ms", 0 }, { "1ns", 1 }, { "250us", 250000 }, { "10ms", 10000000 },
		{ "1.5s", 1500000000 }, { "0.25ms", 250000 }, { "2 min", 120000000000 },
		{ "1h", 3600000000000 }, { "1.9ns", 1 }, { "1.0000000019s", 1000000001 },
		{ "18446744073709551615ns", UINT64_MAX },
	};
	static const char *const bad[] = {
		"", "10", "ms", "-1s", "+1s", " 1s", "1  s", "1.s", ".5s", "1s ", "1e3s", "1d",
		"0x10s", "1.5.5s", "1ms2",
	};
	static const char *const large[] = {
		"18446744073709551616ns", "18446744073710s", "5124096h", "18446744073709551615.9s",
	};
	uint64_t ns;
	size_t i;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		ns = 1234;
		CHECK_INT(duration_parse(good[i].text, &ns), 0);
		if (!CHECK(ns == good[i].ns))
			printf("# %s\n", good[i].text);
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (!CHECK(duration_parse(bad[i], &ns) == -EINVAL))
			printf("# \"%s\"\n", bad[i]);
	for (i = 0; i < sizeof(large) / sizeof(large[0]); i++)
		if (!CHECK(duration_parse(large[i], &ns) == -ERANGE))
			printf("# %s\n", large[i]);
}

static void test_duration_format(void)
{
	static const struct {
		uint64_t ns;
		const char *text;
	} cases[] = {
		{ 0, "0 us" }, { 999999, "999 us" }, { 1000000, "1 ms" },
		{ 1000001, "1.0 ms" },
		{ 12345678, "12.3 ms" }, { 99999999, "99.9 ms" }, { 100000000, "100 ms" },
		{ 999999999, "999 ms" }, { 1000000000, "1 s" },
		{ 1000000001, "1.00 s" }, { 59999999999, "59.99 s" },
		{ 60000000000, "1 min 0 s" }, { 3599000000000, "59 min 59 s" },
		{ 3660000000000, "1 h 1 min" }, { 90000000000000, "1 d 1 h" },
		{ UINT64_MAX, "213503 d 23 h" },
	};
	char text[DURATION_TEXT_MAX];
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		duration_format(cases[i].ns, text);
		CHECK_STR(text, cases[i].text);
	}
	duration_format_ms(1234567, text);
	CHECK_STR(text, "1.234 ms");
	duration_format_ms(UINT64_MAX, text);
	CHECK_STR(text, "18446744073709.551 ms");
}

static char *printed(struct table *table)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	table_print(table, out);
	fclose(out);
	return text;
}

static void test_table(void)
{
	const char *locale = setlocale(LC_CTYPE, "C.UTF-8");
	static const char *const titles[] = { "NAME", ">MS", "MESSAGE", NULL };
	struct table *table = table_new(titles);
	char *text;

	CHECK(locale);
	table_cell(table, "%s", "web");
	table_cell(table, "%d", 5);
	table_cell(table, "%s", "fine");
	table_note(table, "a note, %s", "longer than any column could ever be");
	table_cell(table, "%s", "\xc3\xa9tat-long");	/* 9 characters, 10 bytes */
	table_cell(table, "%d", 12345);
	table_cell(table, "%s", "\033[2Jtwo\nlines");
	text = printed(table);
	CHECK_STR(text,
		  "NAME          MS  MESSAGE\n"
		  "web            5  fine\n"
		  "    a note, longer than any column could ever be\n"
		  "\xc3\xa9tat-long  12345  ?[2Jtwo?lines\n");
	free(text);
}

static void test_table_empty(void)
{
	static const char *const titles[] = { "NAME", NULL };
	char *text = printed(table_new(titles));

	CHECK_STR(text, "");
	free(text);
}

static void test_flags(void)
{
	char text[TEXT_FLAGS_MAX];

	text_flags(0, hotid_peer_flag_name, text);
	CHECK_STR(text, "-");
	text_flags(HOTID_PEER_FLAGS_TELL, hotid_peer_flag_name, text);
	CHECK_STR(text, "tell");
	text_flags(HOTID_PEER_FLAGS_WATCH | HOTID_PEER_FLAGS_TELL, hotid_peer_flag_name, text);
	CHECK_STR(text, "watch, tell");
	text_flags(UINT32_MAX, hotid_peer_flag_name, text);
	CHECK(strlen(text) < TEXT_FLAGS_MAX);
}

static void test_lease(void)
{
	char text[TEXT_LEASE_MAX];

	text_lease(0, 5, text);
	CHECK_STR(text, "none");
	text_lease(5, 5, text);
	CHECK_STR(text, "over");
	text_lease(4005, 5, text);
	CHECK_STR(text, "4 us");
	text_lease(1028000000, 1000000000, text);
	CHECK_STR(text, "28 ms");
}

static void test_path(void)
{
	struct hotid_path path = { .address = { 10, 77, 0, 1 }, .address_len = 4 };
	char text[TEXT_PATH_MAX];

	text_path(&path, text);
	CHECK_STR(text, "10.77.0.1:7707");
	path = (struct hotid_path){ .address = { 0xfd, 0x77, [15] = 1 }, .address_len = 16, .port = 9 };
	text_path(&path, text);
	CHECK_STR(text, "[fd77::1]:9");
	path.ifindex = 0x7ffffff0;
	text_path(&path, text);
	CHECK_STR(text, "[fd77::1%device 2147483632]:9");
}

static void test_time(void)
{
	char text[TEXT_TIME_MAX];

	setenv("TZ", "UTC", 1);
	tzset();
	text_time(1767323045678901234ull, text);
	CHECK_STR(text, "2026-01-02 03:04:05.678");
	CHECK_INT(text_real_ns(0), 0);
}

static void test_outcome(void)
{
	static const struct goal arm = {
		.through = HOTID_IDENTITY_STATE_ARMING, .wanted = HOTID_IDENTITY_STATE_ARMED
	};
	static const struct goal takeover = {
		.through = HOTID_IDENTITY_STATE_TAKING, .wanted = HOTID_IDENTITY_STATE_HELD
	};
	static const struct goal release = {
		.through = HOTID_IDENTITY_STATE_RELEASING, .wanted = HOTID_IDENTITY_STATE_OFFLINE
	};

	CHECK_INT(wait_outcome(&arm, HOTID_IDENTITY_STATE_ARMING, true), GOING_ON);
	CHECK_INT(wait_outcome(&arm, HOTID_IDENTITY_STATE_ARMED, true), REACHED);
	CHECK_INT(wait_outcome(&arm, HOTID_IDENTITY_STATE_HELD, true), REACHED);
	CHECK_INT(wait_outcome(&arm, HOTID_IDENTITY_STATE_FAILED, true), FAILED);
	CHECK_INT(wait_outcome(&arm, HOTID_IDENTITY_STATE_FAILED, false), LEFT_BEHIND);
	CHECK_INT(wait_outcome(&arm, HOTID_IDENTITY_STATE_OFFLINE, true), OTHERWISE);
	CHECK_INT(wait_outcome(&takeover, HOTID_IDENTITY_STATE_HELD, true), REACHED);
	CHECK_INT(wait_outcome(&takeover, HOTID_IDENTITY_STATE_RELEASING, true), GOING_ON);
	CHECK_INT(wait_outcome(&takeover, HOTID_IDENTITY_STATE_OFFLINE, true), OTHERWISE);
	CHECK_INT(wait_outcome(&release, HOTID_IDENTITY_STATE_OFFLINE, true), REACHED);
	CHECK_INT(wait_outcome(&release, HOTID_IDENTITY_STATE_FAILED, false), LEFT_BEHIND);
	CHECK_INT(wait_outcome(&release, 99, true), GOING_ON);
}

static struct hotid_step step(uint32_t stage, uint32_t verb, uint64_t start, uint64_t end)
{
	return (struct hotid_step){ .stage = stage, .verb = verb, .start_ns = start,
				    .end_ns = end, .status = HOTID_STEP_STATUS_DONE };
}

static void test_stages(void)
{
	struct hotid_step steps[] = {
		step(HOTID_STAGE_DETECT, HOTID_VERB_TAKE, 100, 130),
		step(HOTID_STAGE_FENCE, HOTID_VERB_VERIFY, 150, 180),
		step(HOTID_STAGE_FENCE, HOTID_VERB_TAKE, 140, 160),
		step(HOTID_STAGE_NET, HOTID_VERB_TAKE, 200, 0),		/* runs still */
		step(HOTID_STAGE_MOUNT, HOTID_VERB_UNDO, 200, 210),
		step(99, HOTID_VERB_TAKE, 1, 2),			/* of a newer module */
	};
	struct hotid_identity identity = { .steps = steps, .n_steps = 6 };
	struct span spans[STAGES];

	CHECK_INT(stages_read(&identity, spans), 2);
	CHECK_INT(spans[HOTID_STAGE_DETECT].start_ns, 100);
	CHECK_INT(spans[HOTID_STAGE_FENCE].start_ns, 140);
	CHECK_INT(spans[HOTID_STAGE_FENCE].end_ns, 180);
	CHECK_INT(spans[HOTID_STAGE_NET].end_ns, 0);
	CHECK_INT(spans[HOTID_STAGE_MOUNT].end_ns, 0);

	steps[2].status = HOTID_STEP_STATUS_FAILED;
	CHECK(!stages_failed(&identity));
	identity.state = HOTID_IDENTITY_STATE_FAILED;
	CHECK(stages_failed(&identity) == &steps[2]);
}

static void test_describe(void)
{
	struct overview overview = { .node = { .id = { 1 }, .name = "spare" } };
	struct hotid_identity identity = {
		.previous = HOTID_IDENTITY_STATE_ARMED, .state = HOTID_IDENTITY_STATE_TAKING,
		.epoch = 5, .reason = HOTID_REASON_PEER_SILENT, .has_holder = true, .holder = { 1 },
	};
	struct hotid_step failed = {
		.index = 5, .name = "mount /srv/web", .verb = HOTID_VERB_TAKE, .start_ns = 1000000,
		.end_ns = 4200000, .error = EIO, .message = "the disk is\ngone",
	};
	char text[DESCRIBE_MAX];

	describe_change(&identity, &overview, text);
	CHECK_STR(text, "armed -> taking, epoch 5, holder spare, peer-silent");
	identity.holder[0] = 2;
	describe_change(&identity, &overview, text);
	CHECK_STR(text, "armed -> taking, epoch 5, holder 02000000000000000000000000000000, peer-silent");
	describe_failure(&failed, text);
	CHECK_STR(text, "step 5 mount /srv/web: take failed after 3.2 ms: the disk is?gone (EIO)");
	failed = (struct hotid_step){ .stage = HOTID_STAGE_NET, .status = HOTID_STEP_STATUS_RUNNING };
	describe_step(&failed, text);
	CHECK_STR(text, "net       validate                                running");
}

static void test_describe_guard(void)
{
	struct hotid_identity identity = { .egress = HOTID_EGRESS_OPEN };
	char text[DESCRIBE_MAX];

	describe_guard(&identity, 1000, text);
	CHECK_STR(text, "");
	identity.guard.n_ports = 1;
	describe_guard(&identity, 1000, text);
	CHECK_STR(text, "guard: open, 0 frames blocked");
	identity.guard.n_voters = 3;
	identity.lease_ns = 1000 + 28000000;
	describe_guard(&identity, 1000, text);
	CHECK_STR(text, "guard: open, lease for 28 ms by 2 of 3 voters, 0 frames blocked");
	identity.egress = HOTID_EGRESS_BLOCKED;
	identity.blocked_frames = 124;
	describe_guard(&identity, identity.lease_ns, text);
	CHECK_STR(text, "guard: blocked, no lease by 2 of 3 voters, 124 frames blocked");
}

static void test_describe_peer(void)
{
	struct hotid_peer peer = {
		.state = HOTID_PEER_STATE_DOWN, .reason = HOTID_REASON_PEER_GASP,
		.gasp = HOTID_GASP_PANIC, .health = HOTID_HEALTH_USERSPACE, .n_paths = 2,
		.paths = {
			{ .address = { 10, 77, 0, 1 }, .address_len = 4, .state = HOTID_PEER_STATE_UP },
			{ .address = { 10, 78, 0, 1 }, .address_len = 4, .state = HOTID_PEER_STATE_DOWN },
		},
	};
	char text[DESCRIBE_MAX];

	describe_peer(&peer, text);
	CHECK_STR(text, "down, peer-gasp (panic), health userspace");
	peer.state = HOTID_PEER_STATE_UP;
	peer.reason = HOTID_REASON_BEAT;
	peer.event = HOTID_REASON_PATH_SILENT;
	describe_peer(&peer, text);
	CHECK_STR(text, "up, path-silent, health userspace, 10.78.0.1:7707 down");
}

/* The longest of everything fits, and nothing is cut inside by accident. */
static void test_describe_longest(void)
{
	struct overview overview = { 0 };
	struct hotid_identity identity = { .has_holder = true, .holder = { 1 }, .epoch = UINT64_MAX };
	struct hotid_step longest = { .end_ns = UINT64_MAX, .index = UINT32_MAX };
	char text[DESCRIBE_MAX];

	memset(identity.message, 'm', HOTID_MESSAGE_MAX);
	memset(longest.message, 'm', HOTID_MESSAGE_MAX);
	memset(longest.name, 'n', HOTID_NAME_MAX);
	describe_change(&identity, &overview, text);
	CHECK(text[strlen(text) - 1] == 'm');
	describe_step(&longest, text);
	CHECK(text[strlen(text) - 1] == 'm');
	describe_failure(&longest, text);
	CHECK(text[strlen(text) - 1] == ')');
}

static void test_overview_update(void)
{
	struct overview overview = { 0 };
	struct hotid_identity identity = { .name = "web", .changed_ns = 5 };
	struct hotid_peer peer = { .name = "active", .id = { 9 } };
	char name[OVERVIEW_NODE_MAX];

	CHECK(overview_update_identity(&overview, &identity));
	CHECK(!overview_update_identity(&overview, &identity));
	identity.changed_ns = 6;
	CHECK(overview_update_identity(&overview, &identity));
	strcpy(identity.name, "mail");
	identity.changed_ns = 0;
	CHECK(!overview_update_identity(&overview, &identity));

	/* A peer that is new, one that goes on, one that changes. */
	CHECK(!overview_update_peer(&overview, &peer));
	CHECK(!overview_update_peer(&overview, &peer));
	peer.changed_ns = 7;
	CHECK(overview_update_peer(&overview, &peer));
	CHECK(!overview_update_peer(&overview, &peer));
	overview_node(&overview, peer.id, name);
	CHECK_STR(name, "active");
	overview_free(&overview);
}

/* What was deleted and came again is new; the others stay known. */
static void test_overview_forget(void)
{
	struct overview overview = { 0 };
	struct hotid_identity web = { .name = "web", .changed_ns = 5 };
	struct hotid_identity mail = { .name = "mail", .changed_ns = 6 };
	struct hotid_peer one = { .name = "one", .id = { 1 } }, two = { .name = "two", .id = { 2 } };

	overview_update_identity(&overview, &web);
	overview_update_identity(&overview, &mail);
	overview_update_peer(&overview, &one);
	overview_update_peer(&overview, &two);
	overview_forget_identity(&overview, "web");
	overview_forget_peer(&overview, one.id);
	CHECK_INT(overview.n_identities, 1);
	CHECK_INT(overview.n_peers, 1);
	CHECK(!overview_knows(&overview, one.id));
	CHECK(overview_knows(&overview, two.id));
	CHECK(!overview_update_identity(&overview, &mail));
	web.changed_ns = 0;
	CHECK(!overview_update_identity(&overview, &web));

	/* What is not known cannot be forgotten. */
	overview_forget_identity(&overview, "nobody");
	overview_forget_peer(&overview, one.id);
	CHECK_INT(overview.n_identities, 2);
	CHECK_INT(overview.n_peers, 1);
	overview_free(&overview);
}

static void test_json_deletions(void)
{
	struct overview overview = { 0 };
	struct hotid_identity identity = { .name = "web" };
	struct hotid_peer peer = { .name = "active", .id = { 9 } };
	struct hotid_event event = { .type = HOTID_EVENT_PEER_DEL, .peer = &peer };
	json_t *value = json_event(&event, &overview);

	CHECK_STR(json_string_value(json_object_get(value, "event")), "peer-del");
	CHECK_STR(json_string_value(json_object_get(json_object_get(value, "peer"), "name")),
		  "active");
	json_decref(value);
	event = (struct hotid_event){ .type = HOTID_EVENT_IDENTITY_DEL, .identity = &identity };
	value = json_event(&event, &overview);
	CHECK_STR(json_string_value(json_object_get(value, "event")), "identity-del");
	CHECK_STR(json_string_value(json_object_get(json_object_get(value, "identity"), "name")),
		  "web");
	json_decref(value);
}

static void test_json_text(void)
{
	json_t *value = json_text("caf\xe9 \xc3\xa9");

	CHECK_STR(json_string_value(value), "caf? ??");
	json_decref(value);
	value = json_text("caf\xc3\xa9");
	CHECK_STR(json_string_value(value), "caf\xc3\xa9");
	json_decref(value);
}

static void test_json_identity(void)
{
	struct overview overview = { .node = { .id = { 1 }, .name = "spare" } };
	struct hotid_step steps[1] = { { .index = 3, .name = "mount /srv/web", .error = EIO } };
	struct hotid_identity identity = {
		.name = "web", .flags = HOTID_IDENTITY_FLAGS_AUTO, .epoch = 5, .has_holder = true,
		.state = HOTID_IDENTITY_STATE_HELD, .holder = { 1 }, .steps = steps, .n_steps = 1,
	};
	json_t *value = json_identity(&identity, &overview), *list;

	CHECK_STR(json_string_value(json_object_get(value, "name")), "web");
	CHECK_STR(json_string_value(json_object_get(value, "state")), "held");
	CHECK_STR(json_string_value(json_object_get(value, "holder")), "spare");
	CHECK_STR(json_string_value(json_object_get(value, "epoch")), "5");
	CHECK_STR(json_string_value(json_array_get(json_object_get(value, "flags"), 0)), "auto");
	list = json_object_get(value, "steps");
	CHECK_INT(json_array_size(list), 1);
	CHECK_INT(json_integer_value(json_object_get(json_array_get(list, 0), "errno")), EIO);
	json_decref(value);

	steps[0].status = HOTID_STEP_STATUS_FAILED;
	steps[0].verb = HOTID_VERB_TAKE;
	value = json_identity(&identity, &overview);
	CHECK_INT(json_array_size(json_object_get(value, "findings")), 0);
	json_decref(value);
	steps[0].verb = HOTID_VERB_VERIFY;
	value = json_identity(&identity, &overview);
	CHECK_INT(json_array_size(json_object_get(value, "findings")), 1);
	json_decref(value);

	identity.has_holder = false;
	value = json_identity(&identity, &overview);
	CHECK(json_is_null(json_object_get(value, "holder")));
	json_decref(value);
}

/* No number that a reader with 53 bits gets wrong, wherever it stands. */
static void check_numbers(const json_t *value, const char *where)
{
	json_t *inner;
	const char *key;
	size_t i;

	if (json_is_integer(value) &&
	    !CHECK(json_integer_value(value) >= 0 && json_integer_value(value) < 1ll << 53))
		printf("# %s is %" JSON_INTEGER_FORMAT "\n", where, json_integer_value(value));
	json_object_foreach((json_t *)value, key, inner)
		check_numbers(inner, key);
	json_array_foreach(value, i, inner)
		check_numbers(inner, where);
}

static void test_json_numbers(void)
{
	struct overview overview = { 0 };
	struct hotid_step steps[1];
	struct hotid_probe probes[1];
	struct hotid_node node;
	struct hotid_peer peer;
	struct hotid_identity identity;
	json_t *value;

	memset(&node, 0xff, sizeof(node));
	memset(&peer, 0xff, sizeof(peer));
	memset(&identity, 0xff, sizeof(identity));
	memset(steps, 0xff, sizeof(steps));
	memset(probes, 0xff, sizeof(probes));
	node.probes = probes;
	node.n_probes = 1;
	node.key_set = identity.clean = identity.has_holder = true;
	peer.n_paths = HOTID_MAX_PATHS;
	identity.steps = steps;
	identity.n_steps = 1;
	identity.guard.n_voters = HOTID_MAX_VOTERS;
	identity.guard.n_ports = HOTID_MAX_GUARDED_PORTS;
	*node.name = *node.version = *node.pending_cpus = *peer.name = '\0';
	*identity.name = *identity.message = *steps->name = *steps->kind = *steps->message = '\0';

	value = json_node(&node);
	check_numbers(value, "node");
	CHECK_STR(json_string_value(json_object_get(value, "boot_id")), "ffffffffffffffff");
	json_decref(value);
	value = json_peer(&peer);
	check_numbers(value, "peer");
	json_decref(value);
	value = json_identity(&identity, &overview);
	check_numbers(value, "identity");
	CHECK_STR(json_string_value(json_object_get(value, "epoch")), "18446744073709551615");
	json_decref(value);
}

/* What is printed says its version first, and an error is a line of its own. */
static void test_json_printed(void)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	json_line(json_pack("{s:s}", "event", "lost"), out);
	fclose(out);
	CHECK_STR(text, "{\"version\":1,\"event\":\"lost\"}\n");
	free(text);
}

static void test_json_error(void)
{
	struct ctl ctl = { .json = true, .name = "web" };
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size), *real = stderr;

	stderr = out;
	CHECK_INT(ctl_error(&ctl, CTL_USAGE, "%s is not \"it\"", "this"), CTL_USAGE);
	CHECK_INT(ctl_fail(&ctl, -EPERM), CTL_NOT_PERMITTED);
	ctl_warn(&ctl, "careful");
	stderr = real;
	fclose(out);
	CHECK_STR(text,
		  "{\"version\":1,\"error\":{\"message\":\"this is not \\\"it\\\"\",\"exit\":2}}\n"
		  "{\"version\":1,\"error\":{\"message\":\"needs CAP_NET_ADMIN in the initial user "
		  "namespace; run as root\",\"errno\":\"EPERM\",\"exit\":6}}\n"
		  "{\"version\":1,\"warning\":{\"message\":\"careful\"}}\n");
	free(text);
}

static const struct ktap_test tests[] = {
	{ "duration_parse", test_duration_parse },
	{ "duration_format", test_duration_format },
	{ "table", test_table },
	{ "table_empty", test_table_empty },
	{ "flags", test_flags },
	{ "path", test_path },
	{ "lease", test_lease },
	{ "time", test_time },
	{ "outcome", test_outcome },
	{ "stages", test_stages },
	{ "describe", test_describe },
	{ "describe_guard", test_describe_guard },
	{ "describe_peer", test_describe_peer },
	{ "describe_longest", test_describe_longest },
	{ "overview_update", test_overview_update },
	{ "overview_forget", test_overview_forget },
	{ "json_deletions", test_json_deletions },
	{ "json_text", test_json_text },
	{ "json_identity", test_json_identity },
	{ "json_numbers", test_json_numbers },
	{ "json_printed", test_json_printed },
	{ "json_error", test_json_error },
};

KTAP_MAIN(tests)
