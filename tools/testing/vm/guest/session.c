// SPDX-License-Identifier: GPL-2.0
/*
 * A session with the host over one virtio-serial port.
 *
 * Wire format, both ways: one type byte, a 32-bit little-endian length, then
 * that many bytes of payload. See the frame types below.
 *
 * Rules of a session:
 * - A host begins with SYNC and a nonce, and believes nothing until the nonce
 *   comes back. SYNC is looked for in the raw stream, before framing, because
 *   the host before may have died in the middle of a frame.
 * - A host that goes away (POLLHUP that lasts, or the next SYNC) kills what it
 *   ran. POLLHUP alone says little: the driver learns of hosts coming and going
 *   by a queue of its own, later than the data of the next host may come.
 * - The exit status is sent after all output, so it is the last word.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "session.h"

/* host to guest */
#define FRAME_EXEC	'X'	/* cwd, environment, "", argv; each ends with NUL */
#define FRAME_STDIN	'I'	/* bytes; empty is end of file */
#define FRAME_SIGNAL	'S'	/* one byte: signal for the command's group */
#define FRAME_CLOCK	'C'	/* 8 bytes, returned as they came */
/* guest to host */
#define FRAME_STDOUT	'o'
#define FRAME_STDERR	'e'
#define FRAME_EXIT	'x'	/* 32-bit wait status */
#define FRAME_FAILED	'f'	/* text: the command was not started */
#define FRAME_TIME	'c'	/* the 8 bytes, then monotonic, realtime, boottime ns */

#define SYNC_MAGIC	"\377hotid-lab-sync\377"
#define SYNC_LEN	(sizeof(SYNC_MAGIC) - 1)
#define NONCE_LEN	16
#define HEADER_LEN	5
#define PAYLOAD_MAX	65536
#define CHUNK		16384
#define SETTLE_MS	500	/* until POLLHUP is believed */
#define IDLE_MS		5000	/* only a safety net: SIGIO wakes */

struct session {
	int port;		/* the virtio-serial port, non-blocking */
	int in, out, err;	/* the command's stdin, stdout, stderr; -1 closed */
	int pidfd;
	pid_t pid;		/* 0: nothing runs */
	size_t have;		/* bytes in buf not yet understood */
	size_t pending;		/* stdin bytes the command has not read yet */
	bool eof;		/* close stdin once pending is written */
	unsigned char buf[HEADER_LEN + PAYLOAD_MAX + SYNC_LEN + NONCE_LEN];
	unsigned char feed[PAYLOAD_MAX];
};

static uint32_t get_le32(const unsigned char *p)
{
	return p[0] | p[1] << 8 | p[2] << 16 | (uint32_t)p[3] << 24;
}

static void put_le(unsigned char *p, uint64_t value, int bytes)
{
	while (bytes--) {
		*p++ = value;
		value >>= 8;
	}
}

static uint64_t now_ns(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return ts.tv_sec * 1000000000ull + ts.tv_nsec;
}

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* Whether a host is connected, or comes within that time. */
static bool host_there(int port, int ms)
{
	struct pollfd pfd = { .fd = port };
	uint64_t deadline = now_ns(CLOCK_MONOTONIC) + ms * 1000000ull;
	sigset_t io;

	sigemptyset(&io);
	sigaddset(&io, SIGIO);
	for (;;) {
		struct timespec left;
		uint64_t now;

		if (poll(&pfd, 1, 0) >= 0 && !(pfd.revents & POLLHUP))
			return true;
		now = now_ns(CLOCK_MONOTONIC);
		if (now >= deadline)
			return false;
		left.tv_sec = (deadline - now) / 1000000000;
		left.tv_nsec = (deadline - now) % 1000000000;
		/* poll() cannot wait for a host to come; SIGIO tells */
		sigtimedwait(&io, NULL, &left);
	}
}

/* Write everything, or fail when the host is gone. */
static int port_write(int port, const void *data, size_t len)
{
	const unsigned char *p = data;

	while (len) {
		ssize_t n = write(port, p, len);

		if (n > 0) {
			p += n;
			len -= n;
		} else if (n < 0 && errno == EAGAIN) {
			struct pollfd pfd = { .fd = port, .events = POLLOUT };

			if (poll(&pfd, 1, -1) > 0 && (pfd.revents & POLLHUP) &&
			    !host_there(port, SETTLE_MS))
				return -1;
		} else if (n < 0 && errno != EINTR) {
			return -1;
		}
	}
	return 0;
}

static int send_frame(int port, char type, const void *data, size_t len)
{
	unsigned char frame[HEADER_LEN + CHUNK];

	frame[0] = type;
	put_le(frame + 1, len, 4);
	memcpy(frame + HEADER_LEN, data, len);
	return port_write(port, frame, HEADER_LEN + len);
}

/* Forget the command and its pipes; the host no longer wants them. */
static void session_stop(struct session *s)
{
	if (s->pid) {
		kill(-s->pid, SIGKILL);
		while (waitpid(s->pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	s->pid = 0;
	close_fd(&s->pidfd);
	close_fd(&s->in);
	close_fd(&s->out);
	close_fd(&s->err);
	s->pending = 0;
	s->eof = false;
}

static void run_child(const char *cwd, char **env, char **argv)
{
	sigset_t none;
	int fd;

	for (fd = 3; fd < 1024; fd++)
		close(fd);
	setsid();
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	for (; *env; env++)
		putenv(*env);
	if (*cwd && chdir(cwd) < 0) {
		dprintf(2, "agent: %s: %s\n", cwd, strerror(errno));
		_exit(126);
	}
	execvp(argv[0], argv);
	dprintf(2, "agent: %s: %s\n", argv[0], strerror(errno));
	_exit(errno == ENOENT ? 127 : 126);
}

/* Split "cwd\0 K=V\0 ... \0 argv0\0 argv1\0 ..." in place. */
static int split_exec(char *p, size_t len, char **cwd, char **env, char **argv,
		      int max)
{
	char *end = p + len;
	int n = 0;

	if (!len || end[-1])
		return -1;
	*cwd = p;
	p += strlen(p) + 1;
	while (p < end && *p && n < max) {
		env[n++] = p;
		p += strlen(p) + 1;
	}
	env[n] = NULL;
	if (p >= end || *p)
		return -1;
	p++;
	for (n = 0; p < end && n < max; p += strlen(p) + 1)
		argv[n++] = p;
	argv[n] = NULL;
	return n && p == end ? 0 : -1;
}

static int start_command(struct session *s, char *payload, size_t len)
{
	static char *env[1024], *argv[1024];
	int in[2], out[2], err[2];
	char *cwd;
	int ret;

	if (s->pid)
		return -EBUSY;
	if (split_exec(payload, len, &cwd, env, argv, 1023))
		return -EINVAL;
	if (pipe2(in, O_CLOEXEC) < 0)
		return -errno;
	if (pipe2(out, O_CLOEXEC) < 0) {
		ret = -errno;
		goto close_in;
	}
	if (pipe2(err, O_CLOEXEC) < 0) {
		ret = -errno;
		goto close_out;
	}
	s->pid = fork();
	if (s->pid < 0) {
		ret = -errno;
		goto close_err;
	}
	if (!s->pid) {
		dup2(in[0], 0);
		dup2(out[1], 1);
		dup2(err[1], 2);
		run_child(cwd, env, argv);
	}
	s->pidfd = syscall(SYS_pidfd_open, s->pid, 0);
	close(in[0]);
	close(out[1]);
	close(err[1]);
	s->in = in[1];
	s->out = out[0];
	s->err = err[0];
	fcntl(s->in, F_SETFL, O_NONBLOCK);
	fcntl(s->out, F_SETFL, O_NONBLOCK);
	fcntl(s->err, F_SETFL, O_NONBLOCK);
	return 0;

close_err:
	s->pid = 0;
	close(err[0]);
	close(err[1]);
close_out:
	close(out[0]);
	close(out[1]);
close_in:
	close(in[0]);
	close(in[1]);
	return ret;
}

static int tell_time(int port, const unsigned char *cookie)
{
	unsigned char reply[32];

	memcpy(reply, cookie, 8);
	put_le(reply + 8, now_ns(CLOCK_MONOTONIC), 8);
	put_le(reply + 16, now_ns(CLOCK_REALTIME), 8);
	put_le(reply + 24, now_ns(CLOCK_BOOTTIME), 8);
	return send_frame(port, FRAME_TIME, reply, sizeof(reply));
}

static int handle_frame(struct session *s, char type, unsigned char *payload,
			size_t len)
{
	int ret;

	switch (type) {
	case FRAME_EXEC:
		ret = start_command(s, (char *)payload, len);
		if (ret < 0) {
			const char *why = strerror(-ret);

			return send_frame(s->port, FRAME_FAILED, why, strlen(why));
		}
		return 0;
	case FRAME_STDIN:
		if (len) {
			memcpy(s->feed, payload, len);
			s->pending = len;
		} else {
			s->eof = true;
		}
		return 0;
	case FRAME_SIGNAL:
		if (s->pid && len == 1)
			kill(-s->pid, payload[0]);
		return 0;
	case FRAME_CLOCK:
		return len == 8 ? tell_time(s->port, payload) : 0;
	}
	return 0;
}

/*
 * Understand what is in the buffer. Stops while stdin bytes are pending: the
 * one feed buffer is then in use, and the host's next bytes wait in the port.
 */
static int parse(struct session *s)
{
	unsigned char *sync;
	size_t used = 0;

	for (;;) {
		sync = memmem(s->buf + used, s->have - used, SYNC_MAGIC, SYNC_LEN);
		if (!sync || sync + SYNC_LEN + NONCE_LEN > s->buf + s->have)
			break;
		session_stop(s);
		if (port_write(s->port, sync, SYNC_LEN + NONCE_LEN))
			return -1;
		used = sync - s->buf + SYNC_LEN + NONCE_LEN;
	}
	while (!s->pending && s->have - used >= HEADER_LEN) {
		unsigned char *frame = s->buf + used;
		size_t len = get_le32(frame + 1);

		/* not a frame: a torn one before SYNC, or SYNC still coming in */
		if (frame[0] >= 0x80 || len > PAYLOAD_MAX)
			break;
		if (s->have - used < HEADER_LEN + len)
			break;
		if (handle_frame(s, frame[0], frame + HEADER_LEN, len))
			return -1;
		used += HEADER_LEN + len;
	}
	memmove(s->buf, s->buf + used, s->have - used);
	s->have -= used;
	return 0;
}

static int read_port(struct session *s)
{
	ssize_t n;

	/* full, and no frame in it: rubbish; keep what may begin a SYNC */
	if (s->have == sizeof(s->buf)) {
		size_t keep = SYNC_LEN + NONCE_LEN;

		memmove(s->buf, s->buf + s->have - keep, keep);
		s->have = keep;
	}
	n = read(s->port, s->buf + s->have, sizeof(s->buf) - s->have);
	if (n == 0)		/* nothing left, and no host connected */
		return -1;
	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -1;
	s->have += n;
	return parse(s);
}

/* Pass on what the command wrote. Negative: the host is gone. */
static int forward(struct session *s, int *fd, char type, bool all)
{
	unsigned char data[CHUNK];
	ssize_t n;

	do {
		n = read(*fd, data, sizeof(data));
		if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
			close_fd(fd);
		else if (n > 0 && send_frame(s->port, type, data, n))
			return -1;
	} while (all && n > 0);
	return 0;
}

static int feed_stdin(struct session *s)
{
	ssize_t n;

	if (s->in < 0) {
		s->pending = 0;
		return parse(s);
	}
	if (s->pending) {
		n = write(s->in, s->feed, s->pending);
		if (n < 0 && errno != EAGAIN && errno != EINTR) {
			close_fd(&s->in);
			s->pending = 0;
		} else if (n > 0) {
			memmove(s->feed, s->feed + n, s->pending - n);
			s->pending -= n;
		}
		if (!s->pending && parse(s))
			return -1;
	}
	if (!s->pending && s->eof)
		close_fd(&s->in);
	return 0;
}

/* The command has ended: its last output, then its status. */
static int finish(struct session *s)
{
	unsigned char status[4];
	int wstatus = 0;

	while (waitpid(s->pid, &wstatus, 0) < 0 && errno == EINTR)
		;
	s->pid = 0;
	if (s->out >= 0 && forward(s, &s->out, FRAME_STDOUT, true))
		return -1;
	if (s->err >= 0 && forward(s, &s->err, FRAME_STDERR, true))
		return -1;
	session_stop(s);
	put_le(status, wstatus, 4);
	return send_frame(s->port, FRAME_EXIT, status, sizeof(status));
}

/* One round of waiting and doing. Negative: the host is gone. */
static int session_step(struct session *s)
{
	bool stdin_work = s->in >= 0 && (s->pending || s->eof);
	struct pollfd pfd[] = {
		{ .fd = s->port, .events = s->pending ? 0 : POLLIN },
		{ .fd = s->out, .events = POLLIN },
		{ .fd = s->err, .events = POLLIN },
		{ .fd = s->pid ? s->pidfd : -1, .events = POLLIN },
		{ .fd = stdin_work ? s->in : -1, .events = POLLOUT },
	};

	if (poll(pfd, 5, -1) < 0)
		return errno == EINTR ? 0 : -1;
	/* without a host the port reads as end of file, and POLLIN is set */
	if ((pfd[0].revents & POLLIN) && read_port(s))
		return -1;
	if ((pfd[0].revents & (POLLIN | POLLHUP)) == POLLHUP)
		return -1;
	if (pfd[4].revents && feed_stdin(s))
		return -1;
	if (pfd[1].revents && s->out >= 0 &&
	    forward(s, &s->out, FRAME_STDOUT, false))
		return -1;
	if (pfd[2].revents && s->err >= 0 &&
	    forward(s, &s->err, FRAME_STDERR, false))
		return -1;
	if (pfd[3].revents && s->pid)
		return finish(s);
	return 0;
}

void session_serve(const char *dev)
{
	static struct session s = {
		.port = -1, .in = -1, .out = -1, .err = -1, .pidfd = -1,
	};
	sigset_t io;

	s.port = open(dev, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (s.port < 0) {
		dprintf(2, "agent: %s: %s\n", dev, strerror(errno));
		_exit(1);
	}
	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&io);
	sigaddset(&io, SIGIO);
	sigprocmask(SIG_BLOCK, &io, NULL);
	fcntl(s.port, F_SETOWN, getpid());
	fcntl(s.port, F_SETFL, O_NONBLOCK | O_ASYNC);
	for (;;) {
		if (!session_step(&s) || host_there(s.port, SETTLE_MS))
			continue;
		session_stop(&s);
		s.have = 0;
		while (!host_there(s.port, IDLE_MS))
			;
	}
}
