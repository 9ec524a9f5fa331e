// SPDX-License-Identifier: GPL-2.0
/* hotidd: moves identities when the module says so. Orders init and unwind, no more. */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/memory.h"
#include "base/problems.h"
#include "base/thread.h"
#include "config/config.h"
#include "config/reader.h"
#include "daemon.h"
#include "step/rundir.h"

#ifndef HOTID_VERSION
#define HOTID_VERSION	"unknown"
#endif

static const char usage[] =
	"Usage: hotidd [OPTION]...\n"
	"Moves the identities of this node when the kernel module hotid says so.\n"
	"\n"
	"  -c, --config DIR   read DIR/node.yaml and DIR/identities (default /etc/hotid)\n"
	"  -k, --check        read and check the configuration, print what is wrong, and\n"
	"                     exit with 0 when nothing is; change nothing\n"
	"  -f, --foreground   log plain lines, for a terminal (hotidd never forks)\n"
	"  -d, --detach       take the XDP probe away on a clean stop; by default it\n"
	"                     stays, so that detection goes on during a restart\n"
	"  -r, --run DIR      keep what the next daemon needs in DIR (default /run/hotid)\n"
	"  -s, --state DIR    keep what outlives a boot in DIR (default /var/lib/hotid)\n"
	"  -p, --pins DIR     pin the probe in DIR (default /sys/fs/bpf/hotid)\n"
	"  -V, --version      print the version and exit\n"
	"  -h, --help         print this and exit\n"
	"\n"
	"Signals: TERM and INT stop it and undo nothing, HUP reads the configuration again.\n";

struct options {
	const char *config_dir, *run_base, *pins_base, *state_dir;
	bool check, foreground, detach;
};

/* True to go on; else exit with *status. */
static bool options_read(int argc, char *argv[], struct options *options, int *status)
{
	static const struct option names[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "check", no_argument, NULL, 'k' },
		{ "foreground", no_argument, NULL, 'f' },
		{ "detach", no_argument, NULL, 'd' },
		{ "run", required_argument, NULL, 'r' },
		{ "state", required_argument, NULL, 's' },
		{ "pins", required_argument, NULL, 'p' },
		{ "version", no_argument, NULL, 'V' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 }
	};
	int option;

	*status = EXIT_SUCCESS;
	while ((option = getopt_long(argc, argv, "c:kfdr:s:p:Vh", names, NULL)) != -1) {
		switch (option) {
		case 'c':
			options->config_dir = optarg;
			break;
		case 'k':
			options->check = true;
			break;
		case 'f':
			options->foreground = true;
			break;
		case 'd':
			options->detach = true;
			break;
		case 'r':
			options->run_base = optarg;
			break;
		case 's':
			options->state_dir = optarg;
			break;
		case 'p':
			options->pins_base = optarg;
			break;
		case 'V':
			puts("hotidd " HOTID_VERSION);
			return false;
		case 'h':
			fputs(usage, stdout);
			return false;
		default:
			*status = 2;
			return false;
		}
	}
	if (optind < argc) {
		fprintf(stderr, "hotidd: \"%s\" is no option; see hotidd --help\n", argv[optind]);
		*status = 2;
		return false;
	}
	return true;
}

/* The whole configuration, or NULL after every problem was logged. */
static struct config *config_read(const char *dir)
{
	struct problems problems = { 0 }, notes = { 0 };
	struct config *config = config_read_all(dir, &problems);

	for (size_t i = 0; i < problems.n; i++)
		log_error("%s", problems.text[i]);
	if (config)
		config_shared(config, &notes);
	for (size_t i = 0; i < notes.n; i++)
		log_warning("%s", notes.text[i]);
	problems_clear(&problems);
	problems_clear(&notes);
	return config;
}

static int check(const struct options *options)
{
	struct config *config;

	log_plain();
	config = config_read(options->config_dir);
	if (!config)
		return EXIT_FAILURE;
	printf("%s: node %s, %zu peers, %zu identities: no mistakes\n", options->config_dir,
	       config->node->name, config->node->n_peers, config->n_identities);
	config_free(config);
	return EXIT_SUCCESS;
}

/* Blocked before any thread is made: the event loop reads them. */
static void signals_block(void)
{
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGHUP);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	signal(SIGPIPE, SIG_IGN);
}

/* Worth having, not worth failing for. */
static void be_quick(int priority)
{
	int error;

	error = priority_lock_memory();
	if (error)
		log_warning("memory is not locked: %s; run with LimitMEMLOCK=infinity, or a stall of the "
			    "disk delays a takeover", strerror(-error));
	error = priority ? priority_set(priority) : 0;
	if (error)
		log_warning("no real-time priority %d: %s; run as root with LimitRTPRIO=99, or set "
			    "daemon.priority: 0", priority, strerror(-error));
}

static int serve(const struct options *options)
{
	struct daemon_options daemon = {
		.config_dir = options->config_dir,
		.detach = options->detach,
	};
	struct config *config;
	char *run_dir, *pins;
	int status = EXIT_FAILURE;

	config = config_read(options->config_dir);
	if (!config)
		return status;
	run_dir = rundir_open(options->run_base);
	if (!run_dir)
		goto free_config;
	signals_block();
	be_quick(config->node->priority);
	pins = must_printf("%s/%s", options->pins_base, rundir_namespace());
	daemon.run_dir = run_dir;
	/* Other namespaces have no name that would be the same after a boot. */
	if (!strcmp(rundir_namespace(), "default"))
		daemon.state_dir = options->state_dir;
	daemon.pins = pins;
	status = daemon_run(&daemon, config);
	config = NULL;
	free(pins);
	free(run_dir);
free_config:
	config_free(config);
	return status;
}

int main(int argc, char *argv[])
{
	struct options options = {
		.config_dir = "/etc/hotid",
		.run_base = "/run/hotid",
		.state_dir = "/var/lib/hotid",
		.pins_base = "/sys/fs/bpf/hotid",
	};
	int status;

	if (!options_read(argc, argv, &options, &status))
		return status;
	if (options.foreground || isatty(STDERR_FILENO))
		log_plain();
	return options.check ? check(&options) : serve(&options);
}
