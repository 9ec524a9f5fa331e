// SPDX-License-Identifier: GPL-2.0
/* hotid: hot identity takeover. Order of start and end, nothing else. */
#include <linux/module.h>

#include "compat.h"
#include "gasp.h"
#include "guard.h"
#include "netlink.h"
#include "netpoll_target.h"
#include "node.h"
#include "softirq.h"
#include "version.h"

/* From the first to the last; they end in reverse. */
static const struct {
	int (*init)(void);
	void (*exit)(void);
} parts[] = {
	{ hotid_softirq_init, hotid_softirq_exit },
	{ hotid_netpoll_target_init, hotid_netpoll_target_exit },
	{ hotid_guard_init, hotid_guard_exit },
	{ hotid_netns_init, hotid_netns_exit },
	{ hotid_gasp_init, hotid_gasp_exit },
	{ hotid_netlink_init, hotid_netlink_exit },
};

static void end_parts(int begun)
{
	while (begun--)
		parts[begun].exit();
}

static int __init hotid_init(void)
{
	int i, error;

	for (i = 0; i < ARRAY_SIZE(parts); i++) {
		error = parts[i].init();
		if (error) {
			end_parts(i);
			return error;
		}
	}
	return 0;
}

static void __exit hotid_exit(void)
{
	/* Before all grace periods: they would be most of the time until a gasp arrives. */
	hotid_gasp_all(HOTID_GASP_UNLOAD);
	end_parts(ARRAY_SIZE(parts));
}

module_init(hotid_init);
module_exit(hotid_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Hot identity takeover: beats, failure detector and states of identities");
MODULE_VERSION(HOTID_VERSION);
HOTID_IMPORT_BPF();
MODULE_ALIAS_GENL_FAMILY("hotid");
