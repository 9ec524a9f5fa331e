// SPDX-License-Identifier: GPL-2.0
#include "world.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "killpoint.h"
#include "step/rundir.h"

struct world *world;

const char *const world_words[VERBS] = { "validate", "stage", "take", "verify", "undo" };

const char *const world_steps[STEPS] = {
	"log in to iqn.2026-01.hotid:store", "reserve data", "port 02:00:00:77:00:10",
	"disk data", "mount /srv/web", "start a.service", "start b.service",
	"announce 02:00:00:77:00:10",
};

void world_trace(const char *format, ...)
{
	va_list args;

	if (world->traced >= TRACE - 256)
		return;
	va_start(args, format);
	world->traced += (size_t)vsnprintf(world->trace + world->traced, 255, format, args);
	va_end(args);
}

void world_breach(const char *format, ...)
{
	va_list args;

	if (*world->fault)
		return;
	va_start(args, format);
	vsnprintf(world->fault, sizeof(world->fault), format, args);
	va_end(args);
	world_trace("BREACH %s\n", world->fault);
}

static size_t step_number(const char *name)
{
	for (size_t i = 0; i < STEPS; i++)
		if (!strcmp(world_steps[i], name))
			return i;
	world_breach("there is no step \"%s\"", name);
	return 0;
}

static enum verb_word verb_number(const char *word)
{
	enum verb_word verb = 0;

	while (verb < UNDO && strcmp(world_words[verb], word))
		verb++;
	return verb;
}

static void check_stage(size_t i, const struct step_env *env)
{
	if (!rundir_has_copy(env->run_dir, NAME))
		world_breach("%s is staged, and the next daemon would not know", world_steps[i]);
}

static void check_take(size_t i, const struct step_env *env)
{
	if (!rundir_is_taken(env->run_dir, NAME))
		world_breach("%s is taken, and the next daemon would not know", world_steps[i]);
	for (size_t before = 0; before < i; before++)
		if (!world->up[before])
			world_breach("%s is taken before %s", world_steps[i], world_steps[before]);
}

static void check_undo(size_t i, const struct step *step, const struct step_env *env)
{
	if (world->up[i] && !env->taken)
		world_breach("%s was taken, and undo does not know", world_steps[i]);
	if (env->superseded && step->kind->stage == HOTID_STAGE_NET)
		return;
	for (size_t after = i + 1; after < STEPS; after++)
		if ((world->up[after] || world->staged[after]) && !world->undo_failed[after])
			world_breach("%s is undone before %s", world_steps[i], world_steps[after]);
}

/* A success that this daemon reported and the module has is not done once more. */
static void check_repeated(enum verb_word verb, size_t i)
{
	const struct success *success = &world->recorded[verb][i];

	if ((verb == STAGE || verb == TAKE || verb == UNDO) && success->stay == world->stay &&
	    success->daemon == world->daemon)
		world_breach("%s of %s is repeated after its success was recorded", world_words[verb],
		       world_steps[i]);
}

static int fails(enum verb_word verb, size_t i, struct step_env *env)
{
	if (!world->fail_times || world->fail_verb != verb || world->fail_step != i)
		return 0;
	world->fail_times--;
	snprintf(env->message, sizeof(env->message), "made to fail");
	world_trace("  it fails\n");
	if (verb == UNDO)
		world->undo_failed[i] = true;
	/* A mount that stays keeps what is below it. */
	for (size_t below = 0; verb == UNDO && i == MOUNT && below < MOUNT; below++)
		world->undo_failed[below] |= below != PORT;
	return -EIO;
}

int world_verb(const char *word, struct step *step, struct step_env *env)
{
	enum verb_word verb = verb_number(word);
	size_t i = step_number(step->name);
	int failed;

	killpoint();
	world_trace("%u: %s %s%s\n", world->daemon, word, step->name, env->taken ? " (taken)" : "");
	check_repeated(verb, i);
	if (verb == STAGE)
		check_stage(i, env);
	else if (verb == TAKE)
		check_take(i, env);
	else if (verb == UNDO)
		check_undo(i, step, env);
	failed = fails(verb, i, env);
	/* What fails may have come half the way. */
	if (verb == STAGE)
		world->staged[i] = true;
	else if (verb == TAKE)
		world->up[i] = true;
	else if (verb == UNDO && !failed)
		world->up[i] = world->staged[i] = world->undo_failed[i] = false;
	else if (verb == VERIFY && !world->up[i] && !failed)
		world_breach("%s is verified and was not taken", world_steps[i]);
	killpoint();
	return failed;
}
