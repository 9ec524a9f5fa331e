// SPDX-License-Identifier: GPL-2.0
/*
 * Well-formed requests that are refused all the same: commands that are not
 * there, requests of those who may not, and wishes that make no sense. Each
 * has its reason, and nothing changes.
 *
 *   ┌────────────────────┐
 *   │ ns: a node with a  │     one namespace, no link
 *   │ peer and identities│
 *   └────────────────────┘
 */
#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/genetlink.h>
#include <sched.h>
#include <sys/syscall.h>

#include "lib/harness.h"
#include "lib/net.h"
#include "lib/node.h"
#include "lib/probe.h"
#include "lib/raw.h"
#include "lib/rules.h"

FIXTURE(netlink_refuse) {
	struct node node;
	struct probe probe;
	struct raw raw;
	struct state *before, *after;
	char buffer[RAW_MAX];
};

FIXTURE_SETUP(netlink_refuse)
{
	rules_prepare(&self->node, &self->probe, &self->raw);
	self->before = malloc(sizeof(*self->before));
	self->after = malloc(sizeof(*self->after));
	raw_state(&self->raw, self->before);
}

FIXTURE_TEARDOWN(netlink_refuse)
{
	raw_state(&self->raw, self->after);
	EXPECT_TRUE(state_same(self->before, self->after)) {
		TH_LOG("something was refused and changed the state");
	}
	probe_unload(&self->probe);
	raw_close(&self->raw);
	hotid_close(self->node.h);
}

#define THIS	struct __test_metadata *_metadata, struct _test_data_netlink_refuse *self

static struct nlmsghdr *begin(struct _test_data_netlink_refuse *self, uint8_t command)
{
	memset(self->buffer, 0, sizeof(self->buffer));
	return raw_begin(&self->raw, self->buffer, command);
}

/* Ask what begin() began: refused with this error, in words that have these in them. */
static void refused(THIS, int error, const char *word)
{
	struct refusal refusal = raw_ask(&self->raw, (void *)self->buffer);

	EXPECT_EQ(error, refusal.error) {
		TH_LOG("for \"%s\": %s", word, refusal.message);
	}
	EXPECT_NE(NULL, strstr(refusal.message, word)) {
		TH_LOG("\"%s\" does not name \"%s\"", refusal.message, word);
	}
}

TEST_F(netlink_refuse, unknown_commands)
{
	unsigned int number;

	for (number = 0; number < 256; number++) {
		if (number && number <= HOTID_CMD_HISTORY_GET &&
		    number != HOTID_CMD_PEER_NTF && number != HOTID_CMD_IDENTITY_NTF &&
		    number != HOTID_CMD_PEER_DEL_NTF && number != HOTID_CMD_IDENTITY_DEL_NTF &&
		    number != HOTID_CMD_STEP_NTF && number != HOTID_CMD_HISTORY_GET)
			continue;
		begin(self, number);
		refused(_metadata, self, -EOPNOTSUPP, "");
	}
}

static void ignore(const struct nlmsghdr *message, void *data)
{
}

TEST_F(netlink_refuse, dumps_of_what_is_no_list)
{
	size_t i;

	for (i = 0; i < n_commands; i++) {
		EXPECT_EQ(-EOPNOTSUPP, raw_read(&self->raw, begin(self, commands[i].number), true,
						ignore, NULL));
	}
	EXPECT_EQ(-EOPNOTSUPP, raw_read(&self->raw, begin(self, HOTID_CMD_NODE_GET), true,
					ignore, NULL));
}

TEST_F(netlink_refuse, attributes_of_reading_commands)
{
	mnl_attr_put_u32(begin(self, HOTID_CMD_NODE_GET), HOTID_A_NODE_PORT, 1);
	refused(_metadata, self, -EINVAL, "");
	mnl_attr_put_u32(begin(self, HOTID_CMD_PEER_GET), HOTID_A_PEER_FLAGS, 1);
	refused(_metadata, self, -EINVAL, "");
	mnl_attr_put_u32(begin(self, HOTID_CMD_IDENTITY_GET), HOTID_A_IDENTITY_FLAGS, 1);
	refused(_metadata, self, -EINVAL, "");
	begin(self, HOTID_CMD_PEER_GET);
	refused(_metadata, self, -EINVAL, "id is missing");
	begin(self, HOTID_CMD_IDENTITY_GET);
	refused(_metadata, self, -EINVAL, "name is missing");
}

/* The commands that the kernel says the family has, by what they need. */
struct offered {
	bool admin[256], open[256];
	size_t n;
};

static void note_operation(const struct nlattr *operation, struct offered *offered)
{
	struct nlattr *attribute;
	uint32_t id = 0, flags = 0;

	mnl_attr_for_each_nested(attribute, operation) {
		if (mnl_attr_get_type(attribute) == CTRL_ATTR_OP_ID)
			id = mnl_attr_get_u32(attribute);
		else if (mnl_attr_get_type(attribute) == CTRL_ATTR_OP_FLAGS)
			flags = mnl_attr_get_u32(attribute);
	}
	(flags & GENL_ADMIN_PERM ? offered->admin : offered->open)[id] = true;
	offered->n++;
}

static void note_operations(const struct nlmsghdr *message, void *data)
{
	struct nlattr *attribute, *operation;

	mnl_attr_for_each(attribute, message, GENL_HDRLEN)
		if (mnl_attr_get_type(attribute) == CTRL_ATTR_OPS)
			mnl_attr_for_each_nested(operation, attribute)
				note_operation(operation, data);
}

/* A command that is added has to come into the tables of these tests. */
TEST_F(netlink_refuse, every_command_is_tested)
{
	struct raw control = { self->raw.socket, GENL_ID_CTRL };
	struct offered offered = {};
	struct nlmsghdr *request;
	unsigned int number;
	size_t i;

	memset(self->buffer, 0, sizeof(self->buffer));
	request = raw_begin(&control, self->buffer, CTRL_CMD_GETFAMILY);
	mnl_attr_put_strz(request, CTRL_ATTR_FAMILY_NAME, HOTID_FAMILY_NAME);
	ASSERT_EQ(0, raw_read(&control, request, false, note_operations, &offered));
	ASSERT_GT(offered.n, 10);
	for (number = 0; number < 256; number++) {
		bool tabled = false;

		for (i = 0; i < n_commands; i++)
			tabled |= commands[i].number == number;
		EXPECT_EQ(tabled, offered.admin[number]) {
			TH_LOG("command %u", number);
		}
		EXPECT_EQ(number == HOTID_CMD_NODE_GET || number == HOTID_CMD_PEER_GET ||
			  number == HOTID_CMD_IDENTITY_GET || number == HOTID_CMD_HISTORY_GET,
			  offered.open[number]) {
			TH_LOG("command %u", number);
		}
	}
}

/* Every changing command with its good request, through one socket: all refused. */
static void all_refused(THIS, const struct raw *raw, const char *who)
{
	size_t i;

	for (i = 0; i < n_commands; i++) {
		char buffer[RAW_MAX] = {};
		struct nlmsghdr *request = raw_begin(raw, buffer, commands[i].number);
		struct refusal refusal;

		rules_put_required(request, commands[i].rules, NULL);
		refusal = raw_ask(raw, request);
		EXPECT_EQ(-EPERM, refusal.error) {
			TH_LOG("%s %s: %s", commands[i].name, who, refusal.message);
		}
	}
	/* Reading needs no permission. */
	raw_state(raw, self->after);
	EXPECT_GT(self->after->length, 50);
}

static void set_net_admin(bool on)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];

	if (syscall(SYS_capget, &head, data))
		err(1, "capget");
	if (on)
		data[0].effective |= 1u << CAP_NET_ADMIN;
	else
		data[0].effective &= ~(1u << CAP_NET_ADMIN);
	if (syscall(SYS_capset, &head, data))
		err(1, "capset");
}

static void ignore_event(const struct hotid_event *event, void *data)
{
}

/* Who may join the events of this namespace. */
static int join(void)
{
	struct hotid *h;
	int error;

	if (hotid_open(&h))
		errx(1, "no connection");
	error = hotid_subscribe(h, ignore_event, NULL);
	hotid_close(h);
	return error;
}

TEST_F(netlink_refuse, without_cap_net_admin)
{
	struct raw raw;

	ns_enter(self->node.ns);
	EXPECT_EQ(0, join());
	set_net_admin(false);
	EXPECT_EQ(-EPERM, join());
	all_refused(_metadata, self, &self->raw, "by who lost the capability");
	raw_open_here(&raw);
	all_refused(_metadata, self, &raw, "by who never had it");
	set_net_admin(true);
	all_refused(_metadata, self, &raw, "through the socket of one who had it not");
	raw_close(&raw);
	ns_home();
}

/*
 * In a user namespace of its own everyone has every capability, and none that
 * counts. Runs in a child, since there is no way back. Returns its exit code.
 */
static int in_user_namespace(THIS, int flags, const char *who)
{
	pid_t child = fork();
	int status;

	if (!child) {
		struct raw raw;

		ns_enter(self->node.ns);
		if (unshare(CLONE_NEWUSER | flags))
			err(1, "unshare");
		raw_open_here(&raw);
		all_refused(_metadata, self, &raw, who);
		_exit(_metadata->passed ? 0 : 1);
	}
	if (child < 0 || waitpid(child, &status, 0) != child)
		err(1, "child");
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST_F(netlink_refuse, in_a_user_namespace)
{
	EXPECT_EQ(0, in_user_namespace(_metadata, self, 0, "in a user namespace"));
	EXPECT_EQ(0, in_user_namespace(_metadata, self, CLONE_NEWNET,
				       "in user and network namespaces of one's own"));
}

static void put_id(struct nlmsghdr *request, uint16_t type, const uint8_t *id)
{
	mnl_attr_put(request, type, HOTID_ID_LEN, id);
}

TEST_F(netlink_refuse, node_settings)
{
	static const uint8_t zero[HOTID_ID_LEN], other[HOTID_ID_LEN] = { 9 };
	static const uint8_t key[HOTID_KEY_LEN] = { 1 };
	struct nlmsghdr *request;

	put_id(begin(self, HOTID_CMD_NODE_SET), HOTID_A_NODE_ID, zero);
	refused(_metadata, self, -EINVAL, "id must not be all zero");
	put_id(begin(self, HOTID_CMD_NODE_SET), HOTID_A_NODE_ID,
	       command_find("peer-del")->rules[0].data);
	refused(_metadata, self, -EEXIST, "id is that of a peer");
	put_id(begin(self, HOTID_CMD_NODE_SET), HOTID_A_NODE_ID, other);
	refused(_metadata, self, -EBUSY, "while identity arming is in use");

	request = begin(self, HOTID_CMD_NODE_SET);
	mnl_attr_put(request, HOTID_A_NODE_KEY, sizeof(key), key);
	mnl_attr_put_strz(request, HOTID_A_NODE_NAME, "changed");
	refused(_metadata, self, -EINVAL, "key");
	mnl_attr_put_u32(begin(self, HOTID_CMD_NODE_SET), HOTID_A_NODE_KEY_GENERATION, 2);
	refused(_metadata, self, -EINVAL, "key-generation");
	request = begin(self, HOTID_CMD_NODE_SET);
	mnl_attr_put_u32(request, HOTID_A_NODE_KEY_USE, 3);
	mnl_attr_put_u32(request, HOTID_A_NODE_KEY_DROP, 1);
	refused(_metadata, self, -EINVAL, "key");
	mnl_attr_put_u32(begin(self, HOTID_CMD_NODE_SET), HOTID_A_NODE_KEY_USE, 99);
	refused(_metadata, self, -ENOKEY, "key-use");
	mnl_attr_put_u32(begin(self, HOTID_CMD_NODE_SET), HOTID_A_NODE_KEY_DROP, 99);
	refused(_metadata, self, -ENOKEY, "key-drop");
	mnl_attr_put_u32(begin(self, HOTID_CMD_NODE_SET), HOTID_A_NODE_KEY_DROP, 1);
	refused(_metadata, self, -EBUSY, "key-drop");
	request = begin(self, HOTID_CMD_NODE_SET);
	mnl_attr_put(request, HOTID_A_NODE_KEY, sizeof(key), key);
	mnl_attr_put_u32(request, HOTID_A_NODE_KEY_GENERATION, 1);
	refused(_metadata, self, -EEXIST, "key-generation");
}

/* A request for a new peer, up to its paths. */
static struct nlmsghdr *peer_begin(struct _test_data_netlink_refuse *self)
{
	static const uint8_t id[HOTID_ID_LEN] = { 0x77 };
	struct nlmsghdr *request = begin(self, HOTID_CMD_PEER_NEW);

	put_id(request, HOTID_A_PEER_ID, id);
	return request;
}

static void put_address(struct nlmsghdr *request, uint16_t ipv4, uint16_t ipv6, const char *text)
{
	int family = strchr(text, ':') ? AF_INET6 : AF_INET;
	uint8_t raw[16];

	if (inet_pton(family, text, raw) != 1)
		errx(1, "address %s", text);
	mnl_attr_put(request, family == AF_INET ? ipv4 : ipv6, family == AF_INET ? 4 : 16, raw);
}

static void path_put(struct nlmsghdr *request, uint32_t index, const char *address,
		     const char *local)
{
	struct nlattr *nest = mnl_attr_nest_start(request, HOTID_A_PEER_PATH);

	mnl_attr_put_u32(request, HOTID_A_PATH_INDEX, index);
	put_address(request, HOTID_A_PATH_REMOTE_IPV4, HOTID_A_PATH_REMOTE_IPV6, address);
	if (local)
		put_address(request, HOTID_A_PATH_LOCAL_IPV4, HOTID_A_PATH_LOCAL_IPV6, local);
	mnl_attr_nest_end(request, nest);
}

TEST_F(netlink_refuse, peers)
{
	static const char * const unusable[] = {
		"0.0.0.0", "224.0.0.1", "239.1.2.3", "255.255.255.255", "::", "ff02::1", "ff0e::77",
	};
	static const uint8_t zero[HOTID_ID_LEN];
	struct nlmsghdr *request;
	struct nlattr *nest;
	size_t i;

	request = begin(self, HOTID_CMD_PEER_NEW);
	put_id(request, HOTID_A_PEER_ID, zero);
	path_put(request, 0, "10.1.1.1", NULL);
	refused(_metadata, self, -EINVAL, "id must not be all zero");
	request = begin(self, HOTID_CMD_PEER_NEW);
	put_id(request, HOTID_A_PEER_ID, self->node.id);
	path_put(request, 0, "10.1.1.1", NULL);
	refused(_metadata, self, -EINVAL, "id is this node's own");

	for (i = 0; i < ARRAY_SIZE(unusable); i++) {
		path_put(peer_begin(self), 0, unusable[i], NULL);
		refused(_metadata, self, -EINVAL, "remote must be a unicast address");
		path_put(peer_begin(self), 0, strchr(unusable[i], ':') ? "fd01::1" : "10.1.1.1",
			 unusable[i]);
		refused(_metadata, self, -EINVAL, "local must be");
	}
	path_put(peer_begin(self), 0, "10.1.1.1", "fd01::1");
	refused(_metadata, self, -EINVAL, "local must be");
	path_put(peer_begin(self), 0, "fd01::1", "10.1.1.1");
	refused(_metadata, self, -EINVAL, "local must be");
	path_put(peer_begin(self), 0, "fe80::1", NULL);
	refused(_metadata, self, -EINVAL, "ifindex");

	request = peer_begin(self);
	path_put(request, 1, "10.1.1.1", NULL);
	path_put(request, 1, "10.1.1.2", NULL);
	refused(_metadata, self, -EINVAL, "index");
	/* A good path does not make up for a bad one after it. */
	request = peer_begin(self);
	path_put(request, 0, "10.1.1.1", NULL);
	path_put(request, 1, "224.0.0.1", NULL);
	refused(_metadata, self, -EINVAL, "remote");

	/* What is only told of a path. */
	for (i = HOTID_A_PATH_LAST_NS; i <= HOTID_A_PATH_MAX; i++) {
		static const uint64_t zero_ns;
		bool wide = i == HOTID_A_PATH_LAST_NS || i == HOTID_A_PATH_SEQ ||
			    i == HOTID_A_PATH_LONGEST_GAP_NS;

		request = peer_begin(self);
		nest = mnl_attr_nest_start(request, HOTID_A_PEER_PATH);
		mnl_attr_put_u32(request, HOTID_A_PATH_INDEX, 0);
		put_address(request, HOTID_A_PATH_REMOTE_IPV4, HOTID_A_PATH_REMOTE_IPV6, "10.1.1.1");
		mnl_attr_put(request, i, wide ? 8 : 4, &zero_ns);
		mnl_attr_nest_end(request, nest);
		refused(_metadata, self, -EINVAL, i == HOTID_A_PATH_PAD ? "" : "can only be read");
	}

	/* Two families for one end; and none. */
	request = peer_begin(self);
	nest = mnl_attr_nest_start(request, HOTID_A_PEER_PATH);
	mnl_attr_put_u32(request, HOTID_A_PATH_INDEX, 0);
	put_address(request, HOTID_A_PATH_REMOTE_IPV4, HOTID_A_PATH_REMOTE_IPV6, "10.1.1.1");
	put_address(request, HOTID_A_PATH_REMOTE_IPV4, HOTID_A_PATH_REMOTE_IPV6, "fd01::1");
	mnl_attr_nest_end(request, nest);
	refused(_metadata, self, -EINVAL, "path needs an index and an address");
	request = peer_begin(self);
	nest = mnl_attr_nest_start(request, HOTID_A_PEER_PATH);
	mnl_attr_put_u32(request, HOTID_A_PATH_INDEX, 0);
	mnl_attr_nest_end(request, nest);
	refused(_metadata, self, -EINVAL, "path needs an index and an address");

	put_id(begin(self, HOTID_CMD_PEER_DEL), HOTID_A_PEER_ID, self->node.id);
	refused(_metadata, self, -ENOENT, "id names no peer");
	put_id(begin(self, HOTID_CMD_PEER_GET), HOTID_A_PEER_ID, self->node.id);
	refused(_metadata, self, -ENOENT, "id names no peer");
}

static struct nlmsghdr *probe_begin(struct _test_data_netlink_refuse *self, int slots,
				    int counters)
{
	struct nlmsghdr *request = begin(self, HOTID_CMD_PROBE_SET);

	mnl_attr_put_u32(request, HOTID_A_PROBE_SLOTS_FD, slots);
	mnl_attr_put_u32(request, HOTID_A_PROBE_COUNTERS_FD, counters);
	mnl_attr_put_u32(request, HOTID_A_PROBE_IFINDEX, 1);
	mnl_attr_put_u32(request, HOTID_A_PROBE_MODE, HOTID_PROBE_MODE_NATIVE);
	return request;
}

static int map(enum bpf_map_type type, uint32_t value, uint32_t entries)
{
	int fd = bpf_map_create(type, "test", 4, value, entries, NULL);

	if (fd < 0)
		err(1, "map");
	return fd;
}

/* Slots of the probe that came with the module are 256 bytes, counters 64. */
#define SLOT	512	/* bytes of a value */

TEST_F(netlink_refuse, probes)
{
	int wrong_type = map(BPF_MAP_TYPE_HASH, SLOT, 256);
	int wrong_size = map(BPF_MAP_TYPE_ARRAY, 184, 256);
	int wrong_count = map(BPF_MAP_TYPE_ARRAY, SLOT, 255);
	int wrong_counters = map(BPF_MAP_TYPE_ARRAY, 56, 4);
	int slots = map(BPF_MAP_TYPE_ARRAY, SLOT, 256), counters = map(BPF_MAP_TYPE_ARRAY, 64, 4);
	int file = open("/dev/null", O_RDONLY);

	probe_begin(self, 1234567, counters);
	refused(_metadata, self, -EBADF, "");
	probe_begin(self, UINT32_MAX, counters);
	refused(_metadata, self, -EBADF, "");
	probe_begin(self, file, counters);
	refused(_metadata, self, -EINVAL, "not the descriptor of a BPF map");
	probe_begin(self, wrong_type, counters);
	refused(_metadata, self, -EINVAL, "map is of another build");
	probe_begin(self, wrong_size, counters);
	refused(_metadata, self, -EINVAL, "map is of another build");
	probe_begin(self, wrong_count, counters);
	refused(_metadata, self, -EINVAL, "map is of another build");
	probe_begin(self, slots, wrong_counters);
	refused(_metadata, self, -EINVAL, "map is of another build");
	probe_begin(self, slots, slots);
	refused(_metadata, self, -EINVAL, "map is of another build");
	probe_begin(self, slots, file);
	refused(_metadata, self, -EINVAL, "not the descriptor of a BPF map");

	mnl_attr_put_u32(begin(self, HOTID_CMD_PROBE_DEL), HOTID_A_PROBE_IFINDEX, 777);
	refused(_metadata, self, -ENOENT, "ifindex");
}

TEST_F(netlink_refuse, too_many_probes)
{
	struct node *node = &self->node;
	int i, error = 0;

	/* One is on lo already. */
	for (i = 0; i < 20 && !error; i++)
		error = hotid_probe_set(node->h, self->probe.slots, self->probe.counters,
					1000 + i, HOTID_PROBE_MODE_GENERIC);
	EXPECT_EQ(-ENOSPC, error);
	EXPECT_EQ(16, node_read(node).n_probes);
	/* For the comparison at the end. */
	while (--i >= 0)
		hotid_probe_del(node->h, 1000 + i);
}

static struct nlmsghdr *named(struct _test_data_netlink_refuse *self, uint8_t command,
			      const char *name)
{
	struct nlmsghdr *request = begin(self, command);

	mnl_attr_put_strz(request, HOTID_A_IDENTITY_NAME, name);
	return request;
}

/* What a state refuses is in the test of identities. */
TEST_F(netlink_refuse, identities)
{
	size_t i;

	for (i = 0; i < n_commands; i++) {
		const struct rule *rules = commands[i].rules;

		if (rules[0].kind != STRING || commands[i].number == HOTID_CMD_IDENTITY_NEW)
			continue;
		rules_put_required(named(self, commands[i].number, "nobody"), rules, rules);
		refused(_metadata, self, -ENOENT, "name is no identity");
	}
	named(self, HOTID_CMD_IDENTITY_GET, "nobody");
	refused(_metadata, self, -ENOENT, "name is no identity");
}

static void put_voter(struct nlmsghdr *request, uint8_t number)
{
	uint8_t id[HOTID_ID_LEN] = { number };
	struct nlattr *voter = mnl_attr_nest_start(request, HOTID_A_GUARD_VOTER);

	mnl_attr_put(request, HOTID_A_VOTER_ID, sizeof(id), id);
	mnl_attr_nest_end(request, voter);
}

static void put_port(struct nlmsghdr *request, uint32_t ifindex)
{
	struct nlattr *port = mnl_attr_nest_start(request, HOTID_A_GUARD_PORT);

	mnl_attr_put_u32(request, HOTID_A_GUARDED_PORT_IFINDEX, ifindex);
	mnl_attr_nest_end(request, port);
}

/* A guard with so many voters and ports, all of them different; port 1 is lo. */
static struct nlmsghdr *guarding(struct _test_data_netlink_refuse *self, unsigned int voters,
				 unsigned int ports, struct nlattr **guard)
{
	struct nlmsghdr *request = named(self, HOTID_CMD_IDENTITY_NEW, "guarded");
	unsigned int i;

	*guard = mnl_attr_nest_start(request, HOTID_A_IDENTITY_GUARD);
	for (i = 0; i < voters; i++)
		put_voter(request, i + 1);
	for (i = 0; i < ports; i++)
		put_port(request, i + 1);
	return request;
}

static void refused_guard(THIS, struct nlattr *guard, int error, const char *word)
{
	mnl_attr_nest_end((void *)self->buffer, guard);
	refused(_metadata, self, error, word);
}

TEST_F(netlink_refuse, guards)
{
	struct nlmsghdr *request;
	struct nlattr *guard;

	request = guarding(self, HOTID_MAX_VOTERS + 1, 1, &guard);
	refused_guard(_metadata, self, guard, -E2BIG, "voters are too many");
	request = guarding(self, 1, HOTID_MAX_GUARDED_PORTS + 1, &guard);
	refused_guard(_metadata, self, guard, -E2BIG, "ports are too many");
	request = guarding(self, 3, 1, &guard);
	put_voter(request, 2);
	refused_guard(_metadata, self, guard, -EINVAL, "another voter");
	request = guarding(self, 3, 1, &guard);
	put_port(request, 1);
	refused_guard(_metadata, self, guard, -EINVAL, "another port");
	guarding(self, 3, 0, &guard);
	refused_guard(_metadata, self, guard, -EINVAL, "voters decide about ports");
	request = guarding(self, 3, 1, &guard);
	mnl_attr_nest_end(request, mnl_attr_nest_start(request, HOTID_A_GUARD_VOTER));
	refused_guard(_metadata, self, guard, -EINVAL, "voter needs an id");
	request = guarding(self, 3, 1, &guard);
	mnl_attr_nest_end(request, mnl_attr_nest_start(request, HOTID_A_GUARD_PORT));
	refused_guard(_metadata, self, guard, -EINVAL, "port needs an ifindex");
	request = guarding(self, 3, 1, &guard);
	put_port(request, 0);
	refused_guard(_metadata, self, guard, -ERANGE, "");
	/* The first one is there; it is let go again. */
	request = guarding(self, 3, 2, &guard);
	refused_guard(_metadata, self, guard, -ENODEV, "no device");
}

TEST_HARNESS_MAIN
