# SPDX-License-Identifier: Apache-2.0
.PHONY: area-points
area-points: all ## synthesize machines for weft explore's estimate of cells (ECP5, about 20 minutes, goes on)
	$(Q)python3 boards/flow/area_points.py --weft $(BUILD)/weft --dir $(BUILD)/area-points --out boards/family/ecp5/area.csv

.PHONY: area-points-gowin
area-points-gowin: all ## the same for Gowin, about 5 minutes
	$(Q)python3 boards/flow/area_points.py --weft $(BUILD)/weft --family gowin --board tangnano20k --dir $(BUILD)/area-points --out boards/family/gowin/area.csv

.PHONY: built-points
built-points: ## what the builds in BOARD_BUILDS reached, for the clocks of weft explore
	$(Q)python3 boards/flow/built.py $(BOARD_BUILDS)

# Tables of the board READMEs. BOARD_BUILDS: where `weft build NAME -o ...` wrote.
BOARD_BUILDS ?= $(BUILD)/boards
.PHONY: boards-readme
boards-readme: ## tables of the board READMEs, from the manifests of weft build
	$(Q)python3 boards/flow/readme.py $(BOARD_BUILDS)
