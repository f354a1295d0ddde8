# SPDX-License-Identifier: Apache-2.0
.PHONY: bench readme
bench: all ## cycles, bounds and bytes on every machine, simulator speed (WEFT_MODELS=DIR: the six networks)
	$(Q)python3 tests/bench/bench.py --weft $(BUILD)/weft --json $(BUILD)/bench.json

readme: ## write README's table of machines from the last make bench and make fpga-check
	$(Q)python3 tests/bench/bench.py --json $(BUILD)/bench.json --fpga $(BUILD)/fpga_check.json --readme README.md
