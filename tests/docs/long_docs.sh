#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The walk-throughs of the pages, as make check-docs.
set -eu
[ -n "${WEFT_MODELS:-}" ] || { echo "SKIPPED: needs WEFT_MODELS=DIR with models/ and data/"; exit 77; }
exec python3 tests/docs/check_docs.py --weft "${BUILD:-build}/weft" compiler/optimize/TUTORIAL.md
