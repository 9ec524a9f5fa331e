// SPDX-License-Identifier: GPL-2.0
/* hotid: hot identity takeover. Order of start and end, nothing else. */
#include <linux/module.h>

#include "compat.h"
#include "gasp.h"
#include "gasp_frame.h"
#include "netlink.h"
#include "node.h"
#include "softirq.h"
#include "version.h"

static int __init hotid_init(void)
{
	int error;

	error = hotid_softirq_init();
	if (error)
		return error;
	error = hotid_gasp_frames_init();
	if (error)
		goto exit_softirq;
	error = hotid_gasp_init();
	if (error)
		goto exit_frames;
	error = hotid_netns_init();
	if (error)
		goto exit_gasp;
	error = hotid_netlink_init();
	if (error)
		goto exit_netns;
	return 0;

exit_netns:
	hotid_netns_exit();
exit_gasp:
	hotid_gasp_exit();
exit_frames:
	hotid_gasp_frames_exit();
exit_softirq:
	hotid_softirq_exit();
	return error;
}

static void __exit hotid_exit(void)
{
	/* Before all grace periods: they would be most of the time until a gasp arrives. */
	hotid_gasp_all(HOTID_GASP_UNLOAD);
	hotid_netlink_exit();
	hotid_netns_exit();
	hotid_gasp_exit();
	hotid_gasp_frames_exit();
	hotid_softirq_exit();
}

module_init(hotid_init);
module_exit(hotid_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Hot identity takeover: beats, failure detector and states of identities");
MODULE_VERSION(HOTID_VERSION);
HOTID_IMPORT_BPF();
MODULE_ALIAS_GENL_FAMILY("hotid");
