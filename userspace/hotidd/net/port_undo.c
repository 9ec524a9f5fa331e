// SPDX-License-Identifier: GPL-2.0
/* Keeps how a port was before it was staged. */
#include "net/port_undo.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "net/port_sysctl.h"
#include "net/portplan.h"
#include "net/rtnl.h"
#include "step/job.h"

#define WANTS_IPV6	"identity-has-ipv6"

int port_undo_locate(struct step_env *env, size_t item, struct port *port,
		     struct undo_state *keep)
{
	int result = undo_state_load(env, PORTSHARE_KIND, item, keep);

	if (result && result != -ENOENT)
		return job_fail(env, result, "what the port was before cannot be read in %s: %m",
				env->run_dir);
	if (!result && portshare_port(keep, port) &&
	    (int)if_nametoindex(port->name) == port->ifindex)
		return 1;
	memset(keep, 0, sizeof(*keep));
	return port_find(&env->identity->ports[item], port, env);
}

/* The last line is the identity's own; the rest may be copied from one to the other. */
static int keep_wants(struct step_env *env, size_t item, struct undo_state *keep)
{
	bool ipv6 = port_has_family(&env->identity->ports[item], AF_INET6);

	if (!undo_state_put(keep, WANTS_IPV6, ipv6 ? "1" : "0"))
		return job_fail(env, ENOSPC, "the port's settings do not fit");
	return undo_state_save(env, PORTSHARE_KIND, item, keep);
}

bool port_undo_wants_ipv6(const struct undo_state *keep)
{
	char value[2] = "1";

	return undo_state_get(keep, WANTS_IPV6, value, sizeof(value)) ? *value == '1' : true;
}

int port_undo_save(struct step_env *env, size_t item, const struct port *port,
		   const struct portshare *share, struct undo_state *keep)
{
	char number[16], mac[MAC_TEXT];
	struct rtnl_link link;
	char *own;
	int result;

	if (share) {
		/* It is staged already; how it was before, the other one knows. */
		*keep = share->keep;
		own = strstr(keep->text, WANTS_IPV6);
		if (own)
			*own = '\0';
		return keep_wants(env, item, keep);
	}
	result = rtnl_link_get(port->ifindex, &link);
	if (result)
		return job_fail(env, result, "%s: %m", port->name);
	/* A takeover whose memory was lost: what is there now is not its own. */
	if (!memcmp(link.mac, env->identity->ports[item].mac, 6) && link.has_own_mac)
		memcpy(link.mac, link.own_mac, 6);
	snprintf(number, sizeof(number), "%d", port->ifindex);
	memset(keep, 0, sizeof(*keep));
	if (!undo_state_put(keep, "port", port->name) || !undo_state_put(keep, "ifindex", number) ||
	    !undo_state_put(keep, "mac", mac_format(link.mac, mac)) ||
	    !undo_state_put(keep, "up", link.flags & IFF_UP ? "1" : "0") ||
	    !port_sysctl_save(port, keep))
		return job_fail(env, ENOSPC, "%s: its settings do not fit", port->name);
	return keep_wants(env, item, keep);
}

int port_undo_mac(const struct port *port, const struct undo_state *keep, uint8_t mac[6],
		  struct step_env *env)
{
	struct rtnl_link link;
	char text[MAC_TEXT];
	int result;

	if (undo_state_get(keep, "mac", text, sizeof(text)) &&
	    sscanf(text, "%2hhx:%2hhx:%2hhx:%2hhx:%2hhx:%2hhx", &mac[0], &mac[1], &mac[2], &mac[3],
		   &mac[4], &mac[5]) == 6)
		return 1;
	result = rtnl_link_get(port->ifindex, &link);
	if (result)
		return job_fail(env, result, "%s: its own MAC address: %m", port->name);
	if (!link.has_own_mac)
		return 0;
	memcpy(mac, link.own_mac, 6);
	return 1;
}
