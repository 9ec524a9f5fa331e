// SPDX-License-Identifier: GPL-2.0
/* Checks that the target can tell this node's path from those of others. */
#include "storage/nexus.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "config/prkey.h"
#include "step/job.h"
#include "storage/isid.h"
#include "storage/isid_slot.h"
#include "storage/pr.h"

#define MAX_REGISTRANTS	64

/* What open-iscsi's ISIDs begin with, in the text of a TransportID. */
#define ISID		",i,0x00023d"

/*
 * Whether the port through which a registrant came is another one than ours, where
 * the target says.
 */
static bool other_port(const struct nexus *ours, const struct pr_registrant *theirs)
{
	return ours->lun->target_port && theirs->target_port &&
	       ours->lun->target_port != theirs->target_port;
}

/*
 * Whether the target would take the registrant for us. LIO compares only the
 * first four bytes of the ISID when it enforces a reservation (it keeps the
 * number as text, and of that eight characters), and open-iscsi's differ only
 * after these: so to LIO all sessions of one initiator name are one, unless
 * they log in to different target portal groups.
 */
static bool same_nexus(const struct nexus *ours, const struct pr_registrant *theirs)
{
	const struct session *session = ours->session;
	char name[2][sizeof(session->initiator) + 32];	/* as now, and as before open-iscsi 2.1 */

	if (other_port(ours, theirs))
		return false;
	snprintf(name[0], sizeof(name[0]), "%s" ISID "%06x", session->initiator,
		 session->sid & 0xffffff);
	snprintf(name[1], sizeof(name[1]), "%s" ISID "%02x0000", session->initiator,
		 session->sid & 0xff);
	for (size_t i = 0; i < 2; i++) {
		size_t length = strlen(name[i]);

		if (ours->lun->lio)
			length = strlen(session->initiator) + strlen(ISID);
		if (!strncasecmp(name[i], theirs->transport, length))
			return true;
	}
	return false;
}

/*
 * Whether the registrant shows by its name, its port or its ISID's slot that
 * it is no session of this node. LIO does not show enough of the ISID.
 */
static bool other_node(const struct nexus *ours, const struct pr_registrant *theirs,
		       const struct isid_slot *slot)
{
	size_t length = strlen(ours->session->initiator);
	unsigned int number;

	if (!*theirs->transport)
		return false;
	if (other_port(ours, theirs) ||
	    strncasecmp(ours->session->initiator, theirs->transport, length))
		return true;
	return !ours->lun->lio &&
	       sscanf(theirs->transport + length, ISID "%6x", &number) == 1 &&
	       !isid_in_slot(number, slot);
}

int nexus_check(const struct nexus *nexus, uint64_t key, struct step_env *env)
{
	const char *target = nexus->lun->lio ? "the target (LIO)" : "the target";
	struct pr_registrant all[MAX_REGISTRANTS];
	struct isid_slot slot;
	size_t n;
	int result = isid_slot_of_node(env, &slot);

	if (result)
		return result;
	result = pr_kernel.read_registrants(nexus->fd, all, MAX_REGISTRANTS, &n);
	if (result == -EOPNOTSUPP && !nexus->lun->lio)
		return 0;
	if (result)
		return job_fail(env, result, "%s: cannot read from %s who is registered, so whether a reservation would fence them is not known: %m",
				nexus->disk, target);
	for (size_t i = 0; i < n; i++) {
		struct prkey parsed;

		if (all[i].key == key && other_node(nexus, &all[i], &slot))
			return job_fail(env, EEXIST, "%s: another node (%s) is registered with this node's own key %#llx; give one of them another id in its node.yaml",
					nexus->disk, all[i].transport, (unsigned long long)key);
		if (prkey_parse(all[i].key, &parsed) && !prkey_is_of(all[i].key, env->node_id) &&
		    same_nexus(nexus, &all[i]))
			return job_fail(env, EPERM, "%s: %s cannot tell this node from the holder of epoch %u, so no reservation fences it; give each node a portal group of its own",
					nexus->disk, target, parsed.epoch);
	}
	return 0;
}
