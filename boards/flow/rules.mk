# SPDX-License-Identifier: Apache-2.0
.PHONY: area-points
area-points: all ## synthesize machines for weft explore's estimate of cells (ECP5, Gowin; about 30 minutes)
	$(Q)python3 boards/flow/area_points.py --weft $(BUILD)/weft --board ulx3s-85f --out boards/family/ecp5/area.csv
	$(Q)python3 boards/flow/area_points.py --weft $(BUILD)/weft --board tangnano20k --out boards/family/gowin/area.csv

# Tables of the board READMEs. BOARD_BUILDS: where `weft build NAME -o ...` wrote.
BOARD_BUILDS ?= $(BUILD)/boards
.PHONY: boards-readme
boards-readme: ## tables of the board READMEs, from the manifests of weft build
	$(Q)python3 boards/flow/readme.py $(BOARD_BUILDS)
