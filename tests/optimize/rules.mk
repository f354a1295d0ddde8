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
