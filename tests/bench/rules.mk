# SPDX-License-Identifier: Apache-2.0
.PHONY: bench readme
bench: all ## cycles, bounds and bytes on every machine, simulator speed (WEFT_MODELS=DIR: the six networks)
	$(Q)python3 tests/bench/bench.py --weft $(BUILD)/weft --json $(BUILD)/bench.json

readme: ## write README's table of machines from the last make bench and make fpga-check
	$(Q)python3 tests/bench/bench.py --json $(BUILD)/bench.json --fpga $(BUILD)/fpga_check.json --readme README.md

.PHONY: bench-train
bench-train: $(BUILD)/bench_train ## speed of training, and against TensorFlow's if it is here (WEFT_TF_PYTHON)
	$(Q)python3 tests/bench/bench_train.py --program $(BUILD)/bench_train --json $(BUILD)/bench_train.json

$(BUILD)/bench_train: $(BUILD)/obj/tests/bench/bench_train_main.o $(BUILD)/obj/tests/unit/optimize/net_maker.o $(LIB)
	$(if $(Q),@echo "  LD      $@")
	$(Q)$(CC) $(SAN_FLAGS) $(LDFLAGS) $^ $(LDLIBS) -o $@

-include $(BUILD)/obj/tests/bench/bench_train_main.d

.PHONY: bench-optimize
bench-optimize: all ## the optimizer beside TensorFlow's toolkit, three seeds, hours (BENCH_OPTIMIZE="--nets cnn --sets mnist --seeds 1")
	$(Q)python3 tests/bench/optimize_tables.py --weft $(BUILD)/weft --dir $(BUILD)/bench-optimize $(BENCH_OPTIMIZE)
