#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What the flow does to a Gowin netlist before placing (boards/flow/yosys_run.py), without the tools.
set -eu
exec python3 -B tests/boards/netlist/tidy.py
