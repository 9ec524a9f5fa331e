// SPDX-License-Identifier: GPL-2.0
#include "pair.h"

#include "net.h"

void pair_plug(struct pair *pair)
{
	link_veth(pair->observer, "o0", pair->sender, "s0");
	link_veth(pair->observer, "o1", pair->sender, "s1");
	link_address(pair->observer, "o0", OBSERVER "/24");
	link_address(pair->observer, "o0", "fd01::1/64");
	link_address(pair->observer, "o1", OBSERVER_TWO "/24");
	link_address(pair->observer, "o1", "fd02::1/64");
	link_address(pair->sender, "s0", SENDER "/24");
	link_address(pair->sender, "s0", "fd01::2/64");
	link_address(pair->sender, "s1", SENDER_TWO "/24");
	link_address(pair->sender, "s1", "fd02::2/64");
}

void pair_make(struct pair *pair)
{
	pair->observer = ns_new();
	pair->sender = ns_new();
	pair_plug(pair);
}

void pair_unplug(struct pair *pair)
{
	link_delete(pair->observer, "o0");
	link_delete(pair->observer, "o1");
}
