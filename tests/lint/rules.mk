# SPDX-License-Identifier: Apache-2.0
.PHONY: lint lint-pages lint-c lint-rtl lint-house
lint: lint-house lint-c lint-pages lint-rtl ## warnings on gcc and clang, house rules, folder law, pages, RTL

lint-house:
	$(Q)BUILD=$(BUILD) tests/lint/lint.sh

lint-c:
	+$(Q)$(MAKE) --no-print-directory CC=gcc tests
	+$(Q)if command -v clang >/dev/null; then \
	  $(MAKE) --no-print-directory BUILD=build/clang CC=clang OPT=-O1 tests; \
	  else echo "lint: clang is absent, its warnings are NOT checked"; exit 1; fi

lint-pages: $(BUILD)/weft-gen
	@mkdir -p $(BUILD)/lint/pages
	$(Q)$(BUILD)/weft-gen md $(BUILD)/lint/pages
	$(Q)for p in ISA CONFIG CSR LINK; do diff -u configs/$$p.md $(BUILD)/lint/pages/$$p.md || \
	  { echo "lint: configs/$$p.md is stale; 'make pages' writes it"; exit 1; }; done

# Every named machine is elaborated; slang reads base where `make eda` ran.
RTL_SRC := $(sort $(shell find rtl -name '*.sv' 2>/dev/null))
lint-rtl: $(BUILD)/weft-gen
	$(Q)BUILD=$(BUILD) tests/lint/rtl.sh $(RTL_SRC)
	$(Q)BUILD=$(BUILD) tests/lint/boards.sh
