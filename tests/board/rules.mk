# SPDX-License-Identifier: Apache-2.0
# board-serve: a board behind a pseudo terminal, for the scripts of this folder.
tests: $(BUILD)/board-serve
$(BUILD)/board-serve: $(BUILD)/obj/tests/board/board_serve_main.o $(LIB)
	$(if $(Q),@echo "  LD      $@")
	$(Q)$(CC) $(SAN_FLAGS) $(LDFLAGS) $^ $(LDLIBS) -o $@
-include $(BUILD)/obj/tests/board/board_serve_main.d
