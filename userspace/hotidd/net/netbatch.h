/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Several rtnetlink requests in one buffer, encoded ahead of time and sent in
 * one sendmsg(), or in several where the socket's buffer cannot be made as large
 * as all answers. The kernel works through all of them in order, also after one
 * failed, and answers each; netbatch_send() pairs the answers with the parts.
 */
#ifndef HOTIDD_NETBATCH_H
#define HOTIDD_NETBATCH_H

#include "step/kind.h"

/* "10.77.0.10/24"; "default" for a destination of prefix 0. Returns @text. */
const char *ip_prefix_format(const struct ip_prefix *ip, char *text, size_t size);
#define IP_PREFIX_TEXT	64

struct netbatch_part {
	char what[IP_PREFIX_TEXT + 64];	/* "address 10.77.0.10/24" */
	const struct route_config *route;	/* when it is about a route, else NULL */
	uint32_t table;				/* of that route */
	bool mac;			/* when it is about the MAC address */
	int error;			/* negative errno, or 0 */
	char text[128];			/* of the error: the kernel's own words, where it has any */
	/* of netbatch.c */
	size_t at;			/* where its request begins */
	int forgiven;			/* errno that means "so already" */
};

struct netbatch;

struct netbatch *netbatch_new(void);
void netbatch_free(struct netbatch *batch);

/*
 * The parts. Adding an address that is there already is no failure; deleting
 * what is gone is none either. Routes go with the link that is taken down, so
 * they are only added. A route never replaces another one: when there
 * is one to the same destination its part fails with -EEXIST, and who sends
 * the batch finds out whose it is.
 */
void netbatch_link(struct netbatch *batch, int ifindex, const uint8_t *mac, bool up);
void netbatch_address(struct netbatch *batch, int ifindex, const struct ip_prefix *ip, bool add);
void netbatch_route(struct netbatch *batch, int ifindex, const struct route_config *route,
		    uint32_t table);

/* What comes from @ip, a host, is looked up in @table first. */
void netbatch_rule(struct netbatch *batch, const struct ip_prefix *ip, uint32_t table, bool add);

/* The requests as they go to the kernel. */
const void *netbatch_data(const struct netbatch *batch, size_t *length);

/**
 * netbatch_send() - send all parts at once and collect the answers
 *
 * Return: how many parts failed; or a negative errno when the kernel could not
 * be talked to, with the message set.
 */
int netbatch_send(struct netbatch *batch, struct step_env *env);

/* The next part that failed, from *@at on, which moves past it. NULL at the end. */
const struct netbatch_part *netbatch_next_failure(const struct netbatch *batch, size_t *at);

#endif /* HOTIDD_NETBATCH_H */
