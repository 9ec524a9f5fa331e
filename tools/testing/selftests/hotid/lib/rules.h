/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What each changing command of the family takes, written from the prose of
 * the interface and not from its policies: for each attribute its kind, its
 * bounds, whether it must be there, and one good value.
 */
#ifndef SELFTEST_RULES_H
#define SELFTEST_RULES_H

#include <libmnl/libmnl.h>
#include <stdbool.h>
#include <stdint.h>

enum kind { U8, U16, U32, U64, BINARY, STRING, NEST };

/**
 * struct rule - one attribute of a command
 * @name: in the specification; NULL ends a table
 * @min, @max: of the value; of BINARY and STRING, of the length without its NUL
 * @number: a good value of a number
 * @data: a good value of BINARY, @max bytes, or of STRING
 * @nest: what a NEST takes
 */
struct rule {
	const char *name;
	uint16_t type;
	enum kind kind;
	bool required;
	uint64_t min, max;
	uint64_t number;
	const void *data;
	const struct rule *nest;
};

/**
 * struct command - one changing command
 * @number: HOTID_CMD_*
 * @highest: highest attribute of its set
 */
struct command {
	const char *name;
	uint8_t number;
	uint16_t highest;
	const struct rule *rules;
};

extern const struct command commands[];
extern const size_t n_commands;

/* The command of this name; it is there. */
const struct command *command_find(const char *name);

/* Bytes of a number's kind. */
size_t rule_size(enum kind kind);

/* Put the good value of one attribute. */
void rule_put(struct nlmsghdr *request, const struct rule *rule);

/* Put all that must be there, but what is named. */
void rules_put_required(struct nlmsghdr *request, const struct rule *rules,
			const struct rule *without);

struct node;
struct probe;
struct raw;

/*
 * A namespace in which the good request of every command succeeds: node 1
 * with a peer, two keys, a probe on lo, and identities "off", "arming",
 * "armed" and "held".
 */
void rules_prepare(struct node *node, struct probe *probe, struct raw *raw);

#endif /* SELFTEST_RULES_H */
