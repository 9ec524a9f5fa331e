/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Generic netlink without the library under test: whatever bytes the test
 * wants, and everything that the kernel answers.
 */
#ifndef SELFTEST_RAW_H
#define SELFTEST_RAW_H

#include <libmnl/libmnl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/hotid.h>

#define RAW_MAX	8192

/**
 * struct raw - a socket in one namespace
 * @socket: of generic netlink
 * @family: the number of "hotid"
 */
struct raw {
	struct mnl_socket *socket;
	uint16_t family;
};

/**
 * struct refusal - how a request ended
 * @error: 0 or a negative errno
 * @message: the extended acknowledgement's words, "" for none
 * @has_offset: it names an attribute, namely
 * @offset: the one at this offset from the message's beginning
 */
struct refusal {
	int error;
	char message[256];
	bool has_offset;
	uint32_t offset;
};

void raw_open(struct raw *raw, int ns);

/* The same in the namespace that the thread is in. */
void raw_open_here(struct raw *raw);
void raw_close(struct raw *raw);

/* A request without attributes, in a buffer of RAW_MAX bytes that is zero. */
struct nlmsghdr *raw_begin(const struct raw *raw, void *buffer, uint8_t command);

/* Send it, and read the acknowledgement; answers before it are dropped. */
struct refusal raw_ask(const struct raw *raw, struct nlmsghdr *request);

/*
 * Send it as a dump, or not, and call handle() for each message of the
 * answer. Returns 0, or the negative errno that it ended with.
 */
typedef void (*raw_handler)(const struct nlmsghdr *message, void *data);
int raw_read(const struct raw *raw, struct nlmsghdr *request, bool dump, raw_handler handle,
	     void *data);

/**
 * struct state - all that the node shows, but what changes by itself
 * @length: of @bytes
 * @bytes: answers to node-get, peer-get, identity-get and history-get
 */
struct state {
	size_t length;
	uint8_t bytes[1 << 17];
};

void raw_state(const struct raw *raw, struct state *state);
bool state_same(const struct state *a, const struct state *b);

#endif /* SELFTEST_RAW_H */
