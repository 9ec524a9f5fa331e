// SPDX-License-Identifier: GPL-2.0
/* Attaches the probe to a device, or resumes the pinned link. */
#include "probe/attachment.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/if_link.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "hotid_daemon.h"
#include "probe/pins.h"
#include "probe/policy.h"

const char *attachment_device(unsigned int ifindex, char name[IF_NAMESIZE])
{
	if (!if_indextoname(ifindex, name))
		snprintf(name, IF_NAMESIZE, "%u", ifindex);
	return name;
}

/* All zero for a device that is gone. */
static struct bpf_xdp_query_opts query(unsigned int ifindex)
{
	LIBBPF_OPTS(bpf_xdp_query_opts, found);

	bpf_xdp_query((int)ifindex, 0, &found);
	return found;
}

static uint32_t attached_mode(unsigned int ifindex)
{
	uint8_t mode = query(ifindex).attach_mode;

	return mode == XDP_ATTACHED_DRV ? HOTID_PROBE_MODE_NATIVE :
	       mode == XDP_ATTACHED_SKB ? HOTID_PROBE_MODE_GENERIC : HOTID_PROBE_MODE_NONE;
}

static uint32_t foreign_program(unsigned int ifindex)
{
	struct bpf_xdp_query_opts found = query(ifindex);

	return found.prog_id ? found.prog_id : found.drv_prog_id ? found.drv_prog_id :
	       found.skb_prog_id;
}

/* The pinned link, with our program in it; or -1. */
static int link_resume(const char *pins, unsigned int ifindex, enum probe_want want,
		       int program, uint32_t *mode)
{
	int link = pins_link(pins, ifindex);

	if (link < 0)
		return -1;
	*mode = attached_mode(ifindex);
	if (*mode != HOTID_PROBE_MODE_NONE && policy_has_mode(want, *mode) &&
	    !bpf_link_update(link, program, NULL))
		return link;
	pins_drop_link(pins, ifindex);
	close(link);
	return -1;
}

/* A new link: native where that is wanted and the driver has it. A descriptor or negative. */
static int link_new(unsigned int ifindex, enum probe_want want, int program, uint32_t *mode)
{
	LIBBPF_OPTS(bpf_link_create_opts, options);
	int link = -EOPNOTSUPP;

	if (want != PROBE_GENERIC) {
		*mode = HOTID_PROBE_MODE_NATIVE;
		options.flags = XDP_FLAGS_DRV_MODE;
		link = bpf_link_create(program, (int)ifindex, BPF_XDP, &options);
		if (link >= 0 || want == PROBE_NATIVE || link == -EBUSY || link == -EEXIST)
			return link;
	}
	*mode = HOTID_PROBE_MODE_GENERIC;
	options.flags = XDP_FLAGS_SKB_MODE;
	return bpf_link_create(program, (int)ifindex, BPF_XDP, &options);
}

static void tell_failure(unsigned int ifindex, enum probe_want want, int error)
{
	uint32_t foreign = foreign_program(ifindex);
	char name[IF_NAMESIZE];

	attachment_device(ifindex, name);
	if ((error == -EBUSY || error == -EEXIST) && foreign)
		log_warning("probe: XDP program %u holds %s (see bpftool prog show id %u); detach it with "
			    "\"ip link set dev %s xdp off\", or leave %s out of probe.devices; the "
			    "module's own receive path is used there", foreign, name, foreign, name,
			    name);
	else if (want == PROBE_NATIVE)
		log_warning("probe: not attached to %s: %s; the module's own receive path is used "
			    "there; set probe.mode: auto to use generic mode", name, strerror(-error));
	else
		log_warning("probe: not attached to %s: %s; the module's own receive path is used there",
			    name, strerror(-error));
}

int attachment_make(struct attachment *attachment, unsigned int ifindex, enum probe_want want,
		    const struct probe_program *program, const char *pins, struct hotid *h)
{
	uint32_t mode = HOTID_PROBE_MODE_NONE;
	int link, error;
	char name[IF_NAMESIZE];

	/* The module comes first: see attachment.h. */
	error = hotid_probe_set(h, program->slots, program->counters, ifindex, mode);
	if (error) {
		log_warning("probe: %s: refused by the module: %s",
			    attachment_device(ifindex, name), hotid_strerror(h, error));
		return error;
	}
	link = link_resume(pins, ifindex, want, program->fd, &mode);
	if (link < 0) {
		link = link_new(ifindex, want, program->fd, &mode);
		if (link < 0) {
			hotid_probe_del(h, ifindex);
			tell_failure(ifindex, want, link);
			return link;
		}
		pins_keep_link(pins, ifindex, link);
	}
	error = hotid_probe_set(h, program->slots, program->counters, ifindex, mode);
	if (error)
		log_warning("probe: %s: its mode is not known to the module: %s",
			    attachment_device(ifindex, name), hotid_strerror(h, error));
	*attachment = (struct attachment){ ifindex, mode, link };
	log_notice("probe: %s on %s", hotid_probe_mode_name(mode),
		   attachment_device(ifindex, name));
	return 0;
}

void attachment_end(const struct attachment *attachment, const char *pins, struct hotid *h)
{
	char name[IF_NAMESIZE];

	pins_drop_link(pins, attachment->ifindex);
	close(attachment->link);
	hotid_probe_del(h, attachment->ifindex);
	log_notice("probe: off on %s", attachment_device(attachment->ifindex, name));
}

void attachment_renew(const struct attachment *attachment, const struct probe_program *program,
		  struct hotid *h)
{
	int error = hotid_probe_set(h, program->slots, program->counters, attachment->ifindex,
				    attachment->mode);

	if (error)
		log_warning("probe: not renewed on device %u: %s", attachment->ifindex,
			    hotid_strerror(h, error));
	else if (bpf_link_update(attachment->link, program->fd, NULL))
		log_warning("probe: not renewed on device %u: %m", attachment->ifindex);
}
