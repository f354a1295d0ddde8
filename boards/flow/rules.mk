# SPDX-License-Identifier: Apache-2.0
.PHONY: area-points
area-points: all ## synthesize machines for weft explore's estimate of cells (ECP5, Gowin; about 30 minutes)
	$(Q)python3 boards/flow/area_points.py --weft $(BUILD)/weft --board ulx3s-85f --out boards/family/ecp5/area.csv
	$(Q)python3 boards/flow/area_points.py --weft $(BUILD)/weft --board tangnano20k --out boards/family/gowin/area.csv
