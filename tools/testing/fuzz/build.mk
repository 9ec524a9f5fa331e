# SPDX-License-Identifier: GPL-2.0
# Fuzzing what comes in, on the host. Targets: fuzz, fuzz-short. Needs
# unit/build.mk before it.
#
# Each fuzz_NAME.c is a program. The sources of the module, the probe and the
# library are compiled by clang, with the sanitizers and libFuzzer's coverage;
# what stands around them only with the sanitizers, so that coverage is theirs.

fuzz-dir := tools/testing/fuzz
fuzz-out := $(O)/fuzz
fuzz-targets := $(patsubst $(fuzz-dir)/fuzz_%.c,$(fuzz-out)/%,$(wildcard $(fuzz-dir)/fuzz_*.c))
fuzz-mains := $(patsubst $(fuzz-out)/%,$(fuzz-out)/$(fuzz-dir)/fuzz_%.o,$(fuzz-targets))

fuzz-kmod := $(addprefix kmod/,advertisement.c challenge.c counters.c dispatch.c \
	identity.c incarnation.c key.c lease.c machine.c map.c netns.c packet.c peer.c \
	peer_config.c receive.c slot_array.c slot_keys.c table.c table_judge.c)
# Packets are read where they lie, aligned or not.
fuzz-cflags := -O2 -g -std=gnu11 -Wall -Wextra -Wno-unused-parameter -Wno-sign-compare -Werror \
	-MMD -MP -fsanitize=address,undefined -fno-sanitize=alignment -fno-sanitize-recover=all \
	-I$(fuzz-dir)
# The steps of an input make all values that matter, so comparisons need no tracing.
fuzz-coverage := -fsanitize-coverage=inline-8bit-counters,pc-table
fuzz-kernel := -D__KERNEL__ -include $(fuzz-dir)/kernel.h -I$(fuzz-out)/include -Ikmod \
	-Itools/testing/unit/kmod -Wno-gnu-variable-sized-type-not-at-end

# Headers of the kernel that the module's sources name: all are kernel.h.
fuzz-headers := $(addprefix $(fuzz-out)/include/,$(addsuffix .h,asm/unaligned \
	$(addprefix linux/,atomic bits bpf cpumask file hashtable hrtimer interrupt list llist log2 \
	math64 mm module mutex net netlink netpoll overflow percpu random rculist rcupdate siphash \
	skbuff slab spinlock string timekeeping timer unaligned version workqueue) \
	$(addprefix net/,addrconf genetlink ipv6 net_namespace netlink netns/generic sock udp)))

fuzz-objects := $(patsubst %.c,$(fuzz-out)/%.o,$(fuzz-kmod)) \
	$(addprefix $(fuzz-out)/$(fuzz-dir)/,frame.o kernel.o model.o \
	model_key.o packet.o play.o probe_host.o watch.o world.o)

.PHONY: fuzz fuzz-short
fuzz: $(fuzz-targets)
	@O=$(O) $(fuzz-dir)/run

fuzz-short: $(fuzz-targets)
	@O=$(O) $(fuzz-dir)/run --short

$(fuzz-headers):
	@mkdir -p $(@D)
	@echo '#include "kernel.h"' >$@

$(fuzz-out)/kmod/%.o: kmod/%.c $(fuzz-headers)
	@mkdir -p $(@D)
	$(QUIET_CC)$(CLANG) $(fuzz-cflags) $(fuzz-kernel) $(fuzz-coverage) -c -o $@ $<

$(fuzz-out)/$(fuzz-dir)/kernel.o $(fuzz-out)/$(fuzz-dir)/world.o: \
$(fuzz-out)/%.o: %.c $(fuzz-headers)
	@mkdir -p $(@D)
	$(QUIET_CC)$(CLANG) $(fuzz-cflags) $(fuzz-kernel) -c -o $@ $<

# The reference needs no watching.
$(addprefix $(fuzz-out)/$(fuzz-dir)/,kernel.o model.o model_key.o): \
fuzz-cflags += -fno-sanitize=all

$(fuzz-out)/$(fuzz-dir)/probe_host.o: $(fuzz-dir)/probe_host.c
	@mkdir -p $(@D)
	$(QUIET_CC)$(CLANG) $(fuzz-cflags) -Ikmod -Ibpf $(fuzz-coverage) -c -o $@ $<

$(fuzz-out)/$(fuzz-dir)/%.o: $(fuzz-dir)/%.c
	@mkdir -p $(@D)
	$(QUIET_CC)$(CLANG) $(fuzz-cflags) -Ikmod/uapi -Itools/testing/unit/kmod -c -o $@ $<

# The reader of the module's answers stands for itself.
fuzz-libhotid-cflags = -Ikmod/uapi -Iuserspace/libhotid $(shell pkg-config --cflags libnl-genl-3.0)
fuzz-libhotid-objects := $(patsubst %.c,$(fuzz-out)/%.o,$(unit-libhotid-src))

$(fuzz-out)/userspace/libhotid/%.o: userspace/libhotid/%.c
	@mkdir -p $(@D)
	$(QUIET_CC)$(CLANG) $(fuzz-cflags) $(fuzz-libhotid-cflags) $(fuzz-coverage) -c -o $@ $<

$(fuzz-out)/$(fuzz-dir)/fuzz_answer.o: fuzz-cflags += $(fuzz-libhotid-cflags)

$(fuzz-out)/answer: $(fuzz-out)/$(fuzz-dir)/fuzz_answer.o $(fuzz-libhotid-objects)
	$(QUIET_LD)$(CLANG) $(fuzz-cflags) -fsanitize=fuzzer -o $@ $^ \
		$(shell pkg-config --libs libnl-genl-3.0)

$(filter-out %/answer,$(fuzz-targets)): \
$(fuzz-out)/%: $(fuzz-out)/$(fuzz-dir)/fuzz_%.o $(fuzz-objects)
	$(QUIET_LD)$(CLANG) $(fuzz-cflags) -fsanitize=fuzzer -o $@ $^

.SECONDARY: $(fuzz-mains) $(fuzz-objects) $(fuzz-libhotid-objects)

-include $(patsubst %.o,%.d,$(fuzz-mains) $(fuzz-objects) $(fuzz-libhotid-objects))
