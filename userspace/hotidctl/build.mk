# SPDX-License-Identifier: GPL-2.0
# hotidctl. Targets: hotidctl, install-hotidctl. Needs libhotid/build.mk before it.

SBINDIR ?= $(PREFIX)/sbin

hotidctl-dir := userspace/hotidctl
hotidctl-src := $(wildcard $(hotidctl-dir)/*.c) userspace/common/duration.c
hotidctl-obj := $(patsubst userspace/%.c,$(O)/hotidctl/%.o,$(hotidctl-src))
hotidctl-cflags := -Ikmod/uapi -Iuserspace/libhotid -Iuserspace/common \
	-DHOTID_VERSION='"$(HOTID_VERSION)"' $(shell pkg-config --cflags jansson smartcols)
hotidctl-libs := $(shell pkg-config --libs jansson smartcols)

.PHONY: hotidctl install-hotidctl
hotidctl: $(O)/bin/hotidctl

$(O)/hotidctl/%.o: userspace/%.c
	@mkdir -p $(@D)
	$(QUIET_CC)$(CC) $(CFLAGS) $(hotidctl-cflags) -c -o $@ $<

# Finds the library in the build tree.
$(O)/bin/hotidctl: $(hotidctl-obj) $(O)/lib/libhotid.so
	@mkdir -p $(@D)
	$(QUIET_LD)$(CC) $(CFLAGS) $(LDFLAGS) -Wl,-rpath,'$$ORIGIN/../lib' -o $@ $(hotidctl-obj) \
		-L$(O)/lib -lhotid $(hotidctl-libs)

# What is installed has no search path of its own.
$(O)/install/hotidctl: $(hotidctl-obj) $(O)/lib/libhotid.so
	@mkdir -p $(@D)
	$(QUIET_LD)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $(hotidctl-obj) \
		-L$(O)/lib -lhotid $(hotidctl-libs)

install-hotidctl: $(O)/install/hotidctl
	install -d $(DESTDIR)$(SBINDIR) $(DESTDIR)$(MANDIR)/man8 \
		$(DESTDIR)$(PREFIX)/share/bash-completion/completions
	install -m 755 $(O)/install/hotidctl $(DESTDIR)$(SBINDIR)/
	install -m 644 userspace/man/hotidctl.8 $(DESTDIR)$(MANDIR)/man8/
	install -m 644 $(hotidctl-dir)/hotidctl.bash \
		$(DESTDIR)$(PREFIX)/share/bash-completion/completions/hotidctl

-include $(hotidctl-obj:.o=.d)
