// SPDX-License-Identifier: GPL-2.0
/* hotidctl: the table of subcommands, options, and exit status. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl.h"
#include "duration.h"

#define DEFAULT_TIMEOUT_NS	60000000000ull

/* Options that only some subcommands take. */
#define TAKES_NO_WAIT	(1u << 0)
#define TAKES_TIMEOUT	(1u << 1)
#define TAKES_EPOCH	(1u << 2)
#define TAKES_RESET	(1u << 4)
#define NO_MODULE_NEEDED	(1u << 3)	/* no option, but of the command itself */
#define TAKES_WAITING	(TAKES_NO_WAIT | TAKES_TIMEOUT)

enum name_rule { NAME_NONE, NAME_OPTIONAL, NAME_REQUIRED };

static const struct command {
	const char *word;
	enum name_rule name;
	unsigned int options;
	int (*run)(struct ctl *ctl);
	const char *usage;
	const char *summary;
} commands[] = {
	{ "status", NAME_OPTIONAL, 0, ctl_status,
	  "status [NAME]", "this node, its peers and its identities" },
	{ "arm", NAME_REQUIRED, TAKES_WAITING, ctl_command,
	  "arm NAME [--no-wait] [--timeout TIME]",
	  "make this node a spare for an identity" },
	{ "disarm", NAME_REQUIRED, TAKES_WAITING, ctl_command,
	  "disarm NAME [--no-wait] [--timeout TIME]",
	  "undo what arming staged" },
	{ "takeover", NAME_REQUIRED, TAKES_WAITING | TAKES_EPOCH, ctl_command,
	  "takeover NAME [--epoch N] [--no-wait] [--timeout TIME]",
	  "fence the holder of an identity and become it" },
	{ "release", NAME_REQUIRED, TAKES_WAITING | TAKES_EPOCH, ctl_command,
	  "release NAME [--epoch N] [--no-wait] [--timeout TIME]",
	  "stop holding an identity" },
	{ "watch", NAME_NONE, 0, ctl_watch,
	  "watch", "events as they happen, until interrupted" },
	{ "history", NAME_OPTIONAL, 0, ctl_history,
	  "history [NAME]", "changes of state, and where the time of takeovers went" },
	{ "margins", NAME_NONE, TAKES_RESET, ctl_margins,
	  "margins [--reset]", "how near each peer's silence came to its deadline" },
	{ "doctor", NAME_NONE, NO_MODULE_NEEDED, ctl_doctor,
	  "doctor", "what would keep a takeover from working here, and the fix" },
};

#define N_COMMANDS	(sizeof(commands) / sizeof(commands[0]))

int ctl_fail(const struct ctl *ctl, int error)
{
	bool about_name = ctl->name && ctl->h;
	const char *why = hotid_strerror(ctl->h, error);

	/* The name itself says more than that it is the name. */
	if (about_name && !strncmp(why, "name: ", 6))
		why += 6;
	fprintf(stderr, "hotidctl: %s%s%s\n", about_name ? ctl->name : "", about_name ? ": " : "",
		why);
	switch (error) {
	case -EPERM:
		return CTL_NOT_PERMITTED;
	case -ENOENT:
		return about_name ? CTL_NO_IDENTITY : CTL_NO_MODULE;
	case -ETIMEDOUT:
		return CTL_TIMEOUT;
	default:
		return CTL_FAILED;
	}
}

static void print_help(FILE *out)
{
	size_t i;

	fputs("usage: hotidctl [--json] COMMAND [NAME] [OPTIONS]\n\n", out);
	for (i = 0; i < N_COMMANDS; i++)
		fprintf(out, "  %s\n      %s\n", commands[i].usage, commands[i].summary);
	fputs("\n  --json          for scripts\n"
	      "  --no-wait       return when the module has accepted the command\n"
	      "  --timeout TIME  wait at most so long (default 60s; for example 500ms, 2min)\n"
	      "  --epoch N       takeover: the new epoch; release: only when it is the current one\n"
	      "  --reset         margins: begin to count anew\n"
	      "  --help, --version\n\n"
	      "hotidctl(8) explains the tables and the exit status.\n", out);
}

static int usage_error(const struct command *command, const char *what, const char *which)
{
	fprintf(stderr, "hotidctl: %s%s%s; usage: hotidctl %s\n", what, which ? " " : "",
		which ? which : "", command ? command->usage : "COMMAND [NAME], see hotidctl --help");
	return CTL_USAGE;
}

static const struct command *find_command(const char *word)
{
	size_t i;

	for (i = 0; i < N_COMMANDS; i++)
		if (!strcmp(commands[i].word, word))
			return &commands[i];
	return NULL;
}

static int parse_epoch(const char *text, uint64_t *epoch)
{
	char *end;

	errno = 0;
	*epoch = strtoull(text, &end, 10);
	/* Not so high that no next one is left. */
	if (errno || *end || *text < '0' || *text > '9' || !*epoch || *epoch > INT64_MAX)
		return -EINVAL;
	return 0;
}

/* Returns an exit status, or -1 to go on. */
static int parse_options(int argc, char **argv, struct ctl *ctl,
			 const struct command **command)
{
	enum { HELP = 256, VERSION, JSON, NO_WAIT, TIMEOUT, EPOCH, RESET };
	static const struct option options[] = {
		{ "help", no_argument, NULL, HELP },
		{ "version", no_argument, NULL, VERSION },
		{ "json", no_argument, NULL, JSON },
		{ "no-wait", no_argument, NULL, NO_WAIT },
		{ "timeout", required_argument, NULL, TIMEOUT },
		{ "epoch", required_argument, NULL, EPOCH },
		{ "reset", no_argument, NULL, RESET },
		{ 0 },
	};
	unsigned int given = 0;
	bool help = false;
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (c) {
		case HELP:
			help = true;
			break;
		case VERSION:
			puts("hotidctl " HOTID_VERSION);
			return CTL_OK;
		case JSON:
			ctl->json = true;
			break;
		case NO_WAIT:
			ctl->no_wait = true;
			given |= TAKES_NO_WAIT;
			break;
		case TIMEOUT:
			if (duration_parse(optarg, &ctl->timeout_ns) < 0 || !ctl->timeout_ns)
				return usage_error(NULL, "--timeout: give a number with a unit (500ms, 30s, 2min), not",
						   optarg);
			given |= TAKES_TIMEOUT;
			break;
		case EPOCH:
			if (parse_epoch(optarg, &ctl->epoch) < 0)
				return usage_error(NULL, "--epoch: give a number from 1 to 9223372036854775807, not", optarg);
			given |= TAKES_EPOCH;
			break;
		case RESET:
			ctl->reset = true;
			given |= TAKES_RESET;
			break;
		default:
			return CTL_USAGE;	/* getopt has said which */
		}
	}

	if (optind < argc) {
		*command = find_command(argv[optind]);
		if (!*command)
			return usage_error(NULL, "no command", argv[optind]);
	}
	if (help) {
		if (*command)
			printf("usage: hotidctl %s\n  %s\n", (*command)->usage, (*command)->summary);
		else
			print_help(stdout);
		return CTL_OK;
	}
	if (!*command) {
		print_help(stderr);
		return CTL_USAGE;
	}
	if (given & ~(*command)->options)
		return usage_error(*command, (*command)->word, "takes no such option");
	ctl->word = argv[optind++];
	if (optind < argc && (*command)->name != NAME_NONE)
		ctl->name = argv[optind++];
	if (optind < argc)
		return usage_error(*command, "too much:", argv[optind]);
	if (!ctl->name && (*command)->name == NAME_REQUIRED)
		return usage_error(*command, "the name of the identity is missing", NULL);
	if (ctl->name && (!*ctl->name || strlen(ctl->name) > HOTID_NAME_MAX))
		return usage_error(*command, "a name has 1 to 63 bytes, not so", ctl->name);
	return -1;
}

int main(int argc, char **argv)
{
	struct ctl ctl = { .timeout_ns = DEFAULT_TIMEOUT_NS };
	const struct command *command = NULL;
	int err, status;

	status = parse_options(argc, argv, &ctl, &command);
	if (status >= 0)
		return status;

	err = hotid_open(&ctl.h);
	if (err < 0 && !(err == -ENOENT && command->options & NO_MODULE_NEEDED))
		return ctl_fail(&ctl, err);
	status = command->run(&ctl);
	hotid_close(ctl.h);

	/* A script must not take half an answer for a whole one. */
	if ((fflush(stdout) || ferror(stdout)) && status == CTL_OK) {
		fprintf(stderr, "hotidctl: cannot write the output: %s\n", strerror(errno));
		return CTL_FAILED;
	}
	return status;
}
