#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Twenty real inputs a network, on every named machine, through every backend.
set -eu
[ -n "${WEFT_MODELS:-}" ] || { echo "SKIPPED: needs WEFT_MODELS=DIR with models/ and data/"; exit 77; }
command -v python3 >/dev/null || { echo "needs python3"; exit 77; }
exec python3 tests/e2e/real_inputs.py --weft "${BUILD:-build}/weft" --models "$WEFT_MODELS" \
  --samples 20 --configs base,wide,large,tiny
