// SPDX-License-Identifier: GPL-2.0
#include "run.h"

#include <err.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/net.h"

int ns_here(void)
{
	int ns = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);

	if (ns < 0)
		err(1, "/proc/thread-self/ns/net");
	return ns;
}

static pid_t begin(int ns)
{
	pid_t parent = getpid(), child;

	fflush(stdout);
	child = fork();
	if (child < 0)
		err(1, "fork");
	if (child)
		return child;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	if (ns >= 0)
		ns_enter(ns);
	return 0;
}

pid_t run_start(int ns, const char *log, const char *const argv[])
{
	pid_t child = begin(ns);
	int out;

	if (child)
		return child;
	out = open(log, O_WRONLY | O_CREAT | O_APPEND, 0644);
	if (out < 0 || dup2(out, 1) < 0 || dup2(out, 2) < 0)
		err(127, "%s", log);
	execvp(argv[0], (char *const *)argv);
	err(127, "%s", argv[0]);
}

pid_t run_child(int ns, void (*function)(void *), void *data)
{
	pid_t child = begin(ns);

	if (child)
		return child;
	function(data);
	_exit(0);
}

void run_end(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

void run_read(int ns, const char *const argv[], char *text, size_t size)
{
	size_t length = 0;
	int pipes[2], status;
	ssize_t part;
	pid_t child;

	if (pipe(pipes))
		err(1, "pipe");
	child = begin(ns);
	if (!child) {
		dup2(pipes[1], 1);
		close(pipes[0]);
		close(pipes[1]);
		execvp(argv[0], (char *const *)argv);
		err(127, "%s", argv[0]);
	}
	close(pipes[1]);
	while ((part = read(pipes[0], text + length, size - 1 - length)) > 0)
		length += part;
	text[length] = '\0';
	close(pipes[0]);
	if (waitpid(child, &status, 0) != child || status)
		errx(1, "%s %s failed: %s", argv[0], argv[1] ?: "", text);
}

void run_must(int ns, const char *const argv[])
{
	char text[1024];

	run_read(ns, argv, text, sizeof(text));
}

void file_write(const char *path, const char *format, ...)
{
	FILE *file = fopen(path, "w");
	va_list arguments;

	va_start(arguments, format);
	if (!file || vfprintf(file, format, arguments) < 0 || fclose(file))
		err(1, "%s", path);
	va_end(arguments);
}
