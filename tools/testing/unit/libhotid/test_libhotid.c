// SPDX-License-Identifier: GPL-2.0
/* libhotid without a kernel: sentences of rejections, parsing, encoding. */
#include <errno.h>
#include <limits.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <stdlib.h>

#include "explain.h"
#include "hotid.h"
#include "ktap.h"
#include "object.h"
#include "request.h"

/* Bytes put together as the kernel would; aligned for struct access. */
struct buffer {
	union {
		uint8_t bytes[4096];
		struct nlmsghdr nlh;
	};
	size_t len;
};

static void *append(struct buffer *b, const void *data, size_t len)
{
	void *place = b->bytes + b->len;

	if (data)
		memcpy(place, data, len);
	else
		memset(place, 0, len);
	b->len += len;
	while (b->len % 4)
		b->bytes[b->len++] = 0;
	return place;
}

/* Returns the offset of the attribute. */
static uint32_t attribute(struct buffer *b, uint16_t type, const void *data, uint16_t len)
{
	struct nlattr nla = { .nla_len = sizeof(nla) + len, .nla_type = type };
	uint32_t offset = b->len;

	append(b, &nla, sizeof(nla));
	append(b, data, len);
	return offset;
}

static uint32_t begin(struct buffer *b, uint16_t type)
{
	return attribute(b, type | NLA_F_NESTED, "", 0);
}

static void end(struct buffer *b, uint32_t nest)
{
	((struct nlattr *)(b->bytes + nest))->nla_len = b->len - nest;
}

static uint32_t u32(struct buffer *b, uint16_t type, uint32_t value)
{
	return attribute(b, type, &value, sizeof(value));
}

static void u64(struct buffer *b, uint16_t type, uint64_t value)
{
	attribute(b, type, &value, sizeof(value));
}

static uint32_t string(struct buffer *b, uint16_t type, const char *text)
{
	return attribute(b, type, text, strlen(text) + 1);
}

static void request(struct buffer *b, uint8_t cmd)
{
	struct genlmsghdr genl = { .cmd = cmd, .version = HOTID_FAMILY_VERSION };

	memset(b, 0, sizeof(*b));
	append(b, NULL, sizeof(struct nlmsghdr));
	append(b, &genl, sizeof(genl));
}

static const struct nlmsghdr *done(struct buffer *b)
{
	b->nlh.nlmsg_len = b->len;
	return &b->nlh;
}

/* An NLMSG_ERROR as the kernel sends it with NETLINK_CAP_ACK. */
static void rejection(struct buffer *b, int error)
{
	struct nlmsgerr err = { .error = error };

	memset(b, 0, sizeof(*b));
	append(b, NULL, sizeof(struct nlmsghdr));
	append(b, &err, sizeof(err));
	b->nlh.nlmsg_type = NLMSG_ERROR;
	b->nlh.nlmsg_flags = NLM_F_CAPPED | NLM_F_ACK_TLVS;
}

static void number_policy(struct buffer *b, uint32_t type, uint64_t min, uint64_t max)
{
	uint32_t nest = begin(b, NLMSGERR_ATTR_POLICY);

	u32(b, NL_POLICY_TYPE_ATTR_TYPE, type);
	u64(b, NL_POLICY_TYPE_ATTR_MIN_VALUE_U, min);
	u64(b, NL_POLICY_TYPE_ATTR_MAX_VALUE_U, max);
	end(b, nest);
}

static void length_policy(struct buffer *b, uint32_t type, int min, int max)
{
	uint32_t nest = begin(b, NLMSGERR_ATTR_POLICY);

	u32(b, NL_POLICY_TYPE_ATTR_TYPE, type);
	if (min >= 0)
		u32(b, NL_POLICY_TYPE_ATTR_MIN_LENGTH, min);
	if (max >= 0)
		u32(b, NL_POLICY_TYPE_ATTR_MAX_LENGTH, max);
	end(b, nest);
}

static struct buffer sent, answer;
static char text[HOTID_TEXT_MAX];

static int explained(void)
{
	memset(text, 0, sizeof(text));
	return explain_answer(done(&sent), done(&answer), text, sizeof(text));
}

static void test_success(void)
{
	request(&sent, HOTID_CMD_NODE_SET);
	rejection(&answer, 0);
	CHECK_INT(explained(), 0);
	CHECK_STR(text, "");
}

static void test_range(void)
{
	uint32_t offset;

	request(&sent, HOTID_CMD_NODE_SET);
	string(&sent, HOTID_A_NODE_NAME, "spare");
	offset = u32(&sent, HOTID_A_NODE_INTERVAL_US, 500);
	rejection(&answer, -ERANGE);
	string(&answer, NLMSGERR_ATTR_MSG, "integer out of range");
	u32(&answer, NLMSGERR_ATTR_OFFS, offset);
	number_policy(&answer, NL_ATTR_TYPE_U32, 1000, 10000000);
	CHECK_INT(explained(), -ERANGE);
	CHECK_STR(text, "interval-us: 500 is out of range; give 1000 to 10000000");
}

static void test_range_u16(void)
{
	uint16_t port = 0;
	uint32_t offset;

	request(&sent, HOTID_CMD_NODE_SET);
	offset = attribute(&sent, HOTID_A_NODE_PORT, &port, sizeof(port));
	rejection(&answer, -ERANGE);
	u32(&answer, NLMSGERR_ATTR_OFFS, offset);
	number_policy(&answer, NL_ATTR_TYPE_U16, 1, 65535);
	CHECK_INT(explained(), -ERANGE);
	CHECK_STR(text, "port: 0 is out of range; give 1 to 65535");
}

/* A policy comes with other complaints, too: at its bounds a value is fine. */
static void test_range_bounds(void)
{
	static const uint32_t values[] = { 1000, 10000000 };
	uint32_t offset;
	size_t i;

	for (i = 0; i < 2; i++) {
		request(&sent, HOTID_CMD_NODE_SET);
		offset = u32(&sent, HOTID_A_NODE_INTERVAL_US, values[i]);
		rejection(&answer, -EINVAL);
		string(&answer, NLMSGERR_ATTR_MSG, "not now");
		u32(&answer, NLMSGERR_ATTR_OFFS, offset);
		number_policy(&answer, NL_ATTR_TYPE_U32, 1000, 10000000);
		CHECK_INT(explained(), -EINVAL);
		CHECK_STR(text, "interval-us: not now");
	}
}

static void test_length(void)
{
	char longer[71];
	uint32_t offset;

	memset(longer, 'x', 70);
	longer[70] = '\0';
	request(&sent, HOTID_CMD_NODE_SET);
	offset = string(&sent, HOTID_A_NODE_NAME, longer);
	rejection(&answer, -ERANGE);
	u32(&answer, NLMSGERR_ATTR_OFFS, offset);
	length_policy(&answer, NL_ATTR_TYPE_NUL_STRING, -1, 63);
	CHECK_INT(explained(), -ERANGE);
	CHECK_STR(text, "name: 70 bytes is too long; give at most 63 bytes");

	request(&sent, HOTID_CMD_NODE_SET);
	offset = attribute(&sent, HOTID_A_NODE_ID, longer, 15);
	rejection(&answer, -EINVAL);
	u32(&answer, NLMSGERR_ATTR_OFFS, offset);
	length_policy(&answer, NL_ATTR_TYPE_BINARY, 16, 16);
	CHECK_INT(explained(), -EINVAL);
	CHECK_STR(text, "id: 15 bytes long; give exactly 16 bytes");
}

/* Two paths; the second one's address is too short. */
static void test_nested(void)
{
	uint32_t nest, offset;

	request(&sent, HOTID_CMD_PEER_NEW);
	nest = begin(&sent, HOTID_A_PEER_PATH);
	u32(&sent, HOTID_A_PATH_INDEX, 0);
	end(&sent, nest);
	nest = begin(&sent, HOTID_A_PEER_PATH);
	u32(&sent, HOTID_A_PATH_INDEX, 1);
	offset = attribute(&sent, HOTID_A_PATH_REMOTE_IPV6, "abc", 3);
	end(&sent, nest);
	rejection(&answer, -ERANGE);
	u32(&answer, NLMSGERR_ATTR_OFFS, offset);
	length_policy(&answer, NL_ATTR_TYPE_BINARY, 16, 16);
	CHECK_INT(explained(), -ERANGE);
	CHECK_STR(text, "path[1].remote-ipv6: 3 bytes long; give exactly 16 bytes");

	/* The module's words: they may begin with the attribute's name. */
	rejection(&answer, -EINVAL);
	string(&answer, NLMSGERR_ATTR_MSG, "remote must be a unicast address");
	u32(&answer, NLMSGERR_ATTR_OFFS, offset);
	CHECK_INT(explained(), -EINVAL);
	CHECK_STR(text, "path[1].remote-ipv6: remote must be a unicast address");

	rejection(&answer, -EINVAL);
	string(&answer, NLMSGERR_ATTR_MSG, "path needs an index");
	u32(&answer, NLMSGERR_ATTR_OFFS, nest);
	CHECK_INT(explained(), -EINVAL);
	CHECK_STR(text, "path[1] needs an index");

	rejection(&answer, -EINVAL);
	u32(&answer, NLMSGERR_ATTR_MISS_TYPE, HOTID_A_PATH_LOCAL_IPV4);
	u32(&answer, NLMSGERR_ATTR_MISS_NEST, nest);
	CHECK_INT(explained(), -EINVAL);
	CHECK_STR(text, "path[1].local-ipv4 is missing; give it");
}

static void test_message(void)
{
	uint32_t offset;

	request(&sent, HOTID_CMD_IDENTITY_ARM);
	offset = string(&sent, HOTID_A_IDENTITY_NAME, "web");
	rejection(&answer, -EALREADY);
	string(&answer, NLMSGERR_ATTR_MSG, "the identity is armed already");
	u32(&answer, NLMSGERR_ATTR_OFFS, offset);
	CHECK_INT(explained(), -EALREADY);
	CHECK_STR(text, "name: the identity is armed already");

	/* Without an offset the message stands alone. */
	rejection(&answer, -EINVAL);
	string(&answer, NLMSGERR_ATTR_MSG, "name is missing; give it");
	CHECK_INT(explained(), -EINVAL);
	CHECK_STR(text, "name is missing; give it");

	rejection(&answer, -EINVAL);
	u32(&answer, NLMSGERR_ATTR_MISS_TYPE, HOTID_A_IDENTITY_EPOCH);
	CHECK_INT(explained(), -EINVAL);
	CHECK_STR(text, "epoch is missing; give it");
}

static void test_unknown_attribute(void)
{
	uint32_t offset;

	request(&sent, HOTID_CMD_NODE_SET);
	offset = u32(&sent, 99, 1);
	rejection(&answer, -EINVAL);
	string(&answer, NLMSGERR_ATTR_MSG, "Unknown attribute type");
	u32(&answer, NLMSGERR_ATTR_OFFS, offset);
	CHECK_INT(explained(), -EINVAL);
	CHECK_STR(text, "attribute 99: Unknown attribute type");
}

static void test_errno_only(void)
{
	request(&sent, HOTID_CMD_NODE_SET);
	rejection(&answer, -EPERM);
	answer.nlh.nlmsg_flags = NLM_F_CAPPED;
	CHECK_INT(explained(), -EPERM);
	CHECK_STR(text, "needs CAP_NET_ADMIN in the initial user namespace; run as root");
	CHECK_STR(hotid_strerror(NULL, EPERM), hotid_strerror(NULL, -EPERM));
	CHECK_STR(hotid_strerror(NULL, -ENOMEM), "Cannot allocate memory");
	CHECK_STR(hotid_strerror(NULL, -123456), "unknown error");
	CHECK_STR(hotid_strerror(NULL, INT_MIN), "unknown error");
}

/* What the kernel says ENOENT for: the module, an identity, a peer. */
static void test_missing(void)
{
	request(&sent, HOTID_CMD_IDENTITY_ARM);
	rejection(&answer, -ENOENT);
	CHECK_INT(explained(), HOTID_ERR_NO_MODULE);
	CHECK_STR(text, "hotid.ko was unloaded meanwhile; run \"modprobe hotid\" and open a new "
		  "connection");
	CHECK_STR(hotid_strerror(NULL, HOTID_ERR_NO_MODULE),
		  "hotid.ko is not loaded; run \"modprobe hotid\"");
	string(&answer, NLMSGERR_ATTR_MSG, "name is no identity of this node");
	CHECK_INT(explained(), HOTID_ERR_NO_IDENTITY);
	CHECK_STR(text, "name is no identity of this node");
	request(&sent, HOTID_CMD_PEER_DEL);
	CHECK_INT(explained(), HOTID_ERR_NO_PEER);
	request(&sent, HOTID_CMD_MARGINS_RESET);
	CHECK_INT(explained(), HOTID_ERR_NO_PEER);
}

/* Without NETLINK_CAP_ACK the request comes back before the attributes. */
static void test_uncapped(void)
{
	struct nlmsgerr err = { .error = -EBUSY };

	request(&sent, HOTID_CMD_IDENTITY_DEL);
	string(&sent, HOTID_A_IDENTITY_NAME, "web");
	done(&sent);
	memset(&answer, 0, sizeof(answer));
	append(&answer, NULL, sizeof(struct nlmsghdr));
	err.msg = sent.nlh;
	append(&answer, &err, sizeof(err));
	append(&answer, sent.bytes + NLMSG_HDRLEN, sent.len - NLMSG_HDRLEN);
	answer.nlh.nlmsg_type = NLMSG_ERROR;
	answer.nlh.nlmsg_flags = NLM_F_ACK_TLVS;
	string(&answer, NLMSGERR_ATTR_MSG, "the identity is in use");
	CHECK_INT(explained(), -EBUSY);
	CHECK_STR(text, "the identity is in use");

	/* It says that more came back than did. */
	((struct nlmsgerr *)NLMSG_DATA(&answer.nlh))->msg.nlmsg_len = 1 << 30;
	CHECK_INT(explained(), -EBADMSG);
	((struct nlmsgerr *)NLMSG_DATA(&answer.nlh))->msg.nlmsg_len = 3;
	CHECK_INT(explained(), -EBADMSG);
}

static void test_end_of_dump(void)
{
	int error = -EMSGSIZE;

	request(&sent, HOTID_CMD_PEER_GET);
	memset(&answer, 0, sizeof(answer));
	append(&answer, NULL, sizeof(struct nlmsghdr));
	append(&answer, &error, sizeof(error));
	answer.nlh.nlmsg_type = NLMSG_DONE;
	answer.nlh.nlmsg_flags = NLM_F_ACK_TLVS;
	string(&answer, NLMSGERR_ATTR_MSG, "a peer does not fit");
	CHECK_INT(explained(), -EMSGSIZE);
	CHECK_STR(text, "a peer does not fit");

	answer.len = sizeof(struct nlmsghdr);
	CHECK_INT(explained(), 0);
}

/* Any prefix and any bytes: no read outside (the sanitizer tells), always a sentence. */
static void test_hostile_answer(void)
{
	unsigned int seed = 1, round;
	struct buffer whole;
	size_t len, i;

	request(&sent, HOTID_CMD_NODE_SET);
	u32(&sent, HOTID_A_NODE_INTERVAL_US, 500);
	rejection(&answer, -ERANGE);
	string(&answer, NLMSGERR_ATTR_MSG, "integer out of range");
	u32(&answer, NLMSGERR_ATTR_OFFS, sizeof(struct nlmsghdr) + GENL_HDRLEN);
	number_policy(&answer, NL_ATTR_TYPE_U32, 1000, 10000000);
	whole = answer;
	for (len = NLMSG_HDRLEN; len <= whole.len; len++) {
		/* On the heap and no longer than it says, so that an overrun is seen. */
		struct nlmsghdr *cut = malloc(len);

		memcpy(cut, whole.bytes, len);
		cut->nlmsg_len = len;
		CHECK(explain_answer(done(&sent), cut, text, sizeof(text)) < 0);
		CHECK(*text);
		free(cut);
	}
	for (round = 0; round < 20000; round++) {
		struct nlmsghdr *bad = malloc(whole.len);

		memcpy(bad, whole.bytes, whole.len);
		for (i = 0; i < 3; i++)
			((uint8_t *)bad)[NLMSG_HDRLEN + rand_r(&seed) % (whole.len - NLMSG_HDRLEN)] =
				rand_r(&seed);
		bad->nlmsg_len = whole.len;
		explain_answer(done(&sent), bad, text, sizeof(text));
		free(bad);
	}
}

static void put_step(struct buffer *b, uint32_t index, const char *name)
{
	uint32_t nest = begin(b, HOTID_A_IDENTITY_STEP);

	u32(b, HOTID_A_STEP_INDEX, index);
	string(b, HOTID_A_STEP_NAME, name);
	string(b, HOTID_A_STEP_KIND, "mount");
	u32(b, HOTID_A_STEP_STAGE, HOTID_STAGE_MOUNT);
	u64(b, HOTID_A_STEP_START_NS, 1000 + index);
	end(b, nest);
}

static void put_identity(struct buffer *b)
{
	memset(b, 0, sizeof(*b));
	string(b, HOTID_A_IDENTITY_NAME, "web");
	u32(b, HOTID_A_IDENTITY_STATE, HOTID_IDENTITY_STATE_TAKING);
	u64(b, HOTID_A_IDENTITY_EPOCH, 7);
	attribute(b, HOTID_A_IDENTITY_HOLDER, "0123456789abcdef", 16);
	put_step(b, 1, "mount /srv/web");
	put_step(b, 2, "mount /srv/log");
}

static int identity_parse(void *attrs, int len, struct hotid_identity *identity)
{
	return object_read(&identity_object, attrs, len, identity);
}

static int peer_parse(void *attrs, int len, struct hotid_peer *peer)
{
	return object_read(&peer_object, attrs, len, peer);
}

static void test_parse_identity(void)
{
	struct hotid_identity identity;
	struct buffer b;

	put_identity(&b);
	CHECK_INT(identity_parse(b.bytes, b.len, &identity), 0);
	CHECK_STR(identity.name, "web");
	CHECK_INT(identity.state, HOTID_IDENTITY_STATE_TAKING);
	CHECK_INT(identity.epoch, 7);
	CHECK(identity.has_holder && !memcmp(identity.holder, "0123456789abcdef", 16));
	CHECK_INT(identity.n_steps, 2);
	if (identity.n_steps == 2) {
		CHECK_STR(identity.steps[0].name, "mount /srv/web");
		CHECK_INT(identity.steps[1].index, 2);
		CHECK_INT(identity.steps[1].start_ns, 1002);
	}
	hotid_identity_clear(&identity);
	CHECK(!identity.steps && !identity.n_steps);
}

static void test_parse_peer(void)
{
	struct hotid_peer peer;
	struct buffer b = { 0 };
	uint32_t nest;
	int i;

	attribute(&b, HOTID_A_PEER_ID, "0123456789abcdef", 16);
	string(&b, HOTID_A_PEER_NAME, "active");
	u32(&b, HOTID_A_PEER_STATE, HOTID_PEER_STATE_UP);
	nest = begin(&b, HOTID_A_PEER_PATH);
	attribute(&b, HOTID_A_PATH_REMOTE_IPV4, "\x0a\x4d\x00\x01", 4);
	u32(&b, HOTID_A_PATH_STATE, HOTID_PEER_STATE_DOWN);
	end(&b, nest);
	CHECK_INT(peer_parse(b.bytes, b.len, &peer), 0);
	CHECK_INT(peer.paths[0].state, HOTID_PEER_STATE_DOWN);
	CHECK_STR(peer.name, "active");
	CHECK_INT(peer.n_paths, 1);
	CHECK_INT(peer.paths[0].address_len, 4);

	/* More paths than there can be, and an address that is too short. */
	for (i = 0; i < HOTID_MAX_PATHS; i++)
		end(&b, begin(&b, HOTID_A_PEER_PATH));
	CHECK_INT(peer_parse(b.bytes, b.len, &peer), -EBADMSG);
	b.len = 0;
	nest = begin(&b, HOTID_A_PEER_PATH);
	attribute(&b, HOTID_A_PATH_REMOTE_IPV6, "\x0a\x4d\x00\x01", 4);
	end(&b, nest);
	CHECK_INT(peer_parse(b.bytes, b.len, &peer), -EBADMSG);
}

/* A string without its end, a number that is short. */
static void test_parse_malformed(void)
{
	struct hotid_identity identity;
	struct buffer b = { 0 };

	attribute(&b, HOTID_A_IDENTITY_NAME, "web", 3);
	CHECK_INT(identity_parse(b.bytes, b.len, &identity), -EBADMSG);
	hotid_identity_clear(&identity);
	b.len = 0;
	attribute(&b, HOTID_A_IDENTITY_EPOCH, "\x01\x02\x03\x04", 4);
	CHECK_INT(identity_parse(b.bytes, b.len, &identity), -EBADMSG);
	hotid_identity_clear(&identity);
	b.len = 0;
	attribute(&b, HOTID_A_IDENTITY_HOLDER, "012345", 6);
	CHECK_INT(identity_parse(b.bytes, b.len, &identity), -EBADMSG);
	hotid_identity_clear(&identity);
}

static void test_parse_hostile(void)
{
	struct hotid_identity identity;
	unsigned int seed = 2, round;
	struct hotid_peer peer;
	struct buffer b;
	size_t len;

	put_identity(&b);
	for (round = 0; round < 40000; round++) {
		uint8_t *bad;

		len = 1 + rand_r(&seed) % b.len;
		bad = malloc(len);
		memcpy(bad, b.bytes, len);
		bad[rand_r(&seed) % len] = rand_r(&seed);
		identity_parse(bad, len, &identity);
		CHECK(strlen(identity.name) <= HOTID_NAME_MAX);
		hotid_identity_clear(&identity);
		peer_parse(bad, len, &peer);
		CHECK(strlen(peer.name) <= HOTID_NAME_MAX && peer.n_paths <= HOTID_MAX_PATHS);
		free(bad);
	}
}

/* What is too long to be said is cut between characters, never refused. */
static void test_sentence(void)
{
	struct hotid h = { .family = 32 };
	char sentence[HOTID_MESSAGE_MAX + 64];
	struct request rq;
	struct nlattr *nla;
	const char *cut;

	memset(sentence, 'a', sizeof(sentence));
	strcpy(sentence + HOTID_MESSAGE_MAX - 1, "\xc3\xa9tat");
	request_start(&rq, &h, HOTID_CMD_IDENTITY_REPORT);
	request_sentence(&rq, HOTID_A_IDENTITY_MESSAGE, sentence);
	CHECK(!rq.overflow);
	nla = nlmsg_attrdata(nlmsg_hdr(rq.msg), GENL_HDRLEN);
	cut = nla_data(nla);
	CHECK_INT(nla_len(nla), HOTID_MESSAGE_MAX);
	CHECK_INT(strlen(cut), HOTID_MESSAGE_MAX - 1);
	CHECK(!strchr(cut, '\xc3'));
	nlmsg_free(rq.msg);
}

static void test_overlong_request(void)
{
	struct hotid h = { .family = 32 };
	struct request rq;
	char *name = calloc(1, 70000);

	memset(name, 'x', 69999);
	request_start(&rq, &h, HOTID_CMD_IDENTITY_ARM);
	request_string(&rq, HOTID_A_IDENTITY_NAME, name);
	CHECK_INT(request_ask(&rq, NULL, NULL), -EMSGSIZE);
	CHECK_STR(hotid_strerror(&h, -EMSGSIZE), "the request is too long for one message");
	free(name);
}

static const struct ktap_test tests[] = {
	{ "explain_success", test_success },
	{ "explain_range", test_range },
	{ "explain_range_bounds", test_range_bounds },
	{ "explain_range_u16", test_range_u16 },
	{ "explain_length", test_length },
	{ "explain_nested", test_nested },
	{ "explain_message", test_message },
	{ "explain_unknown_attribute", test_unknown_attribute },
	{ "explain_errno_only", test_errno_only },
	{ "explain_missing", test_missing },
	{ "explain_uncapped", test_uncapped },
	{ "explain_end_of_dump", test_end_of_dump },
	{ "explain_hostile_answer", test_hostile_answer },
	{ "parse_identity", test_parse_identity },
	{ "parse_peer", test_parse_peer },
	{ "parse_malformed", test_parse_malformed },
	{ "parse_hostile", test_parse_hostile },
	{ "request_sentence", test_sentence },
	{ "request_overlong", test_overlong_request },
};

KTAP_MAIN(tests)
