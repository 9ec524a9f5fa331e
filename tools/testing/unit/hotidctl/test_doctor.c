// SPDX-License-Identifier: GPL-2.0
/* hotidctl doctor without a module: each verdict of each check. */
#define _GNU_SOURCE
#include "doctor_fixture.h"

static void test_module(void)
{
	begin();
	doctor_examine(&doctor);
	CHECK_INT(finding_of("module")->verdict, VERDICT_OK);
	CHECK_STR(finding_of("module")->what, "hotid.ko " HOTID_VERSION);

	doctor_clear(&doctor);
	strcpy(overview.node.version, "0.0.9");
	doctor_examine(&doctor);
	CHECK_INT(finding_of("module")->verdict, VERDICT_WARN);
	CHECK(strstr(finding_of("module")->what, "0.0.9"));
	CHECK(strstr(finding_of("module")->fix, "modprobe -r hotid"));

	doctor_clear(&doctor);
	doctor.overview = NULL;
	doctor_examine(&doctor);
	CHECK_INT(finding_of("module")->verdict, VERDICT_BAD);
	CHECK_STR(finding_of("module")->fix, "modprobe hotid");
	CHECK_INT(finding_of("peers")->verdict, VERDICT_NONE);
	CHECK_INT(finding_of("kdump")->verdict, VERDICT_OK);
	end();
}

static void test_node(void)
{
	begin();
	ONE(doctor_node, VERDICT_OK, "spare beats every 10 ms", "");
	overview.node.key_set = false;
	ONE(doctor_node, VERDICT_BAD, "no key", "hotidd --check");
	overview.node.key_set = true;
	overview.node.id[0] = 0;
	ONE(doctor_node, VERDICT_BAD, "no id", "hotidd --check");
	end();
}

static void test_key(void)
{
	begin();
	ONE(doctor_key, VERDICT_OK, "generation 1 alone", "");
	overview.node.key_other = 2;
	ONE(doctor_key, VERDICT_WARN, "2 is accepted, and 1 is still signed with",
	    "once all accept 2");
	overview.node.key_generation = 2;
	overview.node.key_other = 1;
	ONE(doctor_key, VERDICT_WARN, "2 is signed with, and 1 is still accepted",
	    "once all sign with 2");
	overview.node.key_set = false;
	ONE(doctor_key, VERDICT_NONE, "no key", "");
	end();
}

static void test_daemon(void)
{
	begin();
	ONE(doctor_daemon, VERDICT_OK, "alive", "");
	overview.node.health = HOTID_HEALTH_USERSPACE;
	ONE(doctor_daemon, VERDICT_BAD, "audit", "journalctl");
	overview.node.health = 0;
	ONE(doctor_daemon, VERDICT_BAD, "for 500 ms", "systemctl restart hotidd");
	end();
}

/* A process as /proc shows it; its name must not lead the reader astray. */
static void put_daemon(const char *pid, const char *namespace, int policy, int priority,
		       const char *status)
{
	char name[64], text[512];

	snprintf(name, sizeof(name), "/proc/%s/comm", pid);
	put(name, "hotidd\n");
	snprintf(name, sizeof(name), "/proc/%s/ns/net", pid);
	put_link(name, namespace);
	snprintf(name, sizeof(name), "/proc/%s/stat", pid);
	snprintf(text, sizeof(text),
		 "%s (ho) ti(dd) S 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 "
		 "22 23 24 25 26 27 28 29 30 31 32 33 34 35 36 37 38 39 %d %d 42 43\n",
		 pid, priority, policy);
	put(name, text);
	snprintf(name, sizeof(name), "/proc/%s/status", pid);
	put(name, status);
}

static void test_process(void)
{
	begin();
	put_link("/proc/self/ns/net", "net:[1]");
	ONE(doctor_process, VERDICT_NONE, "no hotidd", "");
	put_daemon("77", "net:[2]", 0, 0, "Name:\thotidd\nVmLck:\t       0 kB\n");
	ONE(doctor_process, VERDICT_NONE, "no hotidd", "");
	put("/proc/12/comm", "other\n");
	put_daemon("78", "net:[1]", 1, 50, "Name:\thotidd\nVmLck:\t   20412 kB\n");
	ONE(doctor_process, VERDICT_OK, "process 78, has real-time priority 50", "");
	put("/proc/78/status", "Name:\thotidd\nVmLck:\t       0 kB\n");
	ONE(doctor_process, VERDICT_WARN, "not locked", "LimitMEMLOCK");
	put("/proc/78/status", "Name:\thotidd\nVmLck:\t   20412 kB\n");
	drop("/proc/78/ns/net");
	put_daemon("78", "net:[1]", 0, 0, "Name:\thotidd\nVmLck:\t   20412 kB\n");
	ONE(doctor_process, VERDICT_WARN, "normal priority", "LimitRTPRIO");
	put("/proc/78/status", "Name:\thotidd\nVmLck:\t       0 kB\n");
	CHECK_INT(look(doctor_process), 2);
	drop("/proc/78/status");
	ONE(doctor_process, VERDICT_NONE, "cannot be looked at", "");
	end();
}

static void put_realtime(const char *release, const char *runtime)
{
	put("/proc/sys/kernel/osrelease", release);
	put("/proc/sys/kernel/sched_rt_runtime_us", runtime);
	put("/proc/sys/kernel/sched_rt_period_us", "1000000\n");
}

static void test_realtime(void)
{
	begin();
	ONE(doctor_realtime, VERDICT_NONE, "does not tell", "");
	put_realtime("6.1.0-56-amd64\n", "950000\n");
	ONE(doctor_realtime, VERDICT_OK, "leave 50000 of 1000000 us", "");
	put_realtime("6.1.0-56-amd64\n", "-1\n");
	ONE(doctor_realtime, VERDICT_WARN, "= -1",
	    "sysctl -w kernel.sched_rt_runtime_us=950000  #");
	put_realtime("6.11.3\n", "1000000\n");
	ONE(doctor_realtime, VERDICT_WARN, "= 1000000", "=950000");
	put_realtime("6.12.117+deb13-amd64\n", "-1\n");
	ONE(doctor_realtime, VERDICT_OK, "keeps time", "");
	put_realtime("7.2.12\n", "1000000\n");
	ONE(doctor_realtime, VERDICT_OK, "keeps time", "");
	put_realtime("5.15.0\n", "-1\n");
	ONE(doctor_realtime, VERDICT_WARN, "= -1", "=950000");
	end();
}

#define POST_NOTIFIERS "/sys/module/kernel/parameters/crash_kexec_post_notifiers"

static void test_kdump(void)
{
	begin();
	ONE(doctor_kdump, VERDICT_OK, "no crash kernel", "");
	put("/sys/kernel/kexec_crash_loaded", "0\n");
	put(POST_NOTIFIERS, "N\n");
	ONE(doctor_kdump, VERDICT_OK, "no crash kernel", "");
	put("/sys/kernel/kexec_crash_loaded", "1\n");
	ONE(doctor_kdump, VERDICT_WARN, "before it is told", "echo 1 > " POST_NOTIFIERS);
	put(POST_NOTIFIERS, "Y\n");
	ONE(doctor_kdump, VERDICT_OK, "before the crash kernel", "");
	drop(POST_NOTIFIERS);
	ONE(doctor_kdump, VERDICT_WARN, "before it is told", "echo 1 > ");
	end();
}

static void test_panic(void)
{
	begin();
	ONE(doctor_panic, VERDICT_NONE, "does not tell", "");
	put("/proc/sys/kernel/panic", "-1\n");
	put("/proc/sys/kernel/panic_on_oops", "1\n");
	ONE(doctor_panic, VERDICT_OK, "ends in a restart", "");
	put("/proc/sys/kernel/panic_on_oops", "0\n");
	ONE(doctor_panic, VERDICT_WARN, "an oops ends a task", "sysctl -w kernel.panic_on_oops=1");
	put("/proc/sys/kernel/panic_on_oops", "1\n");
	put("/proc/sys/kernel/panic", "0\n");
	ONE(doctor_panic, VERDICT_WARN, "this node hangs", "sysctl -w kernel.panic=10");
	put("/sys/kernel/kexec_crash_loaded", "1\n");
	ONE(doctor_panic, VERDICT_OK, "ends in a restart", "");
	end();
}

static void test_probe(void)
{
	begin();
	ONE(doctor_probe, VERDICT_OK, "native on 2 devices", "");
	probes[1].mode = HOTID_PROBE_MODE_GENERIC;
	put("/sys/class/net/lo/mtu", "9000\n");
	ONE(doctor_probe, VERDICT_WARN, "lo: generic mode, as it is virtual", "probe.mode: native");
	CHECK(strstr(doctor.findings[0].what, "MTU 9000"));
	put_link("/sys/class/net/lo/device/driver", "../../../../bus/pci/drivers/e1000e");
	ONE(doctor_probe, VERDICT_WARN, "its driver, e1000e, ", "probe.mode: native");
	probes[1].mode = HOTID_PROBE_MODE_NONE;
	ONE(doctor_probe, VERDICT_WARN, "lo: the probe is not attached", "journalctl");
	overview.node.n_probes = 0;
	ONE(doctor_probe, VERDICT_WARN, "no probe", "journalctl");
	peers[0].flags = peers[1].flags = HOTID_PEER_FLAGS_TELL;
	ONE(doctor_probe, VERDICT_NONE, "no peer is watched", "");
	end();
}

static void test_peers(void)
{
	begin();
	ONE(doctor_peers, VERDICT_OK, "2 watched", "");
	peers[0].paths[1].state = HOTID_PEER_STATE_DOWN;
	ONE(doctor_peers, VERDICT_WARN, "active: not heard on the path 10.78.0.1:7707",
	    "ping -c 3 10.78.0.1");
	peers[0].paths[1] =
		(struct hotid_path){.address = {0xfd, 0x77, [15] = 1}, .address_len = 16};
	ONE(doctor_peers, VERDICT_WARN, "active: not heard on the path [fd77::1]:7707", "fd77::1");
	CHECK_STR(doctor.findings[0].fix, "ping -c 3 fd77::1");
	peers[0].n_paths = 1;
	ONE(doctor_peers, VERDICT_WARN, "active: has one path", "node.yaml");
	peers[0].state = HOTID_PEER_STATE_HUNG;
	peers[0].n_paths = 2;
	peers[0].paths[1].state = HOTID_PEER_STATE_UP;
	ONE(doctor_peers, VERDICT_WARN, "active: hung", "systemctl restart hotidd  # there");
	peers[0].state = HOTID_PEER_STATE_CONFLICT;
	ONE(doctor_peers, VERDICT_BAD, "active: another node beats with the same id", "node.id");
	overview.n_peers = 0;
	ONE(doctor_peers, VERDICT_BAD, "no peers", "node.yaml");
	end();
}

static void test_margins(void)
{
	begin();
	memset(peers[0].paths, 0, sizeof(peers[0].paths));
	memset(peers[1].paths, 0, sizeof(peers[1].paths));
	ONE(doctor_margins, VERDICT_NONE, "no watched peer has sent two beats", "");
	gaps_of(&peers[0], 12);
	gaps_of(&peers[1], 21);
	ONE(doctor_margins, VERDICT_OK, "21 ms of 30 ms (third)", "");
	gaps_of(&peers[0], 26);
	ONE(doctor_margins, VERDICT_WARN,
	    "active: was silent for 26 ms of 30 ms (86 %) in 10 min 0 s. "
	    "10 ms x 6 would allow 60 ms", "multiplier: 6");
	CHECK(strstr(doctor.findings[0].what, "below 18 an hour at 95 %"));
	/* One path that is sound keeps the peer from a false alarm. */
	peers[0].paths[1].longest_gap_ns = 11 * (SECOND / 1000);
	ONE(doctor_margins, VERDICT_OK, "21 ms of 30 ms (third)", "");
	gaps_of(&peers[0], 4000);
	ONE(doctor_margins, VERDICT_WARN, "31.3 ms x 255", "interval: 31373us");
	peers[0].state = HOTID_PEER_STATE_DOWN;
	ONE(doctor_margins, VERDICT_OK, "third", "");
	peers[1].flags = HOTID_PEER_FLAGS_TELL;
	ONE(doctor_margins, VERDICT_NONE, "", "");
	end();
}

static void test_silent_peers(void)
{
	begin();
	peers[1].state = HOTID_PEER_STATE_DOWN;
	peers[1].reason = HOTID_REASON_PEER_GASP;
	ONE(doctor_peers, VERDICT_BAD, "third: down, peer-gasp", "ping -c 3 10.77.0.2 ");
	peers[1].state = HOTID_PEER_STATE_UNKNOWN;
	ONE(doctor_peers, VERDICT_BAD, "third: never heard", "ping -c 3 10.77.0.2 ");
	CHECK(!strstr(doctor.findings[0].what, "key"));
	overview.node.counters.bad_mac = 12;
	ONE(doctor_peers, VERDICT_BAD, "12 packets were signed with another key", "ping");
	/* Asked a moment ago, or long ago and not beating since. */
	peers[1].asked_ns = 999 * SECOND;
	ONE(doctor_peers, VERDICT_BAD, "answers no challenge", "aa000000000000000000000000000000");
	peers[1].asked_ns = 900 * SECOND;
	ONE(doctor_peers, VERDICT_BAD, "never heard", "ping");
	/* Never asked, in a node that booted a moment ago. */
	peers[1].asked_ns = 0;
	overview.node.now_ns = SECOND;
	ONE(doctor_peers, VERDICT_BAD, "never heard", "ping");
	overview.node.now_ns = 1000 * SECOND;
	/* Of a peer that is up an old boot id was replayed: that is no fault. */
	peers[1].asked_ns = 999 * SECOND;
	peers[1].state = HOTID_PEER_STATE_UP;
	ONE(doctor_peers, VERDICT_OK, "2 watched", "");
	/* Who is not watched may be silent. */
	peers[1].state = HOTID_PEER_STATE_DOWN;
	peers[1].flags = HOTID_PEER_FLAGS_TELL;
	ONE(doctor_peers, VERDICT_OK, "1 watched", "");
	peers[0].flags = HOTID_PEER_FLAGS_TELL;
	ONE(doctor_peers, VERDICT_NONE, "no peer is watched", "");
	end();
}

static void test_nobody_told(void)
{
	begin();
	peers[0].flags = HOTID_PEER_FLAGS_WATCH;
	ONE(doctor_peers, VERDICT_OK, "2 watched", "");
	peers[1].flags = HOTID_PEER_FLAGS_WATCH;
	ONE(doctor_peers, VERDICT_BAD, "no peer is told", "tell: true");
	/* A node that only observes has nothing to tell. */
	overview.n_identities = 0;
	ONE(doctor_peers, VERDICT_OK, "2 watched", "");
	end();
}

static void test_gasp(void)
{
	static const struct {
		uint32_t state;
		const char *what, *fix;
	} cases[] = {
		{HOTID_GASP_STATE_NONE, "hotidd has not prepared", "systemctl status hotidd"},
		{HOTID_GASP_STATE_NO_ROUTE, "no route", "ip route get 10.78.0.1"},
		{HOTID_GASP_STATE_NO_NEIGHBOUR, "link address", "ip neigh show"},
		{HOTID_GASP_STATE_NO_NETPOLL, "no netpoll", "bridge or bond"},
	};
	size_t i;

	begin();
	ONE(doctor_gasp, VERDICT_OK, "announced on 4 paths", "");
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		peers[0].paths[1].gasp = cases[i].state;
		ONE(doctor_gasp, VERDICT_WARN, cases[i].what, cases[i].fix);
		CHECK(strstr(doctor.findings[0].what, "active: a panic is not announced on the path "
						      "10.78.0.1:7707"));
	}
	/* What is dead anyway is not told twice; of who is not watched nothing else is known. */
	peers[0].paths[1].state = HOTID_PEER_STATE_DOWN;
	ONE(doctor_gasp, VERDICT_OK, "announced on 3 paths", "");
	peers[0].flags = HOTID_PEER_FLAGS_TELL;
	ONE(doctor_gasp, VERDICT_WARN, "no netpoll", "ip route get");
	peers[0].flags = HOTID_PEER_FLAGS_WATCH;
	ONE(doctor_gasp, VERDICT_OK, "announced on 2 paths", "");
	peers[1].flags = HOTID_PEER_FLAGS_WATCH;
	ONE(doctor_gasp, VERDICT_NONE, "no peer is told", "");
	end();
}

static void test_identities(void)
{
	begin();
	ONE(doctor_identities, VERDICT_OK, "2 armed or held", "");
	identities[1].state = HOTID_IDENTITY_STATE_HELD;
	ONE(doctor_identities, VERDICT_OK, "2 armed or held", "");
	identities[1].state = HOTID_IDENTITY_STATE_OFFLINE;
	ONE(doctor_identities, VERDICT_WARN, "mail: offline", "hotidctl arm mail");
	identities[1].state = HOTID_IDENTITY_STATE_FAILED;
	strcpy(identities[1].message, "the disk is gone");
	ONE(doctor_identities, VERDICT_BAD, "mail: failed: the disk is gone", "hotidctl arm mail");
	identities[1].clean = false;
	ONE(doctor_identities, VERDICT_BAD, "mail: failed", "hotidctl disarm mail");
	overview.n_identities = 0;
	ONE(doctor_identities, VERDICT_NONE, "none", "");
	end();
}

static void test_armed(void)
{
	begin();
	overview.n_identities = 1;
	identities[0].has_holder = false;
	ONE(doctor_identities, VERDICT_WARN, "web: armed, but no node claims it",
	    "hotidctl takeover web  #");
	identities[0].has_holder = true;
	peers[0].state = HOTID_PEER_STATE_DOWN;
	ONE(doctor_identities, VERDICT_BAD, "its holder, active, went down",
	    "hotidctl takeover web");
	peers[0].state = HOTID_PEER_STATE_UP;
	peers[0].flags = HOTID_PEER_FLAGS_TELL;
	ONE(doctor_identities, VERDICT_BAD, "its holder, active, is not watched", "watch: true");
	identities[0].holder[0] = 9;
	ONE(doctor_identities, VERDICT_BAD, "its holder, 0900000000000000", "watch: true");
	/* What only a command takes needs none of that. */
	identities[0].flags = 0;
	ONE(doctor_identities, VERDICT_OK, "1 armed or held", "");
	end();
}

static void test_worst(void)
{
	json_t *top, *first;

	begin();
	doctor.check = "one";
	CHECK_INT(doctor_worst(&doctor), VERDICT_NONE);
	doctor_find(&doctor, VERDICT_OK, "fine");
	CHECK_INT(doctor_worst(&doctor), VERDICT_OK);
	doctor_find(&doctor, VERDICT_WARN, "a name of\033[2J two\nlines");
	doctor_fix(&doctor, "first");
	doctor_fix(&doctor, "ls %d", 7);
	doctor_find(&doctor, VERDICT_NONE, "none");
	CHECK_INT(doctor_worst(&doctor), VERDICT_WARN);
	doctor_find(&doctor, VERDICT_BAD, "bad");
	doctor_find(&doctor, VERDICT_OK, "fine");
	CHECK_INT(doctor_worst(&doctor), VERDICT_BAD);

	top = doctor_json(&doctor);
	CHECK_STR(json_string_value(json_object_get(top, "worst")), "bad");
	CHECK_INT(json_array_size(json_object_get(top, "findings")), 5);
	first = json_array_get(json_object_get(top, "findings"), 1);
	CHECK_STR(json_string_value(json_object_get(first, "check")), "one");
	CHECK_STR(json_string_value(json_object_get(first, "verdict")), "warn");
	CHECK_STR(json_string_value(json_object_get(first, "finding")), "a name of?[2J two?lines");
	CHECK_STR(json_string_value(json_object_get(first, "fix")), "ls 7");
	json_decref(top);
	end();
}

static void test_healthy(void)
{
	size_t i;

	begin();
	put_link("/proc/self/ns/net", "net:[1]");
	put_daemon("78", "net:[1]", 1, 50, "Name:\thotidd\nVmLck:\t   20412 kB\n");
	put_realtime("6.1.0\n", "950000\n");
	put("/proc/sys/kernel/panic", "10\n");
	put("/proc/sys/kernel/panic_on_oops", "1\n");
	doctor_examine(&doctor);
	CHECK_INT(doctor.n, 14);
	for (i = 0; i < doctor.n; i++) {
		/* The last one is for identities with voters. */
		CHECK_INT(doctor.findings[i].verdict, i < 13 ? VERDICT_OK : VERDICT_NONE);
		CHECK_STR(doctor.findings[i].fix, "");
	}
	CHECK_INT(doctor_worst(&doctor), VERDICT_OK);
	end();
}

static const struct ktap_test tests[] = {
	{"module", test_module},
	{"node", test_node},
	{"key", test_key},
	{"daemon", test_daemon},
	{"process", test_process},
	{"realtime", test_realtime},
	{"kdump", test_kdump},
	{"panic", test_panic},
	{"probe", test_probe},
	{"peers", test_peers},
	{"silent_peers", test_silent_peers},
	{"margins", test_margins},
	{"nobody_told", test_nobody_told},
	{"gasp", test_gasp},
	{"identities", test_identities},
	{"armed", test_armed},
	{"worst", test_worst},
	{"healthy", test_healthy},
};

KTAP_MAIN(tests)
