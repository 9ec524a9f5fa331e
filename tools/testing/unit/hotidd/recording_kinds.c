// SPDX-License-Identifier: GPL-2.0
#include "recording_kinds.h"

#include <stdio.h>
#include <string.h>

#define RULES_MAX	8

struct rule {
	const char *verb, *name;
	int error;
	const char *message;
	void (*call)(struct step_env *env);
};

char recording[16384];
int (*recording_verb)(const char *verb, struct step *step, struct step_env *env);
static struct rule rules[RULES_MAX];
static size_t n_rules;

void recording_reset(void)
{
	recording[0] = '\0';
	n_rules = 0;
}

void recording_fail(const char *verb, const char *name, int error, const char *message)
{
	rules[n_rules++] = (struct rule){ verb, name, error, message, NULL };
}

void recording_call(const char *verb, const char *name, void (*call)(struct step_env *env))
{
	rules[n_rules++] = (struct rule){ verb, name, 0, NULL, call };
}

static int record(const char *verb, struct step *step, struct step_env *env)
{
	size_t used = strlen(recording);

	if (recording_verb)
		return recording_verb(verb, step, env);
	snprintf(recording + used, sizeof(recording) - used, "%s %s%s\n", verb, step->name,
		 !strcmp(verb, "undo") && env->taken ? " (taken)" : "");
	snprintf(env->message, sizeof(env->message), "%s done", verb);
	for (size_t i = 0; i < n_rules; i++) {
		if (strcmp(rules[i].verb, verb) || strcmp(rules[i].name, step->name))
			continue;
		if (rules[i].call)
			rules[i].call(env);
		if (!rules[i].error)
			continue;
		snprintf(env->message, sizeof(env->message), "%s", rules[i].message);
		return rules[i].error;
	}
	return 0;
}

#define VERB(name, word)							\
static int name(struct step *step, struct step_env *env)			\
{										\
	return record(word, step, env);						\
}

VERB(validate, "validate")
VERB(stage_ahead, "stage")
VERB(take, "take")
VERB(verify, "verify")
VERB(undo, "undo")

#define KIND(symbol, text, where, proof)					\
const struct kind symbol = {							\
	.name = text,								\
	.stage = where,								\
	.proves = proof,							\
	.validate = validate,							\
	.stage_ahead = stage_ahead,						\
	.take = take,								\
	.verify = verify,							\
	.undo = undo,								\
}

KIND(kind_guard, "guard", HOTID_STAGE_FENCE, PROOF_NONE);
KIND(kind_iscsi, "iscsi", HOTID_STAGE_FENCE, PROOF_DEVICE);
KIND(kind_reservation, "reservation", HOTID_STAGE_FENCE, PROOF_FENCE);
KIND(kind_net, "net", HOTID_STAGE_NET, PROOF_NONE);
KIND(kind_disk, "disk", HOTID_STAGE_STORAGE, PROOF_DEVICE);
KIND(kind_mount, "mount", HOTID_STAGE_MOUNT, PROOF_NONE);
KIND(kind_unit, "unit", HOTID_STAGE_UNITS, PROOF_NONE);
KIND(kind_announce, "announce", HOTID_STAGE_ANNOUNCE, PROOF_NONE);
