#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# weft build on stand-ins for its tools: the fastest seed is kept, another is tried while timing is
# missed; a Gowin part is judged by its second netlist less 30 %, not by what its seeds tell.
set -u
build=${BUILD:-build}
weft=$(realpath "$build/weft")
mkdir -p "$build/tests"
dir=$(mktemp -d "$(realpath "$build")/tests/judged.XXXXXX")
trap 'rm -rf "$dir"' EXIT
bad=0 n=0
. tests/common/stand_in_tools.sh
# expect EXIT MHZ SURROGATE_MHZ CALLS RESULT ARGS: seed, Fmax and verdict as the manifest has them
expect() {
  want=$1 calls=$4 result=$5
  export MHZ="$2" SURROGATE_MHZ="$3"
  shift 5
  n=$((n + 1))
  rm -rf "$dir/a" "$CALLS"
  "$weft" build "$@" -o "$dir/a" --progress none >"$dir/out" 2>"$dir/err" </dev/null
  got=$?
  told=$(python3 -c 'import json, sys; d = json.load(open(sys.argv[1])); print(d["seed"], d["fmax_mhz"], d["timing_met"])' "$dir/a/manifest.json")
  packed=$(ls "$dir/a/pack" 2>/dev/null | grep -c -e "bit$" -e "fs$")
  [ $got -eq "$want" ] && [ "$(sort "$CALLS" | paste -sd ' ')" = "$calls" ] && [ "$told" = "$result" ] && [ "$packed" = $((want == 0)) ] || {
    bad=$((bad + 1)); echo "FAIL: $*, MHz $MHZ: exit $got, placed $(paste -sd ' ' "$CALLS"), $told, $packed bitstreams; $(cat "$dir/err")"; }
}
expect 0 "81 84.5 83" 0 "1 2 3" "2 84.5 True" ulx3s-25f --seeds 3
expect 0 "84.5 81 83" 0 "1 2 3" "1 84.5 True" ulx3s-25f --seeds 3
expect 0 "81 83 84.5" 0 "1 2 3" "3 84.5 True" ulx3s-25f --seeds 3
expect 0 "80 99" 0 "1" "1 80 True" ulx3s-25f
expect 0 "70 79.5 85 99" 0 "1 2 3" "3 85 True" ulx3s-25f
expect 7 "70 79.5 71 72 99" 0 "1 2 3 4" "2 79.5 False" ulx3s-25f
expect 7 "70 79.5 99" 0 "1 2" "2 79.5 False" ulx3s-25f --seeds 2
expect 0 "70 85 84 83" 0 "1 2 3 4" "2 85 True" ulx3s-25f -j 64
expect 7 79.99 99 "1" "1 79.99 False" ulx3s-25f --seeds 1
grep -q "79.99 MHz; worst" "$dir/err" || { bad=$((bad + 1)); echo "FAIL: 79.99 of 80 is told as $(grep MHz "$dir/err")"; }
# 40.5 / 0.7 is 57.86
expect 0 151.7 57.9 "1 surrogate" "1 40.53 True" tangnano20k
expect 7 151.7 57.8 "1 surrogate" "1 40.46 False" tangnano20k
expect 0 "60 50" 100 "1 2 surrogate" "1 70 True" tangnano20k --seeds 2
echo "weft build on stand-ins: $n builds, $bad judged wrong"
[ $bad -eq 0 ]
