// SPDX-License-Identifier: GPL-2.0
/* hotidctl: the table of subcommands, and what is given on the command line. */
#include <errno.h>
#include <getopt.h>
#include <locale.h>
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
#define TAKES_RESET	(1u << 3)
#define TAKES_WAITING	(TAKES_NO_WAIT | TAKES_TIMEOUT)

enum name_rule { NAME_NONE, NAME_OPTIONAL, NAME_REQUIRED };

static const struct command {
	const char *word;
	enum name_rule name;
	unsigned int options;
	bool without_module;	/* it can do without */
	int (*run)(struct ctl *ctl);
	const char *usage;
	const char *summary;
} commands[] = {
	{ "status", NAME_OPTIONAL, 0, false, ctl_status,
	  "status [NAME]", "show this node, its peers and its identities" },
	{ "arm", NAME_REQUIRED, TAKES_WAITING, false, ctl_command,
	  "arm NAME [--no-wait] [--timeout TIME]",
	  "make this node a spare for an identity" },
	{ "disarm", NAME_REQUIRED, TAKES_WAITING, false, ctl_command,
	  "disarm NAME [--no-wait] [--timeout TIME]",
	  "undo what arming staged, or what a failure left behind" },
	{ "takeover", NAME_REQUIRED, TAKES_WAITING | TAKES_EPOCH, false, ctl_command,
	  "takeover NAME [--epoch N] [--no-wait] [--timeout TIME]",
	  "fence the holder of an identity and become the holder" },
	{ "release", NAME_REQUIRED, TAKES_WAITING | TAKES_EPOCH, false, ctl_command,
	  "release NAME [--epoch N] [--no-wait] [--timeout TIME]",
	  "stop holding an identity" },
	{ "watch", NAME_OPTIONAL, 0, false, ctl_watch,
	  "watch [NAME]", "print events until interrupted; NAME is an identity or a peer" },
	{ "history", NAME_OPTIONAL, 0, false, ctl_history,
	  "history [NAME]", "show changes of state, and the stages of each takeover" },
	{ "margins", NAME_NONE, TAKES_RESET, false, ctl_margins,
	  "margins [--reset]", "show how close each peer came to a false alarm" },
	{ "doctor", NAME_NONE, 0, true, ctl_doctor,
	  "doctor", "report what would make a takeover fail on this node, and suggest a fix" },
};

#define N_COMMANDS	(sizeof(commands) / sizeof(commands[0]))

static void print_help(FILE *out)
{
	size_t i;

	fputs("usage: hotidctl [--json] COMMAND [NAME] [OPTIONS]\n\n", out);
	for (i = 0; i < N_COMMANDS; i++)
		fprintf(out, "  %s\n      %s\n", commands[i].usage, commands[i].summary);
	fputs("\n  --json          print JSON, errors included\n"
	      "  --no-wait       return as soon as the module has accepted the command\n"
	      "  --timeout TIME  wait at most this long (default 60s; examples: 500ms, 2min)\n"
	      "  --epoch N       takeover: use this epoch; release: only if this is the epoch\n"
	      "  --reset         margins: start counting again\n"
	      "  -h, --help      show this help, or that of COMMAND\n"
	      "  --version       show the version\n\n"
	      "See hotidctl(8) for the tables, the JSON and the exit status.\n", out);
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

/* What stands before the command or after it. */
struct options {
	unsigned int given;	/* TAKES_* */
	bool help, version;
};

/* Returns 0, or an exit status after an error. */
static int parse_options(int argc, char **argv, struct ctl *ctl, struct options *options)
{
	enum { VERSION = 256, JSON, NO_WAIT, TIMEOUT, EPOCH, RESET };
	static const struct option known[] = {
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, VERSION },
		{ "json", no_argument, NULL, JSON },
		{ "no-wait", no_argument, NULL, NO_WAIT },
		{ "timeout", required_argument, NULL, TIMEOUT },
		{ "epoch", required_argument, NULL, EPOCH },
		{ "reset", no_argument, NULL, RESET },
		{ 0 },
	};
	int c;

	opterr = 0;
	while ((c = getopt_long(argc, argv, ":h", known, NULL)) != -1) {
		switch (c) {
		case 'h':
			options->help = true;
			break;
		case VERSION:
			options->version = true;
			break;
		case JSON:
			ctl->json = true;
			break;
		case NO_WAIT:
			ctl->no_wait = true;
			options->given |= TAKES_NO_WAIT;
			break;
		case TIMEOUT:
			if (duration_parse(optarg, &ctl->timeout_ns) < 0 || !ctl->timeout_ns)
				return ctl_error(ctl, CTL_USAGE, "--timeout: \"%s\" is not a duration; give a number with a unit, such as 500ms, 30s or 2min",
						 optarg);
			options->given |= TAKES_TIMEOUT;
			break;
		case EPOCH:
			if (parse_epoch(optarg, &ctl->epoch) < 0)
				return ctl_error(ctl, CTL_USAGE, "--epoch: \"%s\" is not an epoch; give a number from 1 to 9223372036854775807",
						 optarg);
			options->given |= TAKES_EPOCH;
			break;
		case RESET:
			ctl->reset = true;
			options->given |= TAKES_RESET;
			break;
		case ':':
			return ctl_error(ctl, CTL_USAGE, "%s needs a value; see hotidctl --help",
					 argv[optind - 1]);
		default:
			return ctl_error(ctl, CTL_USAGE, "%s is not an option; see hotidctl --help",
					 argv[optind - 1]);
		}
	}
	return 0;
}

/* Returns 0, or an exit status after an error. */
static int parse_words(int n, char **words, struct ctl *ctl, const struct command *command,
		       unsigned int given)
{
	if (given & ~command->options)
		return ctl_error(ctl, CTL_USAGE, "%s does not take this option; usage: hotidctl %s",
				 command->word, command->usage);
	ctl->word = command->word;
	if (n > 1 && command->name != NAME_NONE)
		ctl->name = words[1];
	if (n > 1 + !!ctl->name)
		return ctl_error(ctl, CTL_USAGE, "\"%s\" is one argument too many; usage: hotidctl %s",
				 words[1 + !!ctl->name], command->usage);
	if (!ctl->name && command->name == NAME_REQUIRED)
		return ctl_error(ctl, CTL_USAGE, "the name of the identity is missing; usage: hotidctl %s",
				 command->usage);
	if (ctl->name && (!*ctl->name || strlen(ctl->name) > HOTID_NAME_MAX))
		return ctl_error(ctl, CTL_USAGE, "\"%s\" is not a name; a name has 1 to %d bytes",
				 ctl->name, HOTID_NAME_MAX);
	return 0;
}

static int run(struct ctl *ctl, const struct command *command)
{
	int err = hotid_open(&ctl->h), status;

	if (err < 0 && !(err == HOTID_ERR_NO_MODULE && command->without_module))
		return ctl_fail(ctl, err);
	status = command->run(ctl);
	hotid_close(ctl->h);
	return status;
}

static void print_command_help(const struct command *command)
{
	printf("usage: hotidctl %s\n  %s\n", command->usage, command->summary);
}

int main(int argc, char **argv)
{
	struct ctl ctl = { .timeout_ns = DEFAULT_TIMEOUT_NS };
	const struct command *command = NULL;
	struct options options = { 0 };
	int status, i;

	setlocale(LC_CTYPE, "");	/* how wide a name is in a table */
	/* An option that is refused may stand before it. */
	for (i = 1; i < argc; i++)
		ctl.json |= !strcmp(argv[i], "--json");
	status = parse_options(argc, argv, &ctl, &options);
	if (status)
		return status;
	if (optind < argc) {
		command = find_command(argv[optind]);
		if (!command)
			return ctl_error(&ctl, CTL_USAGE, "\"%s\" is not a command; see hotidctl --help",
					 argv[optind]);
	}
	if (options.version) {
		puts("hotidctl " HOTID_VERSION);
	} else if (options.help && command) {
		print_command_help(command);
	} else if (options.help) {
		print_help(stdout);
	} else if (!command && ctl.json) {
		return ctl_error(&ctl, CTL_USAGE, "a command is missing; see hotidctl --help");
	} else if (!command) {
		print_help(stderr);
		return CTL_USAGE;
	} else {
		status = parse_words(argc - optind, argv + optind, &ctl, command, options.given);
		status = status ?: run(&ctl, command);
	}

	/* A script must not take half an answer for a whole one. */
	if ((fflush(stdout) || ferror(stdout)) && status == CTL_OK)
		return ctl_error(&ctl, CTL_FAILED, "cannot write the output: %s", strerror(errno));
	return status;
}
