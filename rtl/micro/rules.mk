# SPDX-License-Identifier: Apache-2.0
.PHONY: micro
micro: $(BUILD)/weft-gen ## assemble the microprogram of the small machine
	$(Q)$(BUILD)/weft-gen micro rtl/micro/weft_micro.asm rtl/micro/weft_micro_rom.sv
