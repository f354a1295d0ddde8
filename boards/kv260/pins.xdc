# SPDX-License-Identifier: Apache-2.0
# KV260: the design has no pads
