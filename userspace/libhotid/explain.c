// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * From an extended acknowledgement to a sentence. The kernel gives the offset
 * of the attribute it refused; the request tells which attribute lies there.
 */
#define _GNU_SOURCE
#include "explain.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <linux/genetlink.h>
#include <netlink/attr.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "hotid.h"
#include "names_gen.h"

/* An attribute of the request, and how a person finds it there. */
struct place {
	const struct nlattr *nla;	/* NULL: nothing was found */
	char name[96];			/* "path[1].address" */
};

const char *explain_errno(int error)
{
	const char *text;

	switch (error) {
	case -EPERM:
		return "needs CAP_NET_ADMIN in the initial user namespace; run as root";
	case HOTID_ERR_NO_MODULE:
		return "hotid.ko is not loaded; run \"modprobe hotid\"";
	case -EOPNOTSUPP:
		return "the loaded hotid.ko does not know this command; load the one built with this library";
	case -EPROTONOSUPPORT:
		return "this kernel has no generic netlink; hotid needs CONFIG_NET";
	case -EBADMSG:
		return "hotid.ko answered what this library cannot read; load the one built with this library";
	}
	/* The lowest of all numbers has no positive one. */
	text = error == INT_MIN ? NULL : strerrordesc_np(-error);
	return text ? text : "unknown error";
}

static uint8_t command(const struct nlmsghdr *request)
{
	const struct genlmsghdr *genl = NLMSG_DATA(request);

	return genl->cmd;
}

static void __attribute__((format(printf, 2, 3)))
append(struct place *place, const char *format, ...)
{
	size_t len = strlen(place->name);
	va_list args;

	va_start(args, format);
	vsnprintf(place->name + len, sizeof(place->name) - len, format, args);
	va_end(args);
}

/* "attribute 99" where the specification has no name for it. */
static void append_name(struct place *place, const char *known, uint16_t type)
{
	if (strcmp(known, "?"))
		append(place, "%s", known);
	else
		append(place, "attribute %u", type);
}

/* At the top: "path[1]" when the request has several. @which is NULL for one that is missing. */
static void name_top(struct place *place, const struct nlmsghdr *request,
		     const struct nlattr *which, uint16_t type)
{
	unsigned int index = 0, count = 0;
	const struct nlattr *nla;
	int rem;

	append_name(place, hotid_name_attribute(command(request), type), type);
	nlmsg_for_each_attr(nla, (struct nlmsghdr *)request, GENL_HDRLEN, rem) {
		if (nla_type(nla) != type)
			continue;
		if (nla == which)
			index = count;
		count++;
	}
	if (count > 1)
		append(place, "[%u]", index);
}

/* Within @nest, whose name stands there already. */
static void name_nested(struct place *place, const struct nlmsghdr *request,
			const struct nlattr *nest, uint16_t type)
{
	append(place, ".");
	append_name(place, hotid_name_nested(command(request), nla_type(nest), type), type);
}

/* What lies at @offset of @request: an attribute at the top or in one nest. */
static struct place find(const struct nlmsghdr *request, uint32_t offset)
{
	const struct nlattr *nla, *inner;
	const char *base = (const char *)request;
	struct place place = { 0 };
	int rem, inner_rem;

	nlmsg_for_each_attr(nla, (struct nlmsghdr *)request, GENL_HDRLEN, rem) {
		size_t start = (const char *)nla - base;

		if (offset < start || offset >= start + nla->nla_len)
			continue;
		place.nla = nla;
		name_top(&place, request, nla, nla_type(nla));
		nla_for_each_nested(inner, nla, inner_rem)
			if ((size_t)((const char *)inner - base) == offset) {
				place.nla = inner;
				name_nested(&place, request, nla, nla_type(inner));
			}
	}
	return place;
}

/* An attribute that is missing: in the message, or in the nest at an offset. */
static struct place find_missing(const struct nlmsghdr *request, struct nlattr **ack)
{
	uint32_t type = nla_get_u32(ack[NLMSGERR_ATTR_MISS_TYPE]);
	struct place place = { 0 };

	if (ack[NLMSGERR_ATTR_MISS_NEST])
		place = find(request, nla_get_u32(ack[NLMSGERR_ATTR_MISS_NEST]));
	if (place.nla)
		name_nested(&place, request, place.nla, type);
	else
		name_top(&place, request, NULL, type);
	return place;
}

static bool read_number(const struct nlattr *nla, uint32_t type, uint64_t *value)
{
	switch (nla_len(nla)) {
	case 1:
		*value = nla_get_u8(nla);
		return type == NL_ATTR_TYPE_U8;
	case 2:
		*value = nla_get_u16(nla);
		return type == NL_ATTR_TYPE_U16;
	case 4:
		*value = nla_get_u32(nla);
		return type == NL_ATTR_TYPE_U32;
	case 8:
		*value = nla_get_u64(nla);
		return type == NL_ATTR_TYPE_U64;
	}
	return false;
}

/* "500 is out of range; give 1000 to 10000000", when that is what is wrong. */
static bool word_range(const struct nlattr *nla, struct nlattr **policy,
		       char *text, size_t size)
{
	uint64_t value, min, max;

	if (!policy[NL_POLICY_TYPE_ATTR_MIN_VALUE_U] ||
	    !policy[NL_POLICY_TYPE_ATTR_MAX_VALUE_U] ||
	    !read_number(nla, nla_get_u32(policy[NL_POLICY_TYPE_ATTR_TYPE]), &value))
		return false;
	min = nla_get_u64(policy[NL_POLICY_TYPE_ATTR_MIN_VALUE_U]);
	max = nla_get_u64(policy[NL_POLICY_TYPE_ATTR_MAX_VALUE_U]);
	if (value >= min && value <= max)
		return false;
	snprintf(text, size, "%" PRIu64 " is out of range; give %" PRIu64 " to %" PRIu64,
		 value, min, max);
	return true;
}

/* "70 bytes is too long; give at most 63", when that is what is wrong. */
static bool word_length(const struct nlattr *nla, struct nlattr **policy,
			char *text, size_t size)
{
	uint32_t type = nla_get_u32(policy[NL_POLICY_TYPE_ATTR_TYPE]);
	uint32_t len = nla_len(nla), min = 0, max = UINT32_MAX;

	if (type == NL_ATTR_TYPE_NUL_STRING || type == NL_ATTR_TYPE_STRING)
		len = strnlen(nla_data(nla), len);
	else if (type != NL_ATTR_TYPE_BINARY)
		return false;
	if (policy[NL_POLICY_TYPE_ATTR_MIN_LENGTH])
		min = nla_get_u32(policy[NL_POLICY_TYPE_ATTR_MIN_LENGTH]);
	if (policy[NL_POLICY_TYPE_ATTR_MAX_LENGTH])
		max = nla_get_u32(policy[NL_POLICY_TYPE_ATTR_MAX_LENGTH]);
	if (len >= min && len <= max)
		return false;

	if (min == max)
		snprintf(text, size, "%u bytes long; give exactly %u bytes", len, max);
	else if (len < min && max != UINT32_MAX)
		snprintf(text, size, "%u bytes is too short; give %u to %u bytes", len, min, max);
	else if (len < min)
		snprintf(text, size, "%u bytes is too short; give at least %u bytes", len, min);
	else
		snprintf(text, size, "%u bytes is too long; give at most %u bytes", len, max);
	return true;
}

static bool word_policy(const struct nlattr *nla, struct nlattr *nested,
			char *text, size_t size)
{
	static struct nla_policy types[NL_POLICY_TYPE_ATTR_MAX + 1] = {
		[NL_POLICY_TYPE_ATTR_TYPE] = { .type = NLA_U32 },
		[NL_POLICY_TYPE_ATTR_MIN_VALUE_U] = { .type = NLA_U64 },
		[NL_POLICY_TYPE_ATTR_MAX_VALUE_U] = { .type = NLA_U64 },
		[NL_POLICY_TYPE_ATTR_MIN_LENGTH] = { .type = NLA_U32 },
		[NL_POLICY_TYPE_ATTR_MAX_LENGTH] = { .type = NLA_U32 },
	};
	struct nlattr *policy[NL_POLICY_TYPE_ATTR_MAX + 1];

	if (nla_parse_nested(policy, NL_POLICY_TYPE_ATTR_MAX, nested, types) < 0 ||
	    !policy[NL_POLICY_TYPE_ATTR_TYPE])
		return false;
	return word_range(nla, policy, text, size) || word_length(nla, policy, text, size);
}

/*
 * "path[1].address: MESSAGE". A message that begins with the attribute's own
 * name ("address must be ...") continues the place instead of repeating it.
 */
static void join(const struct place *place, const char *message, char *text, size_t size)
{
	const char *leaf = strrchr(place->name, '.');
	size_t len;

	leaf = leaf ? leaf + 1 : place->name;
	len = strcspn(leaf, "[");
	if (!strncmp(message, leaf, len) && (message[len] == ' ' || message[len] == ':'))
		snprintf(text, size, "%s%s", place->name, message + len);
	else
		snprintf(text, size, "%s: %s", place->name, message);
}

/* The kernel says ENOENT for all that is not there. */
static int distinct_error(const struct nlmsghdr *request, int error, bool has_message)
{
	if (error != -ENOENT)
		return error;
	/* No module has this family's number: hotid.ko sends a message. */
	if (!has_message)
		return HOTID_ERR_NO_MODULE;
	switch (command(request)) {
	case HOTID_CMD_PEER_GET:
	case HOTID_CMD_PEER_DEL:
	case HOTID_CMD_MARGINS_RESET:
		return HOTID_ERR_NO_PEER;
	}
	return error;
}

/* Returns @error, or for -ENOENT one of HOTID_ERR_*. */
static int explain(const struct nlmsghdr *request, int error,
		   const struct nlattr *extack, int extack_len, char *text, size_t size)
{
	static struct nla_policy types[NLMSGERR_ATTR_MAX + 1] = {
		[NLMSGERR_ATTR_MSG] = { .type = NLA_STRING },
		[NLMSGERR_ATTR_OFFS] = { .type = NLA_U32 },
		[NLMSGERR_ATTR_POLICY] = { .type = NLA_NESTED },
		[NLMSGERR_ATTR_MISS_TYPE] = { .type = NLA_U32 },
		[NLMSGERR_ATTR_MISS_NEST] = { .type = NLA_U32 },
	};
	struct nlattr *ack[NLMSGERR_ATTR_MAX + 1] = { 0 };
	struct place place = { 0 };
	const char *message = NULL;
	char why[256];

	if (nla_parse(ack, NLMSGERR_ATTR_MAX, (struct nlattr *)extack, extack_len, types) < 0)
		memset(ack, 0, sizeof(ack));

	if (ack[NLMSGERR_ATTR_MSG])
		message = nla_get_string(ack[NLMSGERR_ATTR_MSG]);
	if (ack[NLMSGERR_ATTR_OFFS])
		place = find(request, nla_get_u32(ack[NLMSGERR_ATTR_OFFS]));
	error = distinct_error(request, error, message);

	if (place.nla && ack[NLMSGERR_ATTR_POLICY] &&
	    word_policy(place.nla, ack[NLMSGERR_ATTR_POLICY], why, sizeof(why))) {
		message = why;
	} else if (!message && ack[NLMSGERR_ATTR_MISS_TYPE]) {
		place = find_missing(request, ack);
		snprintf(text, size, "%s is missing; give it", place.name);
		return error;
	} else if (!message) {
		message = error != HOTID_ERR_NO_MODULE ? explain_errno(error) :
			  "hotid.ko was unloaded meanwhile; run \"modprobe hotid\" and open a new connection";
	}
	if (place.nla)
		join(&place, message, text, size);
	else
		snprintf(text, size, "%s", message);
	return error;
}

int explain_answer(const struct nlmsghdr *request, const struct nlmsghdr *answer,
		   char *text, size_t size)
{
	const char *payload = NLMSG_DATA(answer);
	size_t len, used;
	int error;

	if (answer->nlmsg_len < (size_t)NLMSG_HDRLEN)
		goto bad;
	len = answer->nlmsg_len - NLMSG_HDRLEN;

	if (answer->nlmsg_type == NLMSG_ERROR) {
		const struct nlmsgerr *err = (const void *)payload;

		if (len < sizeof(*err))
			goto bad;
		error = err->error;
		if (!error)
			return 0;
		used = sizeof(*err);
		if (!(answer->nlmsg_flags & NLM_F_CAPPED)) {
			if (err->msg.nlmsg_len < sizeof(err->msg) ||
			    err->msg.nlmsg_len > len)
				goto bad;
			used += NLMSG_ALIGN(err->msg.nlmsg_len) - sizeof(err->msg);
		}
	} else {
		/* The end of a dump; a module that has no more to say sends 0. */
		if (len < sizeof(error))
			return 0;
		memcpy(&error, payload, sizeof(error));
		used = NLMSG_ALIGN(sizeof(error));
	}
	if (error >= 0)
		return 0;

	if (!(answer->nlmsg_flags & NLM_F_ACK_TLVS) || used > len)
		used = len;
	return explain(request, error, (const struct nlattr *)(payload + used), len - used, text,
		       size);

bad:
	snprintf(text, size, "%s", explain_errno(-EBADMSG));
	return -EBADMSG;
}
