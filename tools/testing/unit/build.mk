# SPDX-License-Identifier: GPL-2.0
# Unit tests of pure code, on the host, under the sanitizers. Target: unit. Needs
# the build.mk of the programs before it.
#
# Each PART/test_NAME.c is a program. It is linked with an archive of all of its
# part's sources, of which the linker takes what the test asks for: what a test
# defines itself, or includes as a source, is not taken from there. Other files of
# the folder are an archive before that one: what a test asks of them takes the place
# of the part's own.

unit-dir := tools/testing/unit
unit-out := $(O)/unit
unit-parts := kmod libhotid hotidd hotidctl
unit-cflags := -I$(unit-dir) -fsanitize=address,undefined -fno-sanitize-recover=all \
	-fno-omit-frame-pointer

unit-kmod-src := kmod/machine.c
unit-kmod-cflags := -Ikmod/uapi -Ikmod

unit-libhotid-src := $(wildcard userspace/libhotid/*.c)
unit-libhotid-cflags = -Ikmod/uapi -Iuserspace/libhotid $(shell pkg-config --cflags libnl-genl-3.0)
unit-libhotid-libs = $(shell pkg-config --libs libnl-genl-3.0)

unit-hotidd-src := $(filter-out %/main.c,$(hotidd-src)) $(unit-libhotid-src)
unit-hotidd-cflags = $(hotidd-cflags) $(unit-libhotid-cflags)
unit-hotidd-libs = $(hotidd-libs) $(unit-libhotid-libs)

unit-hotidctl-src := $(filter-out %/main.c,$(hotidctl-src)) $(unit-libhotid-src)
unit-hotidctl-cflags = $(hotidctl-cflags) -I$(hotidctl-dir) $(unit-libhotid-cflags)
unit-hotidctl-libs = $(hotidctl-libs) $(unit-libhotid-libs)

# What the module and the probe share is compiled by gcc there and by clang here,
# so it is tested with both. Clang's sanitizer is the one that needs no library.
unit-clang := $(patsubst $(unit-dir)/%.c,$(unit-out)/clang/%,$(wildcard $(unit-dir)/kmod/test_*.c))
unit-clang-cflags := -O2 -g -std=gnu11 -Wall -Wextra -Wno-unused-parameter -Werror \
	-I$(unit-dir) $(unit-kmod-cflags) -fsanitize=undefined -fsanitize-trap=undefined

$(unit-clang): $(unit-out)/clang/%: $(unit-dir)/%.c $(wildcard kmod/*.h $(unit-dir)/*.h \
		$(unit-dir)/kmod/*.h) $(unit-kmod-src)
	@mkdir -p $(@D)
	$(QUIET_CC)$(CLANG) $(unit-clang-cflags) -o $@ $(filter %.c,$^)

define unit-part
unit-$(1)-tests := $$(patsubst $(unit-dir)/%.c,$(unit-out)/%,$$(wildcard $(unit-dir)/$(1)/test_*.c))
unit-$(1)-own := $$(patsubst %.c,$(unit-out)/$(1).d/%.o, \
	$$(filter-out $(unit-dir)/$(1)/test_%,$$(wildcard $(unit-dir)/$(1)/*.c)))
unit-$(1)-obj := $$(patsubst %.c,$(unit-out)/$(1).d/%.o,$$(unit-$(1)-src))

$(unit-out)/$(1).d/%.o: %.c
	@mkdir -p $$(@D)
	$$(QUIET_CC)$$(CC) $$(CFLAGS) $$(unit-cflags) $$(unit-$(1)-cflags) -c -o $$@ $$<

$(unit-out)/$(1).a: $$(unit-$(1)-obj)
$(unit-out)/$(1)-own.a: $$(unit-$(1)-own)
$(unit-out)/$(1).a $(unit-out)/$(1)-own.a:
	@rm -f $$@
	$$(QUIET_AR)$$(AR) rcs $$@ $$^

$$(unit-$(1)-tests): $(unit-out)/$(1)/%: $(unit-out)/$(1).d/$(unit-dir)/$(1)/%.o \
		$(unit-out)/$(1)-own.a $(unit-out)/$(1).a
	@mkdir -p $$(@D)
	$$(QUIET_LD)$$(CC) $$(CFLAGS) $$(unit-cflags) $$(LDFLAGS) -o $$@ $$^ -Wl,--as-needed \
		-pthread $$(unit-$(1)-libs)

-include $$(shell find $(unit-out)/$(1).d -type f -name "*.d" 2>/dev/null)
endef
$(foreach part,$(unit-parts),$(eval $(call unit-part,$(part))))

$(unit-out)/hotidd.d/userspace/hotidd/probe/program.o: $(O)/bpf/hotid_probe.skel.h
$(unit-out)/hotidd.d/userspace/hotidd/net/port_filter.o: $(O)/bpf/hotid_port_filter.skel.h

.PHONY: unit
unit: $(foreach part,$(unit-parts),$(unit-$(part)-tests)) $(unit-clang)
	@$(unit-dir)/run $^
