// SPDX-License-Identifier: GPL-2.0
/*
 * The lab's agent inside a guest.
 *
 * It serves every virtio-serial port named "lab.N". One worker process per
 * port, one session at a time per port (session.c), so a host that wants to do
 * several things at once takes several ports. No network is used: the agent
 * answers when every link of the guest is cut.
 *
 *   agent serve N  serve N ports; also fit to be process 1 of a guest
 *   agent kmsg     print the whole kernel log, from the first record kept
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "session.h"

#define MAX_WORKERS	32

struct worker {
	char dev[300];
	pid_t pid;
};

static struct worker workers[MAX_WORKERS];
static int nr_workers;

static int usage(void)
{
	dprintf(2, "usage: agent serve PORTS | agent kmsg\n");
	return 2;
}

static void start_worker(struct worker *w)
{
	w->pid = fork();
	if (!w->pid) {
		session_serve(w->dev);
		_exit(1);
	}
}

static bool served(const char *dev)
{
	int i;

	for (i = 0; i < nr_workers; i++) {
		if (!strcmp(workers[i].dev, dev))
			return true;
	}
	return false;
}

/* Serve the ports that are there. sysfs has the names; udev is not needed. */
static void find_ports(int wanted)
{
	const char *class = "/sys/class/virtio-ports";
	DIR *dir = opendir(class);
	struct dirent *entry;

	while (dir && nr_workers < wanted && (entry = readdir(dir))) {
		struct worker *w = &workers[nr_workers];
		char path[400], name[64] = "";
		FILE *f;

		snprintf(w->dev, sizeof(w->dev), "/dev/%s", entry->d_name);
		snprintf(path, sizeof(path), "%s/%s/name", class, entry->d_name);
		f = fopen(path, "r");
		if (!f)
			continue;
		if (fgets(name, sizeof(name), f) && !strncmp(name, "lab.", 4) &&
		    !served(w->dev)) {
			start_worker(w);
			nr_workers++;
		}
		fclose(f);
	}
	if (dir)
		closedir(dir);
}

static int serve(int wanted)
{
	const struct timespec tick = { .tv_nsec = 10000000 };
	int i;

	if (wanted < 1 || wanted > MAX_WORKERS)
		return usage();
	/* the driver announces its ports one by one after it was loaded */
	for (i = 0; i < 1000 && nr_workers < wanted; i++) {
		find_ports(wanted);
		if (nr_workers < wanted)
			nanosleep(&tick, NULL);
	}
	if (nr_workers < wanted)
		dprintf(2, "agent: %d ports wanted, %d found\n", wanted, nr_workers);
	for (;;) {
		pid_t pid = wait(NULL);

		if (pid < 0 && errno == ECHILD)
			pause();
		for (i = 0; i < nr_workers; i++) {
			if (workers[i].pid == pid)
				start_worker(&workers[i]);
		}
	}
}

static int print_kmsg(void)
{
	int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK);
	char record[8192];
	ssize_t n;

	if (fd < 0 || lseek(fd, 0, SEEK_SET) < 0) {
		perror("agent: /dev/kmsg");
		return 1;
	}
	for (;;) {
		n = read(fd, record, sizeof(record));
		if (n > 0)
			fwrite(record, 1, n, stdout);
		else if (n < 0 && errno == EPIPE)
			continue;	/* overwritten while we read */
		else
			break;
	}
	close(fd);
	return n < 0 && errno != EAGAIN ? 1 : fflush(stdout) != 0;
}

int main(int argc, char **argv)
{
	if (argc == 3 && !strcmp(argv[1], "serve"))
		return serve(atoi(argv[2]));
	if (argc == 2 && !strcmp(argv[1], "kmsg"))
		return print_kmsg();
	return usage();
}
