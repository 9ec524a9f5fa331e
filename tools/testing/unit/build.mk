# SPDX-License-Identifier: GPL-2.0
# Unit tests of pure code, on the host, under the sanitizers. Target: unit.
#
# Each tools/testing/unit/test_NAME.c is a program. It says here what it is
# built from besides itself, with paths from the repository's top:
#
#   test_NAME-src     further sources
#   test_NAME-cflags  further compiler flags
#   test_NAME-libs    libraries

unit-dir := tools/testing/unit
unit-cflags := -I$(unit-dir) -fsanitize=address,undefined -fno-sanitize-recover=all \
	-fno-omit-frame-pointer
unit-tests := $(sort $(patsubst $(unit-dir)/%.c,%,$(wildcard $(unit-dir)/test_*.c)))

test_libhotid-src := $(addprefix userspace/libhotid/,batch.c event.c explain.c handle.c identity.c \
	names.c names_gen.c node.c peer.c request.c)
test_libhotid-cflags = -Ikmod/uapi -Iuserspace/libhotid $(shell pkg-config --cflags libnl-genl-3.0)
test_libhotid-libs = $(shell pkg-config --libs libnl-genl-3.0)

test_hotidctl-src := $(addprefix userspace/hotidctl/,describe.c json.c outcome.c overview.c \
	stages.c table.c text.c margin.c) userspace/common/duration.c $(test_libhotid-src)
test_hotidctl-cflags = $(test_libhotid-cflags) -Iuserspace/hotidctl -Iuserspace/common
test_hotidctl-libs = $(test_libhotid-libs) $(shell pkg-config --libs jansson)

test_doctor-src := $(addprefix userspace/hotidctl/,doctor_examine.c doctor_margins.c doctor_module.c \
	doctor_system.c) $(test_hotidctl-src)
test_doctor-cflags = $(test_hotidctl-cflags) -DHOTID_VERSION='"$(HOTID_VERSION)"'
test_doctor-libs = $(test_hotidctl-libs)

test_margin-src := userspace/hotidctl/margin.c
test_margin-cflags := -Ikmod/uapi -Iuserspace/libhotid -Iuserspace/hotidctl

hotidd-pure := $(addprefix userspace/hotidd/,base/log.c base/memory.c base/problems.c config/values.c config/values_net.c) \
	$(addprefix userspace/libhotid/,names.c names_gen.c)
hotidd-config := $(hotidd-pure) tools/testing/unit/recording_kinds.c \
	$(addprefix userspace/hotidd/,config/checking.c config/reader.c config/config_identity.c config/config_node.c config/document.c config/key_file.c \
	config/owned.c plan/plan.c config/prkey.c config/schema.c)

test_values-src := $(hotidd-pure)
test_values-cflags := -Ikmod/uapi -Iuserspace/libhotid -Iuserspace/hotidd

test_config-src := $(hotidd-config)
test_config-cflags := $(test_values-cflags)
test_config-libs := -lyaml

hotidd-apart := $(addprefix userspace/hotidd/,step/apart.c base/child.c step/job.c step/undo_state.c)

test_plan-src := $(hotidd-config) $(hotidd-apart) $(addprefix userspace/hotidd/,step/verb.c base/pulse.c plan/runner.c)
test_plan-cflags := $(test_values-cflags)
test_plan-libs := -lyaml

test_holdings-src := $(hotidd-config) $(addprefix userspace/hotidd/,plan/holdings.c step/rundir.c)
test_holdings-cflags := $(test_values-cflags)
test_holdings-libs := -lyaml

test_retry-src := userspace/hotidd/retry.c
test_retry-cflags := $(test_values-cflags)

test_epochs-src := $(addprefix userspace/hotidd/,epoch_file.c epochs.c base/log.c base/memory.c \
	base/priority.c)
test_epochs-cflags := $(test_values-cflags)

test_pulse-src := $(addprefix userspace/hotidd/,base/log.c base/pulse.c)
test_pulse-cflags := $(test_values-cflags)

kinds-cflags = $(test_values-cflags) $(shell pkg-config --cflags libmnl)

test_prkey-src := userspace/hotidd/config/prkey.c
test_prkey-cflags = $(kinds-cflags)

test_isid-src := userspace/hotidd/storage/isid.c
test_isid-cflags = $(kinds-cflags)

test_announce_frame-src := userspace/hotidd/net/announce_frame.c
test_announce_frame-cflags = $(kinds-cflags)

test_pr_claim-src := $(addprefix userspace/hotidd/,storage/pr_claim.c config/prkey.c)
test_pr_claim-cflags = $(kinds-cflags) -pthread

test_lun-src := $(addprefix userspace/hotidd/,base/child.c step/job.c storage/lun.c storage/scsi.c)
test_lun-cflags = $(kinds-cflags)

test_netbatch-src := $(addprefix userspace/hotidd/,base/child.c step/job.c base/log.c base/memory.c net/netbatch.c)
test_netbatch-cflags = $(kinds-cflags)
test_netbatch-libs = $(shell pkg-config --libs libmnl)

test_rtnl-src := $(addprefix userspace/hotidd/,base/child.c step/job.c base/log.c base/memory.c net/netbatch.c)
test_rtnl-cflags = $(kinds-cflags)
test_rtnl-libs = $(shell pkg-config --libs libmnl)

test_portplan-src := $(hotidd-config) $(addprefix userspace/hotidd/,base/child.c step/job.c net/netbatch.c net/port.c \
	net/portplan.c net/rtnl.c)
test_portplan-cflags = $(kinds-cflags) $(shell pkg-config --cflags libudev)
test_portplan-libs = -lyaml $(shell pkg-config --libs libmnl libudev)

test_job-src := $(addprefix userspace/hotidd/,base/child.c step/job.c step/undo_state.c)
test_job-cflags = $(kinds-cflags)

test_iscsi_lock-cflags = $(kinds-cflags)

test_apart-src := $(hotidd-apart)
test_apart-cflags = $(kinds-cflags)

test_portal-src := $(addprefix userspace/hotidd/,config/portal.c)
test_portal-cflags = $(kinds-cflags)

test_mountinfo-src := $(addprefix userspace/hotidd/,base/child.c step/job.c storage/mountinfo.c)
test_mountinfo-cflags = $(kinds-cflags) $(shell pkg-config --cflags mount)
test_mountinfo-libs = $(shell pkg-config --libs mount)

test_nexus-src := $(addprefix userspace/hotidd/,base/child.c storage/isid.c step/job.c storage/nexus.c config/prkey.c)
test_nexus-cflags = $(kinds-cflags)

test_ext4-src := userspace/hotidd/storage/ext4.c
test_ext4-cflags = $(kinds-cflags)

test_machine-src := kmod/machine.c
test_machine-cflags := -Ikmod/uapi -Ikmod

test_wire-cflags := -Ikmod

test_gap-cflags := -Ikmod

# What the module and the probe share is compiled by gcc there and by clang here,
# so it is tested with both. Clang's sanitizer is the one that needs no library.
unit-clang := $(addprefix $(O)/unit/clang/,test_gap test_machine test_wire)
unit-clang-cflags := -O2 -g -std=gnu11 -Wall -Wextra -Wno-unused-parameter -Werror \
	-I$(unit-dir) -Ikmod/uapi -Ikmod -fsanitize=undefined -fsanitize-trap=undefined

$(unit-clang): $(O)/unit/clang/%: $(unit-dir)/%.c $(wildcard kmod/*.h kmod/machine.c $(unit-dir)/*.h)
	@mkdir -p $(@D)
	$(QUIET_CC)$(CLANG) $(unit-clang-cflags) -o $@ $< $(filter %.c,$($*-src))

.PHONY: unit
unit: $(addprefix $(O)/unit/,$(unit-tests)) $(unit-clang)
	@$(unit-dir)/run $^

define unit-test
$(1)-obj := $(patsubst %.c,$(O)/unit/$(1).d/%.o,$(unit-dir)/$(1).c $($(1)-src))

$(O)/unit/$(1): $$($(1)-obj)
	$$(QUIET_LD)$$(CC) $$(CFLAGS) $$(unit-cflags) $$(LDFLAGS) -o $$@ $$^ $$($(1)-libs)

$(O)/unit/$(1).d/%.o: %.c
	@mkdir -p $$(@D)
	$$(QUIET_CC)$$(CC) $$(CFLAGS) $$(unit-cflags) $$($(1)-cflags) -c -o $$@ $$<

-include $$($(1)-obj:.o=.d)
endef
$(foreach test,$(unit-tests),$(eval $(call unit-test,$(test))))
