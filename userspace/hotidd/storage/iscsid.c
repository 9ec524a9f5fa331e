// SPDX-License-Identifier: GPL-2.0
/* Starts iscsid and loads the modules that it needs. */
#include "storage/iscsid.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "step/job.h"
#include "step/systemd.h"

#define ISCSID_SOCKET	"ISCSIADM_ABSTRACT_NAMESPACE"
#define ISCSID_UNIT	"iscsid.service"

static bool iscsid_listens(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	socklen_t length = offsetof(struct sockaddr_un, sun_path) + 1 + strlen(ISCSID_SOCKET);
	bool listens;

	if (fd < 0)
		return false;
	memcpy(address.sun_path + 1, ISCSID_SOCKET, strlen(ISCSID_SOCKET));
	listens = !connect(fd, (struct sockaddr *)&address, length);
	close(fd);
	return listens;
}

int iscsid_start(struct step_env *env)
{
	struct systemd *systemd;
	char ended[32];
	int result = systemd_open(&systemd, env);

	if (result)
		return iscsid_listens() ? 0 :
		       job_fail(env, ENOTCONN, "iscsid does not run; start it");
	result = systemd_run(systemd, ISCSID_UNIT, SYSTEMD_START, ended, sizeof(ended));
	systemd_close(systemd);
	if (job_ended(result))
		return result;
	if (iscsid_listens())
		return 0;
	return job_fail(env, ENOTCONN,
			"iscsid does not run; \"systemctl status " ISCSID_UNIT "\" says why");
}

int iscsid_load_modules(struct step_env *env)
{
	static const char *const argv[] = { "modprobe", "-q", "-a", "iscsi_tcp", "sd_mod", NULL };
	struct job_child child = { 0 };
	int result = job_run(env, argv, &child);

	if (job_ended(result))
		return job_end(env, result, "modprobe iscsi_tcp did not end");
	if (!access("/sys/class/iscsi_transport/tcp", F_OK))
		return 0;
	if (*child.errors)
		return job_fail(env, ENODEV, "the kernel module iscsi_tcp cannot be loaded: %s",
				job_last_line(&child));
	return job_fail(env, ENODEV, "the kernel module iscsi_tcp cannot be loaded");
}
