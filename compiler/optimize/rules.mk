# SPDX-License-Identifier: Apache-2.0
# The loops of training are written to be vectorized; -O3 does it, and changes no
# result: sums keep their order.
$(BUILD)/obj/compiler/optimize/train_%.o: OPT := -O3 -fno-math-errno
$(BUILD)/obj/compiler/optimize/forward.o: OPT := -O3
$(BUILD)/obj/compiler/optimize/scale.o: OPT := -O3
