# SPDX-License-Identifier: Apache-2.0
.PHONY: micro
micro: ## assemble the microprogram of the small machine
	$(Q)python3 rtl/micro/micro_asm.py configs rtl/micro/weft_micro.asm rtl/micro/weft_micro_rom.sv
