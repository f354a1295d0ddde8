# SPDX-License-Identifier: Apache-2.0
PAGES := compiler/optimize/TUTORIAL.md
.PHONY: check-docs docs
check-docs: all ## run the walk-throughs and compare their outputs (WEFT_MODELS=DIR, minutes)
	$(Q)python3 tests/docs/check_docs.py --weft $(BUILD)/weft $(PAGES)
docs: all ## run the walk-throughs and write their outputs into the pages
	$(Q)python3 tests/docs/check_docs.py --write --weft $(BUILD)/weft $(PAGES)
