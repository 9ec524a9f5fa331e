// SPDX-License-Identifier: GPL-2.0
/* Checks of the kernel's settings and of the daemon's process. */
#define _GNU_SOURCE
#include <ctype.h>
#include <dirent.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "doctor.h"
#include "text.h"

#define POST_NOTIFIERS "/sys/module/kernel/parameters/crash_kexec_post_notifiers"

static char *path_of(const struct doctor *doctor, const char *format, va_list args)
{
	char *rest, *path;

	if (vasprintf(&rest, format, args) < 0 || asprintf(&path, "%s%s", doctor->root, rest) < 0)
		text_no_memory();
	free(rest);
	return path;
}

bool doctor_read(const struct doctor *doctor, char *text, size_t size, const char *format, ...)
{
	size_t length = 0;
	va_list args;
	char *path;
	FILE *file;

	va_start(args, format);
	path = path_of(doctor, format, args);
	va_end(args);
	file = fopen(path, "re");
	free(path);
	if (file) {
		length = fread(text, 1, size - 1, file);
		fclose(file);
	}
	while (length && text[length - 1] == '\n')
		length--;
	text[length] = '\0';
	return length;
}

void doctor_read_link(const struct doctor *doctor, char *text, size_t size,
		      const char *format, ...)
{
	ssize_t length;
	va_list args;
	char *path;

	va_start(args, format);
	path = path_of(doctor, format, args);
	va_end(args);
	length = readlink(path, text, size - 1);
	text[length > 0 ? length : 0] = '\0';
	free(path);
}

bool doctor_read_number(const struct doctor *doctor, const char *path, long *number)
{
	char text[32], *end;

	if (!doctor_read(doctor, text, sizeof(text), "%s", path))
		return false;
	if (!strcmp(text, "Y") || !strcmp(text, "N")) {
		*number = *text == 'Y';
		return true;
	}
	*number = strtol(text, &end, 10);
	return !*end;
}

/* The process of this network namespace's hotidd, or 0. */
static int find_daemon(const struct doctor *doctor)
{
	char ours[64], its[64], name[32], *path;
	struct dirent *entry;
	DIR *proc;
	int pid = 0;

	if (asprintf(&path, "%s/proc", doctor->root) < 0)
		text_no_memory();
	proc = opendir(path);
	free(path);
	doctor_read_link(doctor, ours, sizeof(ours), "/proc/self/ns/net");
	while (proc && !pid && (entry = readdir(proc))) {
		if (!isdigit((unsigned char)*entry->d_name) ||
		    !doctor_read(doctor, name, sizeof(name), "/proc/%s/comm", entry->d_name) ||
		    strcmp(name, "hotidd"))
			continue;
		doctor_read_link(doctor, its, sizeof(its), "/proc/%s/ns/net", entry->d_name);
		if (*its && !strcmp(its, ours))
			pid = atoi(entry->d_name);
	}
	if (proc)
		closedir(proc);
	return pid;
}

/* Fields 40 and 41 of /proc/PID/stat; the name in field 2 may have anything in it. */
static bool read_policy(const struct doctor *doctor, int pid, int *policy, int *priority)
{
	char text[1024], *rest;
	int field;

	if (!doctor_read(doctor, text, sizeof(text), "/proc/%d/stat", pid))
		return false;
	rest = strrchr(text, ')');
	for (field = 2; rest && field < 40; field++)
		rest = strchr(rest + 1, ' ');
	return rest && sscanf(rest, "%d %d", priority, policy) == 2;
}

static bool read_locked_kb(const struct doctor *doctor, int pid, unsigned long *kb)
{
	char text[4096], *field;

	if (!doctor_read(doctor, text, sizeof(text), "/proc/%d/status", pid))
		return false;
	field = strstr(text, "\nVmLck:");
	return field && sscanf(field, "\nVmLck: %lu", kb) == 1;
}

void doctor_process(struct doctor *doctor)
{
	int pid = find_daemon(doctor), policy, priority;
	unsigned long kb;

	if (!pid) {
		doctor_find(doctor, VERDICT_NONE, "no hotidd of this network namespace is seen%s",
			    geteuid() ? "; root may see more" : "");
		return;
	}
	if (!read_policy(doctor, pid, &policy, &priority) || !read_locked_kb(doctor, pid, &kb)) {
		doctor_find(doctor, VERDICT_NONE, "hotidd, process %d, cannot be looked at", pid);
		return;
	}
	if (policy != SCHED_FIFO && policy != SCHED_RR) {
		doctor_find(doctor, VERDICT_WARN, "hotidd runs at normal priority: a busy node delays a takeover");
		doctor_fix(doctor, "journalctl -u hotidd -g priority  # daemon.priority in /etc/hotid/node.yaml, LimitRTPRIO=99 in its unit");
	}
	if (!kb) {
		doctor_find(doctor, VERDICT_WARN, "the memory of hotidd is not locked: a stalled disk delays a takeover");
		doctor_fix(doctor, "journalctl -u hotidd -g memory  # LimitMEMLOCK=infinity in its unit");
	}
	if (doctor_is_silent(doctor))
		doctor_find(doctor, VERDICT_OK, "hotidd, process %d, has real-time priority %d and locked memory",
			    pid, priority);
}

/*
 * From 6.12 on a server of the scheduler keeps time for tasks of normal
 * priority, whatever this setting is; it is for admission of others then.
 */
static bool has_fair_server(const struct doctor *doctor)
{
	unsigned int major, minor;
	char release[128];

	return doctor_read(doctor, release, sizeof(release), "/proc/sys/kernel/osrelease") &&
	       sscanf(release, "%u.%u", &major, &minor) == 2 &&
	       (major > 6 || (major == 6 && minor >= 12));
}

void doctor_realtime(struct doctor *doctor)
{
	long runtime, period;

	if (has_fair_server(doctor)) {
		doctor_find(doctor, VERDICT_OK, "the kernel keeps time for tasks of normal priority");
	} else if (!doctor_read_number(doctor, "/proc/sys/kernel/sched_rt_runtime_us", &runtime) ||
		   !doctor_read_number(doctor, "/proc/sys/kernel/sched_rt_period_us", &period)) {
		doctor_find(doctor, VERDICT_NONE, "the kernel does not tell what it leaves to tasks of normal priority");
	} else if (runtime < 0 || runtime >= period) {
		doctor_find(doctor, VERDICT_WARN, "kernel.sched_rt_runtime_us = %ld: a real-time task that spins starves the programs that a takeover runs",
			    runtime);
		doctor_fix(doctor, "sysctl -w kernel.sched_rt_runtime_us=%ld  # keep it in /etc/sysctl.d/",
			   period / 20 * 19);
	} else {
		doctor_find(doctor, VERDICT_OK, "real-time tasks leave %ld of %ld us to others",
			    period - runtime, period);
	}
}

static bool crash_kernel_loaded(const struct doctor *doctor)
{
	long loaded;

	return doctor_read_number(doctor, "/sys/kernel/kexec_crash_loaded", &loaded) && loaded;
}

void doctor_kdump(struct doctor *doctor)
{
	long after;

	if (!crash_kernel_loaded(doctor)) {
		doctor_find(doctor, VERDICT_OK, "no crash kernel is loaded that would keep a panic from being told");
	} else if (doctor_read_number(doctor, POST_NOTIFIERS, &after) && after) {
		doctor_find(doctor, VERDICT_OK, "a panic is told before the crash kernel starts");
	} else {
		doctor_find(doctor, VERDICT_WARN, "a panic starts the crash kernel before it is told: peers learn of it only by silence");
		doctor_fix(doctor, "echo 1 > " POST_NOTIFIERS "  # from boot on: the kernel parameter crash_kexec_post_notifiers");
	}
}

void doctor_panic(struct doctor *doctor)
{
	long seconds, on_oops;

	if (!doctor_read_number(doctor, "/proc/sys/kernel/panic", &seconds) ||
	    !doctor_read_number(doctor, "/proc/sys/kernel/panic_on_oops", &on_oops)) {
		doctor_find(doctor, VERDICT_NONE, "the kernel does not tell what it does in a panic");
		return;
	}
	/* A crash kernel takes over before the kernel would wait or hang. */
	if (!seconds && !crash_kernel_loaded(doctor)) {
		doctor_find(doctor, VERDICT_WARN, "kernel.panic = 0: after a panic this node hangs until somebody resets it, and is no spare meanwhile");
		doctor_fix(doctor, "sysctl -w kernel.panic=10  # keep it in /etc/sysctl.d/");
	}
	if (!on_oops) {
		doctor_find(doctor, VERDICT_WARN, "kernel.panic_on_oops = 0: an oops ends a task, not the node, which beats on with what that task left stuck");
		doctor_fix(doctor, "sysctl -w kernel.panic_on_oops=1  # keep it in /etc/sysctl.d/");
	}
	if (doctor_is_silent(doctor))
		doctor_find(doctor, VERDICT_OK, "an oops is a panic, and a panic ends in a restart");
}
