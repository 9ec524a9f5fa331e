// SPDX-License-Identifier: GPL-2.0
/*
 * Lists of identities, and the history of one: what does not fit into one part of the
 * answer, and what changes while it is read. The fixture is drawn in
 * lib/identity_fixture.h.
 */
#include <linux/genetlink.h>

#include "lib/identity_fixture.h"

/* As many steps as there can be, with as much to say as they may. */
static void fill_steps(struct _test_data_identity *self)
{
	char words[HOTID_MESSAGE_MAX + 1] = {};
	uint32_t index;

	memset(words, 'w', HOTID_MESSAGE_MAX);
	identity_bring(&self->node, WEB, 0, TAKING, EPOCH);
	for (index = 1; index < HOTID_MAX_STEPS; index++) {
		struct hotid_step told = step(index, HOTID_STEP_STATUS_DONE, words);

		memset(told.name, 'n', HOTID_NAME_MAX);
		memset(told.kind, 'k', HOTID_KIND_MAX);
		MUST(self->node.h, hotid_step_report(self->node.h, WEB, TAKING, EPOCH, &told));
	}
}

struct found {
	size_t identities, steps, words;
};

static int find(const struct hotid_identity *identity, void *data)
{
	struct found *found = data;
	size_t i;

	found->identities++;
	found->steps += identity->n_steps;
	for (i = 0; i < identity->n_steps; i++)
		found->words += strlen(identity->steps[i].message);
	return 0;
}

TEST_F(identity, longest_plan)
{
	struct found listed = {}, remembered = {};
	struct hotid_identity read;
	struct hotid *fresh;

	fill_steps(self);
	identity_bring(&self->node, "after it", 0, OFFLINE, 0);
	MUST(self->node.h, hotid_identity_get(self->node.h, WEB, &read));
	EXPECT_EQ(HOTID_MAX_STEPS, read.n_steps);
	EXPECT_EQ(HOTID_MESSAGE_MAX, strlen(read.steps[HOTID_MAX_STEPS - 1].message));
	hotid_identity_clear(&read);
	/* A connection that has not read anything yet gets lists in small parts. */
	fresh = node_connect(self->node.ns);
	MUST(fresh, hotid_identity_dump(fresh, find, &listed));
	EXPECT_EQ(2, listed.identities);
	EXPECT_EQ(HOTID_MAX_STEPS, listed.steps);
	hotid_close(fresh);
	identity_done(&self->node, WEB);
	fresh = node_connect(self->node.ns);
	MUST(fresh, hotid_history_dump(fresh, find, &remembered));
	EXPECT_EQ(4, remembered.identities);
	EXPECT_LE(HOTID_MAX_STEPS, remembered.steps);
	hotid_close(fresh);
}

static int note_states(const struct hotid_identity *identity, void *data)
{
	struct hotid_identity **next = data;

	**next = *identity;
	(*next)++;
	return 0;
}

/* The last 32 changes, oldest first; each as it was then. */
TEST_F(identity, history)
{
	struct hotid_identity records[64], *next = records;
	uint64_t last = 0;
	int i, n;

	identity_bring(&self->node, WEB, 0, ARMED, 0);
	for (i = 0; i < 20; i++) {
		MUST(self->node.h, hotid_identity_disarm(self->node.h, WEB));
		identity_done(&self->node, WEB);
		MUST(self->node.h, hotid_identity_arm(self->node.h, WEB));
		identity_done(&self->node, WEB);
	}
	MUST(self->node.h, hotid_history_dump(self->node.h, note_states, &next));
	n = next - records;
	EXPECT_EQ(32, n);
	for (i = 0; i < n; i++) {
		static const uint32_t cycle[] = { RELEASING, OFFLINE, ARMING, ARMED };

		EXPECT_EQ(cycle[i % 4], records[i].state);
		EXPECT_EQ(cycle[(i + 3) % 4], records[i].previous);
		EXPECT_LT(last, records[i].changed_ns);
		last = records[i].changed_ns;
	}
	/* What is deleted is still remembered. */
	MUST(self->node.h, hotid_identity_disarm(self->node.h, WEB));
	identity_done(&self->node, WEB);
	MUST(self->node.h, hotid_identity_del(self->node.h, WEB));
	next = records;
	MUST(self->node.h, hotid_history_dump(self->node.h, note_states, &next));
	EXPECT_EQ(32, next - records);
	EXPECT_EQ(OFFLINE, next[-1].state);
	EXPECT_STREQ(WEB, next[-1].name);
}

/* More than fit in one part of a list; none is missing and none twice. */
TEST_F(identity, many)
{
	struct found found = {};
	char name[HOTID_NAME_MAX + 1];
	int i;

	for (i = 0; i < 100; i++) {
		memset(name, 'i', HOTID_NAME_MAX);
		snprintf(name + 50, sizeof(name) - 50, "%d", i);
		MUST(self->node.h, hotid_identity_new(self->node.h, name, 0));
	}
	MUST(self->node.h, hotid_identity_dump(self->node.h, find, &found));
	EXPECT_EQ(100, found.identities);
	for (i = 0; i < 100; i += 2) {
		snprintf(name + 50, sizeof(name) - 50, "%d", i);
		MUST(self->node.h, hotid_identity_del(self->node.h, name));
	}
	found = (struct found) {};
	MUST(self->node.h, hotid_identity_dump(self->node.h, find, &found));
	EXPECT_EQ(50, found.identities);
}

/**
 * struct parts - a list as it comes in parts
 * @n: parts so far
 * @messages: identities, or records of them
 * @interrupted: it says that it changed meanwhile
 * @omitted: of these, how many say that they have no steps
 * @delete: identity to delete after the first part
 */
struct parts {
	int n;
	size_t messages;
	size_t omitted;
	bool interrupted;
	const char *delete;
};

/* It says that it comes without its steps, and does. */
static bool omits_steps(const struct nlmsghdr *message)
{
	bool says = false, has = false;
	const struct nlattr *attribute;

	mnl_attr_for_each(attribute, message, sizeof(struct genlmsghdr)) {
		says |= mnl_attr_get_type(attribute) == HOTID_A_IDENTITY_OMITTED &&
			mnl_attr_get_u32(attribute) == HOTID_OMISSION_STEPS;
		has |= mnl_attr_get_type(attribute) == HOTID_A_IDENTITY_STEP;
	}
	return says && !has;
}

/*
 * Read a list through a socket of its own: the kernel makes parts as large as
 * what was read from a socket before, so that here all are small.
 */
static struct parts read_parts(THIS, uint8_t command, const char *delete)
{
	struct raw small = { .family = self->raw.family };
	char buffer[RAW_MAX] = {}, answer[4096];
	struct parts parts = { .delete = delete };
	struct nlmsghdr *request, *message;
	ssize_t length;
	bool done = false;
	int rest;

	ns_enter(self->node.ns);
	small.socket = mnl_socket_open(NETLINK_GENERIC);
	ns_home();
	request = raw_begin(&small, buffer, command);
	request->nlmsg_flags |= NLM_F_DUMP;
	ASSERT_LT(0, mnl_socket_sendto(small.socket, request, request->nlmsg_len));
	for (; !done; parts.n++) {
		length = mnl_socket_recvfrom(small.socket, answer, sizeof(answer));
		ASSERT_LT(0, length) {
			TH_LOG("part %d: errno %d", parts.n, errno);
		}
		if (!parts.n && delete)
			MUST(self->node.h, hotid_identity_del(self->node.h, delete));
		rest = length;
		for (message = (void *)answer; mnl_nlmsg_ok(message, rest);
		     message = mnl_nlmsg_next(message, &rest)) {
			parts.interrupted |= message->nlmsg_flags & NLM_F_DUMP_INTR;
			parts.messages += message->nlmsg_type == small.family;
			parts.omitted += message->nlmsg_type == small.family &&
					 omits_steps(message);
			done |= message->nlmsg_type == NLMSG_DONE ||
				message->nlmsg_type == NLMSG_ERROR;
			if (message->nlmsg_type == NLMSG_ERROR ||
			    message->nlmsg_type == NLMSG_DONE)
				EXPECT_EQ(0, *(int *)mnl_nlmsg_get_payload(message));
		}
	}
	mnl_socket_close(small.socket);
	return parts;
}

/* A list that changes while it is read says so; one that does not, does not. */
TEST_F(identity, interrupted_list)
{
	struct parts parts;
	char name[64];
	int i;

	for (i = 0; i < 100; i++) {
		snprintf(name, sizeof(name), "%040d", i);
		MUST(self->node.h, hotid_identity_new(self->node.h, name, 0));
	}
	parts = read_parts(_metadata, self, HOTID_CMD_IDENTITY_GET, NULL);
	EXPECT_EQ(100, parts.messages);
	EXPECT_LT(2, parts.n);
	EXPECT_FALSE(parts.interrupted);
	parts = read_parts(_metadata, self, HOTID_CMD_IDENTITY_GET, name);
	EXPECT_TRUE(parts.interrupted);
}

/* An identity that is larger than a part is not left out, nor what comes after it. */
TEST_F(identity, larger_than_a_part)
{
	struct parts parts;

	fill_steps(self);
	identity_bring(&self->node, "after it", 0, OFFLINE, 0);
	parts = read_parts(_metadata, self, HOTID_CMD_IDENTITY_GET, NULL);
	EXPECT_EQ(2, parts.messages);
	EXPECT_EQ(1, parts.omitted);
	identity_done(&self->node, WEB);
	parts = read_parts(_metadata, self, HOTID_CMD_HISTORY_GET, NULL);
	EXPECT_EQ(4, parts.messages);
	EXPECT_EQ(1, parts.omitted);
}

TEST_HARNESS_MAIN
