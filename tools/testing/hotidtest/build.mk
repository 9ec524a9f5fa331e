# SPDX-License-Identifier: GPL-2.0
# The service that the nodes of demo and vmtest run, and its client. Target: ledger-programs.

ledger-dir := tools/testing/hotidtest
ledger-cflags = $(shell pkg-config --cflags zlib libsystemd)

.PHONY: ledger-programs
ledger-programs: $(O)/ledger/ledger $(O)/ledger/client

$(O)/ledger/ledger $(O)/ledger/client: $(O)/ledger/%: $(ledger-dir)/%.c $(ledger-dir)/ledger.h
	@mkdir -p $(@D)
	$(QUIET_CC)$(CC) $(filter-out -MMD -MP,$(CFLAGS)) $(ledger-cflags) $(LDFLAGS) -o $@ $< \
		-lz -lsystemd
