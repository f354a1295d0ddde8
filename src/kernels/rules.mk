# SPDX-License-Identifier: Apache-2.0
# Integer loops that -O3 turns into vectors; no result changes.
$(BUILD)/obj/src/kernels/k_%.o: OPT := -O3
