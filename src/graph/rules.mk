# SPDX-License-Identifier: Apache-2.0
# OPS.md is what `weft ops --markdown` prints: `make pages` writes it again,
# `make lint` says when it is stale.
.PHONY: pages-ops lint-ops
pages: pages-ops
lint-pages: lint-ops

pages-ops: $(BUILD)/weft
	$(Q)$(BUILD)/weft ops --markdown > src/graph/OPS.md

lint-ops: $(BUILD)/weft
	@mkdir -p $(BUILD)/lint/pages
	$(Q)$(BUILD)/weft ops --markdown > $(BUILD)/lint/pages/OPS.md
	$(Q)diff -u src/graph/OPS.md $(BUILD)/lint/pages/OPS.md || \
	  { echo "lint: src/graph/OPS.md is stale; 'make pages' writes it"; exit 1; }
