// SPDX-License-Identifier: GPL-2.0
/* The peers that the module knows. */
#include "net/peers.h"


#include "step/job.h"

int peers_each(int (*fn)(const struct hotid_peer *peer, void *data), void *data,
	       struct step_env *env)
{
	struct hotid *hotid;
	int result = hotid_open(&hotid);

	if (result == HOTID_ERR_NO_MODULE)
		return 0;
	if (result)
		return job_fail(env, result, "the module's peers: %s",
				hotid_strerror(NULL, result));
	*env->message = '\0';
	result = hotid_peer_dump(hotid, fn, data);
	/* A sentence of @fn's own is not written over. */
	if (result && !*env->message)
		job_fail(env, result, "the module's peers: %s", hotid_strerror(hotid, result));
	hotid_close(hotid);
	return result;
}
