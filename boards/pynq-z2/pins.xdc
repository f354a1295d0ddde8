# SPDX-License-Identifier: Apache-2.0
# PYNQ-Z2: the design is behind the processor system and has no pads
