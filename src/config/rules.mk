# SPDX-License-Identifier: Apache-2.0
# The named machines as C: configs/*.yaml become rows of build/gen/machines.inc,
# base first. Included twice: as {name, yaml} rows and, under MACHINE_NAMES, as names.
MACHINES := base $(filter-out base,$(patsubst configs/%.yaml,%,$(sort $(wildcard configs/*.yaml))))
GEN_FILES += $(BUILD)/gen/machines.inc

$(BUILD)/gen/machines.inc: $(wildcard configs/*.yaml) src/config/rules.mk
	@mkdir -p $(@D)
	@{ echo '#ifdef MACHINE_NAMES'; \
	   for m in $(MACHINES); do echo "  \"$$m\","; done; \
	   echo '#else'; \
	   for m in $(MACHINES); do \
	     echo "  {\"$$m\","; \
	     sed 's/\\/\\\\/g; s/"/\\"/g; s/^/   "/; s/$$/\\n"/' configs/$$m.yaml; \
	     echo '  },'; done; \
	   echo '#endif'; } > $@.part && mv $@.part $@
