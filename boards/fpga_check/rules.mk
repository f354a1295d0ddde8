# SPDX-License-Identifier: Apache-2.0
# Synthesis, place and route of a machine for LFE5U-85F-6, in an environment of
# its own under build/eda (network once). Variables: FPGA_CONFIG, FPGA_SEEDS, FPGA_JOBS.
EDA        := $(BUILD)/eda
FPGA_CONFIG ?= base
FPGA_SEEDS ?= 1 2 3
FPGA_JOBS  ?= 2
FPGA_DIR   := $(BUILD)/fpga/$(FPGA_CONFIG)

.PHONY: eda fpga-check
eda: $(EDA)/.done ## yosys with slang and nextpnr-ecp5 into build/eda (needs network once)

$(EDA)/.done: boards/fpga_check/requirements.txt
	$(Q)rm -rf $(@D) && python3 -m venv $(@D)
	$(Q)$(@D)/bin/pip -q --disable-pip-version-check install --require-hashes --only-binary :all: -r $<
	$(Q)touch $@

fpga-check: $(EDA)/.done $(BUILD)/weft-gen ## place and route on LFE5U-85F-6, three seeds (over an hour of CPU)
	$(Q)mkdir -p $(FPGA_DIR)
	$(Q)$(BUILD)/weft-gen sv $(FPGA_DIR) $(FPGA_CONFIG)
	$(Q)YOWASP_CACHE_DIR=$(abspath $(BUILD)/yowasp-cache) $(EDA)/bin/python boards/fpga_check/fpga_check.py \
	  --dir $(FPGA_DIR) --seeds $(FPGA_SEEDS) --jobs $(FPGA_JOBS) \
	  --machine $(FPGA_CONFIG) --json $(BUILD)/fpga_check.json
