# SPDX-License-Identifier: Apache-2.0
# weft. Thin on purpose: sources and tests are found by wildcard, so a new file
# needs no line here. Folders with rules of their own bring a rules.mk.
# Variables: CC, BUILD (build), SAN=1 (sanitizers), V=1 (show commands).

CC      := $(if $(filter default,$(origin CC)),gcc,$(CC))
AR      ?= ar
BUILD   ?= build
Q       := $(if $(V),,@)

WARN    := -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes \
           -Wmissing-prototypes -Wvla -Werror
OPT     ?= -O2
CFLAGS  ?= -g
WEFT_CFLAGS = -std=c11 -D_DEFAULT_SOURCE $(OPT) $(CFLAGS) $(WARN) \
           -ffp-contract=off -Isrc -I. -Iconfigs -I$(BUILD)/gen $(SAN_FLAGS)
ifdef SAN
SAN_FLAGS := -fsanitize=address,undefined -fno-sanitize-recover=all \
             -fno-omit-frame-pointer
endif
LDLIBS  := -lyaml -ljansson -lopenblas -lpng -ljpeg -lserialport -lz -lm -ldl -lpthread

# Library: everything but programs (*_main.c). C++ (Verilator, SystemC) is not
# built here: it belongs to the simulator that the cache or a rules.mk builds.
LIB_DIRS := $(wildcard src compiler sim/model sim/dram sim/cycle sim/rtl sim/board)
LIB_SRC  := $(filter-out %_main.c,$(sort $(shell find $(LIB_DIRS) -name '*.c')))
LIB_OBJ  := $(LIB_SRC:%.c=$(BUILD)/obj/%.o)
LIB      := $(BUILD)/libweft.a
TEST_SRC := $(sort $(shell find tests/unit -name 'test_*.c' 2>/dev/null))
TEST_BIN := $(TEST_SRC:tests/unit/%.c=$(BUILD)/tests/%)
TEST_LIB := $(filter-out $(TEST_SRC),$(sort $(shell find tests/unit tests/common -name '*.c' 2>/dev/null)))
TEST_LIB_OBJ := $(TEST_LIB:%.c=$(BUILD)/obj/%.o)
ALL_OBJ  := $(LIB_OBJ) $(TEST_LIB_OBJ) $(TEST_SRC:%.c=$(BUILD)/obj/%.o)

.DEFAULT_GOAL := all
.SUFFIXES:
.PHONY: all demo test test-long asan clean help tests
.SECONDARY:

MAIN_SRC := $(wildcard src/cli/weft_main.c)
all: $(LIB) $(if $(MAIN_SRC),$(BUILD)/weft) gen ## build the library and the weft command

help: ## list every target
	@grep -hE '^[a-z][a-z0-9-]*:.*## ' $(MAKEFILE_LIST) | sort -u | \
	  awk -F ':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

-include $(wildcard */rules.mk */*/rules.mk)

$(BUILD)/obj/%.o: %.c | $(GEN_FILES)
	@mkdir -p $(@D)
	$(if $(Q),@echo "  CC      $<")
	$(Q)$(CC) $(WEFT_CFLAGS) -MMD -MP -c $< -o $@

$(LIB): $(LIB_OBJ)
	@mkdir -p $(@D)
	$(if $(Q),@echo "  AR      $@")
	$(Q)rm -f $@ && $(AR) rcs $@ $^

$(BUILD)/weft: $(BUILD)/obj/src/cli/weft_main.o $(LIB)
$(BUILD)/weft-gen: $(BUILD)/obj/src/gen/gen_main.o $(LIB)
$(BUILD)/weft $(BUILD)/weft-gen:
	$(if $(Q),@echo "  LD      $@")
	$(Q)$(CC) $(SAN_FLAGS) $(LDFLAGS) $^ $(LDLIBS) -o $@

$(BUILD)/tests/%: $(BUILD)/obj/tests/unit/%.o $(TEST_LIB_OBJ) $(LIB)
	@mkdir -p $(@D)
	$(if $(Q),@echo "  LD      $@")
	$(Q)$(CC) $(SAN_FLAGS) $(LDFLAGS) $^ -lcmocka $(LDLIBS) -o $@

tests: all $(TEST_BIN) ## build every unit test

test: ## set up, build and run every test (at most 15 minutes)
	$(Q)tests/setup.sh
	+$(Q)$(MAKE) --no-print-directory tests
	$(Q)BUILD=$(BUILD) tests/run.sh $(TEST_BIN) $(sort $(wildcard tests/*/test_*.sh))

test-long: ## test, then the slow tests (tests/*/long_*.sh)
	+$(Q)$(MAKE) --no-print-directory test
	$(Q)BUILD=$(BUILD) WEFT_TEST_TIMEOUT=7200 tests/run.sh $(sort $(wildcard tests/*/long_*.sh))

asan: ## the tests under AddressSanitizer and UBSan, in build/asan
	+$(Q)$(MAKE) BUILD=build/asan SAN=1 OPT=-O1 test

demo: ## from a model file to verified RTL inference (installs what it needs)
	$(Q)tests/setup.sh
	+$(Q)$(MAKE) --no-print-directory all
	$(Q)BUILD=$(BUILD) sh tests/demo.sh

clean: ## remove everything that was built
	rm -rf build

-include $(ALL_OBJ:.o=.d) $(BUILD)/obj/src/cli/weft_main.d $(BUILD)/obj/src/gen/gen_main.d
