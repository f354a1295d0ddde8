# SPDX-License-Identifier: Apache-2.0
# opt_probe: the optimizer's library functions on the command line, for the
# scripts of this folder.
.PHONY: opt-probe
opt-probe: $(BUILD)/opt_probe
all: $(BUILD)/opt_probe

$(BUILD)/opt_probe: $(BUILD)/obj/tests/optimize/opt_probe_main.o $(LIB)
	$(if $(Q),@echo "  LD      $@")
	$(Q)$(CC) $(SAN_FLAGS) $(LDFLAGS) $^ $(LDLIBS) -o $@

-include $(BUILD)/obj/tests/optimize/opt_probe_main.d

OPT_VENV := $(BUILD)/optimize-venv
.PHONY: oracle-optimize
oracle-optimize: all $(OPT_VENV)/.done ## the optimizer's files on TFLite-Micro and LiteRT (WEFT_MODELS; needs network once)
	@test -n "$$WEFT_MODELS" || { echo "make oracle-optimize: set WEFT_MODELS"; exit 2; }
	$(OPT_VENV)/bin/python tests/optimize/oracle_float.py $$WEFT_MODELS/models --probe $(BUILD)/opt_probe
	$(OPT_VENV)/bin/python tests/optimize/oracle_files.py $$WEFT_MODELS/models --probe $(BUILD)/opt_probe --weft $(BUILD)/weft
	BUILD=$(BUILD) sh tests/optimize/oracle_forms.sh $(BUILD)/optimize-forms
	BUILD=$(BUILD) sh tests/optimize/oracle_recipes.sh $(BUILD)/optimize-recipes
	$(OPT_VENV)/bin/python tests/optimize/oracle_files.py --ours $(BUILD)/optimize-forms $(BUILD)/optimize-recipes --probe $(BUILD)/opt_probe --weft $(BUILD)/weft

$(OPT_VENV)/.done: tests/optimize/requirements.txt
	rm -rf $(@D) && python3 -m venv $(@D)
	$(@D)/bin/pip -q install --require-hashes -r $<
	touch $@
