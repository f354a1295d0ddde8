#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# One text, two readers: each illegal machine is refused by the C validator and
# stops the elaboration of the RTL, with the same words.
set -u
build=${BUILD:-build}
command -v verilator >/dev/null || { echo "needs verilator"; exit 77; }
t=$(mktemp -d)
trap 'rm -rf "$t"' EXIT
"$build/weft-gen" sv "$t" base || exit 1
cp "$t/weft_params_pkg.sv" "$t/base"
lint() {
  verilator --lint-only -sv --top-module weft_top "$t/weft_isa_pkg.sv" "$t/weft_csr_pkg.sv" \
    "$t/weft_params_pkg.sv" $(find rtl -name '*.sv' | sort) >"$t/rtl" 2>&1
}
n=0 bad=0
n=$((n + 1)); lint || { echo "the legal machine does not elaborate"; head -n 3 "$t/rtl"; bad=$((bad + 1)); }
while read -r key name value message; do
  n=$((n + 1))
  sed "s/ int $name = [0-9]*;/ int $name = $value;/" "$t/base" >"$t/weft_params_pkg.sv"
  lint && { echo "$key=$value elaborates"; bad=$((bad + 1)); }
  grep -qF -- "$message" "$t/rtl" || { echo "$key=$value: RTL says not '$message'"; head -n 3 "$t/rtl"; bad=$((bad + 1)); }
  "$build/weft" config validate base --set "$key=$value" >"$t/c" 2>&1 && { echo "$key=$value validates"; bad=$((bad + 1)); }
  c=$(echo "$message" | sed "s/.* must be \([0-9]*\.\.[0-9]*\)$/\1/")
  grep -qF -- "$c" "$t/c" || { echo "$key=$value: C says not '$c'"; cat "$t/c"; bad=$((bad + 1)); }
done <<END
array.rows Rows 6 array.rows must be a power of two
array.rows Rows 64 array.rows must be 2..32
array.lanes Lanes 3 array.lanes must divide array.cols
array.hop Hop 16 array.hop must not exceed array.rows
scratchpad.kib SpmKib 48 scratchpad.kib must be a power of two
ring.kib RingKib 3 ring.kib must be a power of two
dram.beat_bytes BeatBytes 16 dram.beat_bytes must not exceed array.cols
queue.depth QueueDepth 5 queue.depth must be a power of two
END
echo "$n machines, $bad bad"
[ $bad -eq 0 ]
