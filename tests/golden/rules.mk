# SPDX-License-Identifier: Apache-2.0
# The TFLite-Micro oracle lives in a virtual environment under build/.
# Variables: ORACLE_ARGS (oracle_random.py --help).
ORACLE_VENV := $(BUILD)/oracle-venv
ORACLE_ARGS ?= --backend ref --count 560

.PHONY: oracle
oracle: all $(ORACLE_VENV)/.done ## compare random operators and networks with TFLite-Micro (needs network once)
	$(ORACLE_VENV)/bin/python tests/golden/oracle_random.py --weft $(BUILD)/weft $(ORACLE_ARGS)
	$(if $(findstring --only,$(ORACLE_ARGS)),,$(ORACLE_VENV)/bin/python tests/golden/oracle_random.py --weft $(BUILD)/weft $(ORACLE_ARGS) --only NETWORK)
	$(if $(findstring --only,$(ORACLE_ARGS)),,$(ORACLE_VENV)/bin/python tests/golden/oracle_shapes.py --weft $(BUILD)/weft)

$(ORACLE_VENV)/.done: tests/golden/requirements.txt
	rm -rf $(@D) && python3 -m venv $(@D)
	$(@D)/bin/pip -q install --require-hashes -r $<
	touch $@
