#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Program files: run without the network, on their machine only; text and back;
# an edited program is found by verify, a damaged one is refused.
set -u
weft=${BUILD:-build}/weft
net=${WEFT_MODELS:-}/models/mlperf_tiny/kws01_dscnn_int8.tflite
[ -f "$net" ] || { echo "needs WEFT_MODELS (mlperf_tiny/kws01)"; exit 77; }
t=$(mktemp -d)
trap 'rm -rf "$t"' EXIT
n=0 bad=0
expect() { # exit code, text in output or message, weft arguments
  want=$1 text=$2; shift 2
  n=$((n + 1))
  timeout 60 "$weft" "$@" --progress none >"$t/out" 2>&1
  status=$?
  if [ $status -ne "$want" ] || { [ -n "$text" ] && ! grep -qF -- "$text" "$t/out"; }; then
    echo "weft $*: exit $status, wanted $want with '$text':"; head -n 8 "$t/out"
    bad=$((bad + 1))
  fi
}
same() {
  n=$((n + 1))
  cmp "$1" "$2" || bad=$((bad + 1))
}

expect 0 instructions compile "$net" -o "$t/net.weft"
expect 0 instructions compile "$net" -o "$t/again.weft"
same "$t/net.weft" "$t/again.weft"
expect 0 "outputs d7bd75648bbf76c4" run "$t/net.weft" --seed 1
expect 0 "outputs d7bd75648bbf76c4" run "$t/net.weft" --seed 1 -c base
expect 0 "outputs d7bd75648bbf76c4" run "$t/net.weft" --seed 1 --poison 7
expect 0 "outputs d7bd75648bbf76c4" run "$t/net.weft" --seed 1 -c base --set dram.latency=99
expect 3 "CONFIG_HASH" run "$t/net.weft" --seed 1 -c tiny
expect 3 "CONFIG_HASH" run "$t/net.weft" --seed 1 --set ring.kib=32
expect 2 "a program file" run "$t/net.weft" --seed 1 --backend ref
expect 2 "a program file" check "$t/net.weft"
expect 2 "a program file" verify "$t/net.weft" --seed 1
expect 2 "a program file" compile "$t/net.weft" -o "$t/x"
expect 2 "a network" inspect "$net"
expect 0 "" inspect "$t/net.weft" -o "$t/net.txt"
expect 0 instructions assemble "$t/net.txt" -o "$t/back.weft"
same "$t/net.weft" "$t/back.weft"

expect 0 "config base dram.latency=99" verify "$net" --seed 1 --set dram.latency=99
expect 0 "byte for byte" verify "$net" --seed 1 --program "$t/net.weft"
sed 's/CLAMP VAL_B=0x00807f80/CLAMP VAL_B=0x00801080/' "$t/net.txt" >"$t/bad.txt"
n=$((n + 1)); cmp -s "$t/net.txt" "$t/bad.txt" && { echo "the edit changed nothing"; bad=$((bad + 1)); }
expect 0 instructions assemble "$t/bad.txt" -o "$t/bad.weft"
expect 6 "layer 0 CONV_2D" verify "$net" --seed 1 --program "$t/bad.weft"
expect 6 "elements differ" verify "$net" --seed 1 --program "$t/bad.weft"
expect 6 '"mismatch": {"layer": 0, "op": "CONV_2D"' verify "$net" --seed 1 --program "$t/bad.weft" --json
expect 6 '"expected": ' verify "$net" --seed 1 --program "$t/bad.weft" --json
"$weft" verify "$net" --seed 1 --tensors --json | grep -o '"tensors": \[.*\]}\]' | sed 's/}\].*//' >"$t/verified"
"$weft" run "$net" --seed 1 --tensors --json | grep -o '"tensors": \[.*\]}\]' | sed 's/}\].*//' >"$t/ran"
n=$((n + 1)); [ "$(grep -o sha256 "$t/ran" | wc -l)" -eq 13 ] || { echo "tensors are not listed"; bad=$((bad + 1)); }
same "$t/ran" "$t/verified"
# a race: the first EXC no longer waits for its input, which only the RTL would show
sed '0,/^EXC wait=0:1 /s//EXC /' "$t/net.txt" >"$t/race.txt"
n=$((n + 1)); cmp -s "$t/net.txt" "$t/race.txt" && { echo "the edit changed nothing"; bad=$((bad + 1)); }
expect 0 instructions assemble "$t/race.txt" -o "$t/race.weft"
expect 3 "while its writer may still run" run "$t/race.weft" --seed 1
expect 3 "while its writer may still run" run "$t/race.weft" --seed 1 --backend rtl
expect 3 "PROGRAM" assemble "$net" -o "$t/x"
sed 's/^EXC /EXX /' "$t/net.txt" >"$t/word.txt"
expect 3 "EXX" assemble "$t/word.txt" -o "$t/x"
expect 3 "word.txt, line $(grep -n -m1 "^EXX" "$t/word.txt" | cut -d: -f1)" assemble "$t/word.txt" -o "$t/x"

size=$(wc -c <"$t/net.weft")
for at in 0 8 9 20 100 $((size / 2)) $((size - 1)); do
  head -c "$at" "$t/net.weft" >"$t/cut.weft"
  if [ "$at" -ge 8 ]; then expect 3 "PROGRAM" run "$t/cut.weft" --seed 1
  else expect 3 "MODEL" run "$t/cut.weft" --seed 1; fi
  { head -c "$at" "$t/net.weft"; printf '\125'; tail -c +$((at + 2)) "$t/net.weft"; } >"$t/flip.weft"
  cmp -s "$t/flip.weft" "$t/net.weft" && continue
  expect 3 "error" run "$t/flip.weft" --seed 1
done
n=$((n + 1)); [ -e "$t/x" ] && { echo "a failed verb left a file"; bad=$((bad + 1)); }
ls "$t" | grep -q part && { echo "a partial file was left"; bad=$((bad + 1)); }
expect 2 "legalize" compile "$net" -d nopass
expect 0 "" compile "$net" -d tile
echo "$n checks, $bad bad"
[ $bad -eq 0 ]
