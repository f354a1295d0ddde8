# SPDX-License-Identifier: Apache-2.0
# The SystemC wrapper is C++17 (libsystemc's ABI) and no part of libweft.a. Its
# test binary is built where libsystemc-dev is installed.
SC_OBJ := $(patsubst sim/systemc/%.cc,$(BUILD)/obj/sim/systemc/%.o,$(wildcard sim/systemc/*.cc))
HAS_SYSTEMC := $(wildcard /usr/include/systemc /usr/local/include/systemc)
ifneq ($(HAS_SYSTEMC),)
tests: $(BUILD)/tests/sc_equal
endif

$(BUILD)/obj/sim/systemc/%.o: sim/systemc/%.cc
	@mkdir -p $(@D)
	$(if $(Q),@echo "  CXX     $<")
	$(Q)g++ -std=gnu++17 $(OPT) -g -Wall -Wextra -Werror -I. $(SAN_FLAGS) -MMD -MP -c $< -o $@

$(BUILD)/tests/sc_equal: $(BUILD)/obj/tests/systemc/sc_equal_main.o $(SC_OBJ) $(BUILD)/obj/tests/common/prog_builder.o \
  $(BUILD)/obj/tests/common/prog_random.o $(LIB)
	@mkdir -p $(@D)
	$(if $(Q),@echo "  LD      $@")
	$(Q)g++ $(SAN_FLAGS) $(LDFLAGS) $^ -lsystemc $(LDLIBS) -o $@

-include $(SC_OBJ:.o=.d) $(BUILD)/obj/tests/systemc/sc_equal_main.d
