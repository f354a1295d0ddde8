# SPDX-License-Identifier: Apache-2.0
# KV260: the design is behind the processor system and has no pads
