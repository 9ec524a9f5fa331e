# SPDX-License-Identifier: GPL-2.0
# Benchmarks. Targets: bench-detect, bench-fence; what they build: bench-programs. Needs
# libhotid/build.mk and bpf/build.mk before it.
#
# Programs of guest/ run in virtual machines and use the library of the
# kselftests; those of host/ run on the host's own kernel. A file of guest/ or
# host/ that has a header of its name is a part, the others are programs.

bench-dir := tools/testing/bench
bench-out := $(O)/bench
bench-lib-dir := tools/testing/selftests/hotid
bench-sources := $(wildcard $(bench-dir)/guest/*.c)
bench-parts := $(filter $(patsubst %.h,%.c,$(wildcard $(bench-dir)/guest/*.h)),$(bench-sources))
bench-guests := $(patsubst $(bench-dir)/%.c,$(bench-out)/%,$(filter-out $(bench-parts),$(bench-sources)))
bench-hosts := $(patsubst $(bench-dir)/%.c,$(bench-out)/%,$(wildcard $(bench-dir)/host/*.c))
bench-skels := $(patsubst $(bench-dir)/bpf/%.bpf.c,$(bench-out)/bench_%.skel.h,$(wildcard $(bench-dir)/bpf/*.bpf.c))
bench-objects := $(patsubst $(bench-dir)/guest/%.c,$(bench-out)/obj/%.o,$(bench-parts)) \
	$(patsubst $(bench-lib-dir)/%.c,$(bench-out)/obj/%.o,$(filter-out %/rules.c,$(wildcard $(bench-lib-dir)/lib/*.c)))
bench-cflags = -D_GNU_SOURCE -Wno-missing-field-initializers -Ikmod -Ikmod/uapi \
	-Iuserspace/libhotid -I$(bench-lib-dir) -I$(bench-dir)/bpf -I$(bench-dir)/guest \
	-I$(bench-out) -I$(O)/bpf -MF $(bench-out)/obj/$(@F).d

.PHONY: bench-detect bench-fence bench-programs
bench-programs: $(bench-guests) $(bench-hosts)

bench-detect: bench-programs
	@O=$(O) $(bench-dir)/detect

bench-fence: bench-programs
	@O=$(O) $(bench-dir)/fence

$(bench-out)/%.bpf.o: $(bench-dir)/bpf/%.bpf.c $(wildcard $(bench-dir)/bpf/*.h) kmod/slot.h kmod/wire.h
	@mkdir -p $(@D)
	$(QUIET_BPF)$(CLANG) $(BPF_CFLAGS) -I$(bench-dir)/bpf -c -o $@ $<

$(bench-out)/bench_%.skel.h: $(bench-out)/%.bpf.o
	$(QUIET_GEN)$(BPFTOOL) gen skeleton $< name bench_$* > $@.tmp && mv $@.tmp $@

$(bench-out)/obj/lib/%.o: $(bench-lib-dir)/lib/%.c $(O)/bpf/hotid_probe.skel.h
	@mkdir -p $(@D)
	$(QUIET_CC)$(CC) $(CFLAGS) $(bench-cflags) -Wno-sign-compare -c -o $@ $<

$(bench-out)/obj/%.o: $(bench-dir)/guest/%.c $(bench-skels) $(O)/bpf/hotid_probe.skel.h
	@mkdir -p $(@D)
	$(QUIET_CC)$(CC) $(CFLAGS) $(bench-cflags) -c -o $@ $<

$(bench-out)/guest/%: $(bench-dir)/guest/%.c $(bench-objects) $(O)/lib/libhotid.a
	@mkdir -p $(@D)
	$(QUIET_LD)$(CC) $(CFLAGS) $(bench-cflags) -o $@ $< $(bench-objects) $(O)/lib/libhotid.a \
		-lbpf -lmnl -lpthread $(shell pkg-config --libs libnl-genl-3.0)

$(bench-out)/host/%: $(bench-dir)/host/%.c $(bench-skels) $(O)/bpf/hotid_probe.skel.h
	@mkdir -p $(@D)
	$(QUIET_LD)$(CC) $(CFLAGS) $(bench-cflags) -o $@ $< -lbpf

# Made on the way to something, and kept.
.SECONDARY: $(bench-skels) $(bench-objects) $(patsubst $(bench-dir)/bpf/%.c,$(bench-out)/%.o,$(wildcard $(bench-dir)/bpf/*.bpf.c))

-include $(wildcard $(bench-out)/obj/*.d)
