# SPDX-License-Identifier: GPL-2.0
# The programs of the demo. Targets: demo-programs.

demo-dir := tools/testing/demo
demo-cflags := $(shell pkg-config --cflags zlib libsystemd)

.PHONY: demo-programs
demo-programs: $(O)/demo/bin/ledger $(O)/demo/bin/client

$(O)/demo/bin/ledger: $(demo-dir)/ledger.c $(demo-dir)/ledger.h
	@mkdir -p $(@D)
	$(QUIET_CC)$(CC) $(filter-out -MMD -MP,$(CFLAGS)) $(demo-cflags) $(LDFLAGS) -o $@ $< -lz -lsystemd

$(O)/demo/bin/client: $(demo-dir)/client.c $(demo-dir)/ledger.h
	@mkdir -p $(@D)
	$(QUIET_CC)$(CC) $(filter-out -MMD -MP,$(CFLAGS)) $(demo-cflags) $(LDFLAGS) -o $@ $< -lz
