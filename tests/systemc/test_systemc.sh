#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The accelerator between TLM-2.0 sockets: bytes, cycles and counters of the
# plain simulator, on a machine with refresh and gaps and on one without.
set -u
bin=${BUILD:-build}/tests/sc_equal
if [ ! -x "$bin" ]; then
  echo "SKIP systemc: libsystemc-dev is not installed"
  exit 77
fi
SYSTEMC_DISABLE_COPYRIGHT_MESSAGE=1
export SYSTEMC_DISABLE_COPYRIGHT_MESSAGE
"$bin" stress 1 2 3 && "$bin" tiny 4 5
