# SPDX-License-Identifier: Apache-2.0
# Packages of `base` into build/gen, of another machine into build/gen/NAME
# (target build/gen/NAME/.sv-stamp); pages of the tables into configs/.
.PHONY: gen pages
gen: $(BUILD)/gen/.sv-stamp ## SystemVerilog packages of base into build/gen

GEN_FROM := $(BUILD)/weft-gen $(wildcard configs/*.def configs/*.yaml)
$(BUILD)/gen/.sv-stamp: $(GEN_FROM)
	$(Q)$(BUILD)/weft-gen sv $(@D) base
	@touch $@

$(BUILD)/gen/%/.sv-stamp: $(GEN_FROM)
	@mkdir -p $(@D)
	$(Q)$(BUILD)/weft-gen sv $(@D) $*
	@touch $@

pages: $(BUILD)/weft-gen ## write configs/ISA.md, CONFIG.md, CSR.md, LINK.md again
	$(Q)$(BUILD)/weft-gen md configs
