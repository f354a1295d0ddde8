#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# weft check over every TFLite file of $WEFT_MODELS, against what TFLite-Micro
# said of it: see check_models.py.
set -u
if [ -z "${WEFT_MODELS:-}" ] || [ ! -d "$WEFT_MODELS/goldens" ]; then
  echo "WEFT_MODELS is not set: no networks to check"
  exit 77
fi
command -v python3 >/dev/null || { echo "needs python3"; exit 77; }
exec python3 tests/golden/check_models.py "${BUILD:-build}/weft" "$WEFT_MODELS"
